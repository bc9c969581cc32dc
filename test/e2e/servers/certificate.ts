import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "../deployment";
import type { Identity } from "./listen";

/** A certificate for an IP address (and for LDAP clients, which look for a name only), from an authority that nobody else trusts. */
export async function privateCertificate(address: string): Promise<Identity & { readonly ca: string }> {
  const folder = await mkdtemp(join(tmpdir(), "jupyterhub-ca-"));
  const file = (name: string) => join(folder, name);
  const newKey = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    file(name),
  ];
  try {
    await writeFile(
      file("names"),
      `subjectAltName=IP:${address},DNS:${address}\nbasicConstraints=CA:FALSE\n`,
    );
    await execa("openssl", [
      ...["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-out", file("ca.pem")],
      ...newKey("ca.key"),
    ]);
    await execa("openssl", [
      "req",
      "-subj",
      "/CN=Test server",
      "-out",
      file("request"),
      ...newKey("key.pem"),
    ]);
    await execa("openssl", [
      ...[
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        file("request"),
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca.key"),
      ],
      ...["-CAcreateserial", "-extfile", file("names"), "-out", file("cert.pem")],
    ]);
    const read = (name: string) => readFile(file(name), "utf8");
    return { ca: await read("ca.pem"), cert: await read("cert.pem"), key: await read("key.pem") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
