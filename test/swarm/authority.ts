/** An authority of the cluster's own, and the certificates that it signs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { sh } from "./shell";

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export class Authority {
  private constructor(
    private readonly folder: string,
    /** File with its certificate in PEM. */
    readonly file: string,
    /** That certificate. */
    readonly certificate: string,
  ) {}

  /** Makes one whose files are in a folder. */
  static async create(folder: string): Promise<Authority> {
    const file = join(folder, "ca.pem");
    await sh(
      ...(["openssl", "req", "-x509", ...CURVE, "-days", "2", "-subj", "/CN=test"] as const),
      ...["-keyout", join(folder, "ca.key"), "-out", file],
    );
    return new Authority(folder, file, await readFile(file, "utf8"));
  }

  /** Signs a certificate for addresses, or for a client without any; returns the files of it and of its key. */
  async issue(
    name: string,
    addresses: readonly string[] = [],
  ): Promise<{ certificate: string; key: string }> {
    const at = (ending: string): string => join(this.folder, `${name}.${ending}`);
    await writeFile(
      at("ext"),
      addresses.length === 0
        ? "extendedKeyUsage=clientAuth\n"
        : `subjectAltName=${addresses.map((address) => `IP:${address}`).join(",")}\n`,
    );
    await sh("openssl", "req", ...CURVE, "-subj", `/CN=${name}`, "-keyout", at("key"), "-out", at("csr"));
    await sh(
      ...(["openssl", "x509", "-req", "-in", at("csr"), "-days", "2", "-extfile", at("ext")] as const),
      ...["-CA", this.file, "-CAkey", join(this.folder, "ca.key"), "-CAcreateserial", "-out", at("pem")],
    );
    return { certificate: at("pem"), key: at("key") };
  }
}
