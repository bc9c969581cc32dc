/** `docker`: the engine that everything runs on. */
import { z } from "zod";

import { DOCKER_HOST } from "../constants";
import { key, section } from "./key";

const file = (what: string, name: string) =>
  key(z.string().min(1), {
    description: `PEM file with ${what}. Relative to the folder of \`Pulumi.yaml\`.`,
    expected: `the path of a PEM file with ${what}`,
    example: `./docker/${name}.pem`,
    change: "Nothing is replaced.",
  });

export const docker = section(
  {
    host: key(z.string().regex(DOCKER_HOST).optional(), {
      description: "Address of the Docker Engine.",
      otherwise: "`DOCKER_HOST` of the environment, else the local socket",
      expected: "unix:///path, ssh://user@host or tcp://host:port",
      example: "ssh://admin@docker.example.org",
      change: "Everything is created on the other engine; data stays where it was.",
    }),
    tls: section(
      {
        ca: file("the authority that signed the engine's certificate", "ca"),
        certificate: file("the client certificate that the engine accepts", "cert"),
        key: file("that certificate's private key", "key"),
      },
      {
        description:
          "Certificates for an engine at `tcp://` that was started with `--tlsverify`. Files on the machine that runs Pulumi; " +
          "the key is encrypted in the state.",
        otherwise: "those of `DOCKER_CERT_PATH`, as for the Docker command",
        example: { ca: "./docker/ca.pem", certificate: "./docker/cert.pem", key: "./docker/key.pem" },
        change: "The engine is reached with the new certificates; nothing is replaced.",
      },
    ).optional(),
  },
  {
    description: "The Docker Engine that everything runs on.",
    example: { host: "ssh://admin@docker.example.org" },
  },
).prefault({});
