/** Keys that are often written in another place than theirs. Pure. */
import type { Path } from "./errors";

/**
 * Where a key belongs, and where it is written by mistake: at the top (``) or in another section.
 *
 * A name alone says little (`environment` of the hub is not that of a DNS provider), so nothing is looked up by its
 * last word: what is not in this table gets no hint. Who adds a line has to be sure that in each of the places it could
 * not be meant as anything else.
 */
const MISPLACED: Readonly<Record<string, readonly string[]>> = {
  domain: ["hub", "proxy", "edge", "tls", "dns", "ports"],
  database: ["hub", "storage"],
  "auth.admins": ["", "hub", "servers", "notebook"],
  "auth.blocked": ["", "hub", "servers", "notebook"],
  "auth.usersFile": ["", "hub", "servers", "notebook"],
  "auth.allowExistingUsers": ["", "hub", "servers", "notebook"],
  "auth.allowedGroups": ["", "hub", "servers"],
  "auth.adminGroups": ["", "hub", "servers"],
  "auth.manageGroups": ["", "hub", "servers"],
  "auth.autoLogin": ["", "hub", "servers"],
  "auth.logoutRedirect": ["", "hub", "edge"],
  "auth.usernames": ["", "hub"],
  "edge.hsts": ["", "tls", "proxy", "hub"],
  "edge.loginRate": ["", "auth", "hub", "proxy", "network"],
  "edge.requestRate": ["", "hub", "proxy", "network"],
  "edge.maxBodySize": ["", "hub", "proxy", "network", "notebook", "servers"],
  "edge.minimumTls": ["", "tls", "proxy", "hub"],
  "edge.securityHeaders": ["", "tls", "proxy", "hub"],
  "edge.redirectedDomains": ["", "tls", "proxy", "hub", "dns"],
  "edge.servedDomains": ["", "tls", "proxy", "hub", "dns"],
  "edge.userSubdomains": ["", "tls", "proxy", "hub", "dns", "servers", "notebook"],
  "dns.caaIssuer": ["", "tls", "edge", "proxy"],
  "hub.announcement": ["", "servers", "notebook", "auth"],
  "hub.baseUrl": ["", "proxy", "edge", "servers", "ports"],
  "hub.extraConfig": ["", "auth", "notebook", "proxy", "servers"],
  "hub.loginLockout": ["", "auth", "edge", "proxy"],
  "hub.staticFiles": ["", "proxy", "edge"],
  "network.mtu": ["", "docker", "swarm.network"],
  "notebook.jupyterlab": ["", "hub", "servers"],
  "notebook.profiles": ["", "hub", "servers"],
  "proxy.accessLog": ["", "edge", "hub", "logging"],
  "servers.activeServerLimit": ["", "hub", "notebook"],
  "servers.concurrentSpawnLimit": ["", "hub", "notebook"],
  "servers.disableUserConfig": ["", "hub", "notebook"],
  "servers.httpTimeout": ["", "notebook"],
  "servers.idle": ["", "hub", "notebook"],
  "servers.named": ["", "hub", "notebook"],
  "servers.shutdownOnLogout": ["", "auth", "hub", "notebook"],
  "storage.colab": ["", "notebook"],
  "storage.labSettings": ["", "notebook", "hub"],
  "storage.shared": ["", "notebook"],
  "storage.volumes": ["", "notebook"],
  "tls.trustedProxies": ["", "edge", "proxy", "hub", "network"],
  // Without the word that groups them. `*` is any name, or the number in a list.
  ...Object.fromEntries(
    ["notebook", "notebook.profiles.*", "users.*", "groups.*"].flatMap((place) =>
      ["cpuShares", "cpus", "memory", "memoryReservation", "processes", "shmSize", "swap"].map((name) => [
        `${place}.limits.${name}`,
        [place],
      ]),
    ),
  ),
};

/** By the wrong place, the right one. */
const RIGHT: ReadonlyMap<string, string> = new Map(
  Object.entries(MISPLACED).flatMap(([right, wrong]) => {
    const name = right.split(".").at(-1) ?? right;
    return wrong.map((place): [string, string] => [place === "" ? name : `${place}.${name}`, right]);
  }),
);

/** The place of the key that is surely meant by one at `path`, where there is none; undefined where that is not sure. */
export function rightPlace(path: Path): Path | undefined {
  const pattern = path.map((step, index) => (isName(path, index) ? "*" : String(step))).join(".");
  const right = RIGHT.get(pattern)?.split(".");
  return right?.map((step, index) => (step === "*" ? (path[index] ?? step) : step));
}

/** Whether a step is chosen by whoever writes the configuration: a person, a group, a number in a list. */
function isName(path: Path, index: number): boolean {
  return typeof path[index] === "number" || (index === 1 && (path[0] === "users" || path[0] === "groups"));
}
