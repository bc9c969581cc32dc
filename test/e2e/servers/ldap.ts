import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa, freePorts } from "../deployment";
import type { Identity } from "./listen";

const SUFFIX = "dc=example,dc=org";
const SLAPD = "/usr/sbin/slapd";

/** OpenLDAP with a few people and groups, with TLS, on an address of the Docker host. */
export class LdapServer {
  private constructor(
    readonly port: number,
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /**
   * @param people passwords by uid
   * @param groups uids by cn
   */
  static async start(
    host: string,
    identity: Identity,
    people: Readonly<Record<string, string>>,
    groups: Readonly<Record<string, readonly string[]>>,
  ): Promise<LdapServer> {
    const folder = await mkdtemp(join(tmpdir(), "jupyterhub-ldap-"));
    const file = (name: string) => join(folder, name);
    await mkdir(file("db"));
    await writeFile(file("cert.pem"), identity.cert);
    await writeFile(file("key.pem"), identity.key, { mode: 0o600 });
    await writeFile(file("slapd.conf"), configuration(folder));
    await writeFile(file("data.ldif"), data(people, groups));
    await execa("/usr/sbin/slapadd", ["-f", file("slapd.conf"), "-l", file("data.ldif")]);
    const [port = 0] = await freePorts(1);
    // With -d it stays in the foreground.
    const args = ["-h", `ldap://${host}:${port}`, "-f", file("slapd.conf"), "-d", "0"];
    const server = new LdapServer(port, folder, spawn(SLAPD, args, { stdio: "ignore" }));
    await server.#ready(host);
    return server;
  }

  async #ready(host: string): Promise<void> {
    const end = Date.now() + 10_000;
    for (;;) {
      const socket = connect(this.port, host);
      const isUp = await Promise.race([
        once(socket, "connect").then(() => true),
        once(socket, "error").then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (isUp) {
        return;
      }
      if (Date.now() > end || this.process.exitCode !== null) {
        throw new Error("slapd did not start");
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill();
      await once(this.process, "exit");
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const ldapPeople = `ou=people,${SUFFIX}`;
export const ldapGroup = (name: string): string => `cn=${name},ou=groups,${SUFFIX}`;
/** Who may search: nobody may do so without logging in. */
export const ldapSearcher = { dn: `cn=hub,${SUFFIX}`, password: "password of the searcher" };

function configuration(folder: string): string {
  return `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile ${folder}/cert.pem
TLSCertificateKeyFile ${folder}/key.pem
# A password in clear text is refused.
security simple_bind=128
database mdb
suffix "${SUFFIX}"
directory ${folder}/db
access to attrs=userPassword by anonymous auth
access to * by users read
`;
}

function data(
  people: Readonly<Record<string, string>>,
  groups: Readonly<Record<string, readonly string[]>>,
): string {
  const entry = (dn: string, ...lines: readonly string[]) => [`dn: ${dn}`, ...lines, ""].join("\n");
  return [
    entry(SUFFIX, "objectClass: dcObject", "objectClass: organization", "o: Example", "dc: example"),
    entry(ldapPeople, "objectClass: organizationalUnit", "ou: people"),
    entry(`ou=groups,${SUFFIX}`, "objectClass: organizationalUnit", "ou: groups"),
    entry(
      ldapSearcher.dn,
      "objectClass: organizationalRole",
      "objectClass: simpleSecurityObject",
      "cn: hub",
      `userPassword: ${ldapSearcher.password}`,
    ),
    ...Object.entries(people).map(([uid, password]) =>
      entry(
        `uid=${uid},${ldapPeople}`,
        "objectClass: inetOrgPerson",
        `uid: ${uid}`,
        `cn: ${uid}`,
        `sn: ${uid}`,
        `userPassword: ${password}`,
      ),
    ),
    ...Object.entries(groups).map(([cn, uids]) =>
      entry(
        ldapGroup(cn),
        "objectClass: groupOfNames",
        `cn: ${cn}`,
        ...uids.map((uid) => `member: uid=${uid},${ldapPeople}`),
      ),
    ),
  ].join("\n");
}
