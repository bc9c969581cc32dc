/** `tls`: where the certificate comes from. */
import { z } from "zod";
import { key } from "./key";

export const tls = key(
  z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("self-signed"),
        days: key(z.int().min(1).max(825).default(365), {
          description: "Days that the generated certificate is valid. Browsers refuse more than 825.",
          expected: "a whole number of days from 1 to 825",
          example: 90,
          change: "A new certificate is made.",
        }),
      }),
      z.strictObject({
        kind: z.literal("files"),
        certificate: key(z.string().min(1), {
          description:
            "PEM file with the server's certificate first, then the intermediate certificates. " +
            "Relative to the folder of `Pulumi.yaml`.",
          expected: "the path of a PEM file with the certificate and its chain",
          example: "./tls/fullchain.pem",
          change: "The new certificate is put in place.",
        }),
        key: key(z.string().min(1), {
          description: "PEM file with the certificate's private key, without a passphrase.",
          expected: "the path of a PEM file with the private key",
          example: "./tls/privkey.pem",
          change: "The new key is put in place.",
        }),
      }),
    ])
    .prefault({ kind: "self-signed" }),
  {
    description:
      "Where the certificate comes from. `self-signed`: one is generated, and browsers warn until they trust it. " +
      "`files`: PEM files on the machine that runs Pulumi; key, names, chain and expiry are checked.",
    expected: "a map whose kind is self-signed or files",
    example: { kind: "files", certificate: "./tls/fullchain.pem", key: "./tls/privkey.pem" },
    change: "A new certificate is put in place.",
  },
);
