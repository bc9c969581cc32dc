/** What a Swarm needs, and what does not go together there. */
import {
  formatKey,
  removeCommand,
  setCommand,
  type ConfigError,
  type Path,
  type SetOptions,
} from "../errors";
import { overlap, parseCidr, size, type Cidr } from "../cidr";
import type { ParseContext } from "../context";
import type { StorageConfig, SwarmConfig } from "../types";
import type { CheckResult, Values } from "./check";

export function checkSwarm(values: Values, context: ParseContext): Partial<CheckResult> {
  const { variant, swarm, storage, ports, network } = values;
  if (variant !== "swarm" || !swarm) return {};
  const error: MakeError = (path, expected, got, example, options) => ({
    key: formatKey(context.project, path),
    expected,
    got,
    fix:
      example === undefined
        ? `Remove it with: ${removeCommand(context.project, path)}`
        : `Set it with: ${setCommand(context.project, path, example, options)}`,
  });
  const errors: ConfigError[] = [];

  if (!swarm.registry) {
    errors.push(
      error(
        ["swarm", "registry", "address"],
        "a registry that all nodes reach (an image of one node is not on the others)",
        "none",
        "registry.example.org:5000",
      ),
    );
  } else if ((swarm.registry.user === undefined) !== (swarm.registry.password === undefined)) {
    const missing = swarm.registry.user === undefined ? "user" : "password";
    const example = missing === "user" ? "jupyterhub" : "<the secret>";
    errors.push(
      error(["swarm", "registry", missing], "user and password, or neither", `no ${missing}`, example, {
        secret: missing === "password",
      }),
    );
  }
  if (!swarm.homes) {
    errors.push(
      error(
        ["swarm", "homes"],
        "where homes are: shared-path, nfs or volume; or local with pinned: true, which binds each user to one node",
        "nothing, and a volume of one node is empty on the next",
        { kind: "shared-path", path: "/mnt/homes" },
      ),
    );
  }
  errors.push(...checkNetworks(swarm, error), ...checkPlacement(values, swarm, error));
  errors.push(...checkOtherRooms(values, error));
  if (storage && swarm.homes) errors.push(...checkFolders(values, storage, swarm.homes.kind, error));

  const names = swarm.nodes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const path = ["swarm", "nodes", names.lastIndexOf(twice)];
    errors.push(error(path, "each machine once", `${JSON.stringify(twice)} twice`));
  }

  const warnings: string[] = [];
  if (ports && ports.address !== "0.0.0.0") {
    warnings.push(
      `${formatKey(context.project, ["ports", "address"])}: Swarm publishes ports on all addresses of an entry node.`,
    );
  }
  if (network?.subnet !== undefined) {
    warnings.push(
      `${formatKey(context.project, ["network", "subnet"])}: has no effect in a Swarm, where notebooks are on ` +
        "swarm.network.subnet.",
    );
  }
  const managers = 1 + swarm.nodes.filter(({ role }) => role === "manager").length;
  if (managers === 2) {
    warnings.push(
      `${formatKey(context.project, ["swarm", "nodes"])}: two managers are worse than one: the loss of either stops ` +
        "the Swarm. Make it one or three.",
    );
  }
  if (storage && swarm.homes?.kind === "local") {
    warnings.push(
      `${formatKey(context.project, ["swarm", "homes"])}: a user whose node is down has no files and no server until ` +
        "it is back.",
    );
  }
  const local = Object.entries(storage?.volumes ?? {}).filter(
    ([, { driver, options }]) => driver === "local" && Object.keys(options).length === 0,
  );
  for (const [name] of swarm.homes?.kind === "local" ? [] : local) {
    warnings.push(
      `${formatKey(context.project, ["storage", "volumes", name])}: a volume of each node by itself: what a server ` +
        "writes there is not there on the next node. Give it a driver or options, such as those of NFS.",
    );
  }
  return { errors, warnings };
}

/** What other variants can, and a Swarm cannot yet. */
function checkOtherRooms({ tls, notebook, database, egress }: Values, error: MakeError): ConfigError[] {
  const errors: ConfigError[] = [];
  if (tls?.kind === "acme") {
    errors.push(
      error(
        ["tls", "kind"],
        "self-signed, files, or off behind a load balancer, as all entry nodes share one certificate",
        tls.kind,
        "files",
      ),
    );
  }
  if (database?.kind === "postgres") {
    errors.push(
      error(
        ["database", "kind"],
        "sqlite, or url with a PostgreSQL server that all managers reach",
        database.kind,
        "sqlite",
      ),
    );
  }
  if (notebook?.gpus !== undefined) {
    errors.push(
      error(["notebook", "gpus"], "no GPUs in a Swarm, whose services cannot ask for them", "some"),
    );
  }
  for (const [index, { gpus }] of (notebook?.profiles ?? []).entries()) {
    if (gpus === undefined) continue;
    const path = ["notebook", "profiles", index, "gpus"];
    errors.push(error(path, "no GPUs in a Swarm, whose services cannot ask for them", "some"));
  }
  if ((egress?.allow.length ?? 0) > 0) {
    errors.push(
      error(["egress", "allow"], "no list: notebooks of a Swarm reach the internet directly", "a list"),
    );
  }
  return errors;
}

/** The key that says where homes are, as only other variants do. */
function placeOf(homes: StorageConfig["homes"]): "kind" | "name" | "driver" | undefined {
  if (homes.kind !== "volume") return "kind";
  if (homes.name !== undefined) return "name";
  return homes.driver === "local" ? undefined : "driver";
}

/** Folders that people share are on a file system that all nodes share, or each node would have its own. */
function checkFolders(
  { groups = {} }: Values,
  storage: StorageConfig,
  homes: string,
  error: MakeError,
): ConfigError[] {
  const errors: ConfigError[] = [];
  const place = placeOf(storage.homes);
  if (place !== undefined) {
    errors.push(
      error(
        ["storage", "homes", ...(place === "kind" ? [] : [place])],
        "no more than mountPath: where homes are in a Swarm is said by swarm.homes",
        place === "kind" ? `kind ${storage.homes.kind}` : `a ${place} of volumes`,
      ),
    );
  }
  if (homes === "shared-path") return errors;
  const { uid, gid } = storage.owner;
  const wanted: [Path, boolean][] = [
    [["storage", "shared"], storage.shared],
    [["storage", "colab"], storage.colab],
    [["storage", "users"], storage.users],
    [["storage", "labSettings", "apart"], storage.labSettings.apart],
    [["storage", "owner"], uid !== 1000 || gid !== 100],
    ...Object.entries(groups).map(([name, { folder }]): [Path, boolean] => [
      ["groups", name, "folder"],
      folder !== "none",
    ]),
  ];
  for (const [path] of wanted.filter(([, isWanted]) => isWanted)) {
    errors.push(
      error(
        ["swarm", "homes", "kind"],
        `shared-path, for ${path.join(".")}: a folder that all nodes have`,
        homes,
        "shared-path",
      ),
    );
  }
  return errors;
}

/** Constraints are of profiles and groups that there are. */
function checkPlacement({ notebook, groups }: Values, swarm: SwarmConfig, error: MakeError): ConfigError[] {
  const check = (key: "ofProfiles" | "ofGroups", what: string, known: readonly string[]) =>
    Object.keys(swarm.notebooks[key])
      .filter((name) => !known.includes(name))
      .map((name) =>
        error(
          ["swarm", "notebooks", key, name],
          known.length === 0
            ? `the name of a ${what}, and there are none`
            : `the name of a ${what}: ${known.join(", ")}`,
          JSON.stringify(name),
        ),
      );
  return [
    ...(notebook
      ? check(
          "ofProfiles",
          "profile",
          notebook.profiles.map(({ slug }) => slug),
        )
      : []),
    ...(groups ? check("ofGroups", "group", Object.keys(groups)) : []),
  ];
}

/** Without an example, the fix is to remove the key. */
type MakeError = (
  path: Path,
  expected: string,
  got: string,
  example?: unknown,
  options?: SetOptions,
) => ConfigError;

function checkNetworks({ network, nodes, proxy }: SwarmConfig, error: MakeError): ConfigError[] {
  const [notebooks, control] = [parseCidr(network.subnet), parseCidr(network.control)];
  const errors: ConfigError[] = [];
  if (!notebooks) {
    errors.push(
      error(["swarm", "network", "subnet"], "a network's first address", network.subnet, "172.31.0.0/24"),
    );
  }
  if (!control) {
    errors.push(
      error(["swarm", "network", "control"], "a network's first address", network.control, "172.31.1.0/24"),
    );
  }
  if (!notebooks || !control) return errors;
  if (overlap(notebooks, control)) {
    errors.push(
      error(
        ["swarm", "network", "control"],
        `a network that does not overlap ${network.subnet}`,
        network.control,
        "172.31.255.0/24",
      ),
    );
  }
  const fit = serversThatFit(notebooks, nodes.length + 1, proxy.replicas);
  if (network.servers !== undefined && network.servers > fit) {
    const bits = [...Array(13).keys()]
      .map((index) => 28 - index)
      .find(
        (prefix) =>
          serversThatFit({ base: 0, bits: prefix }, nodes.length + 1, proxy.replicas) >=
          (network.servers ?? 0),
      );
    errors.push(
      error(
        ["swarm", "network", "subnet"],
        `a network with addresses for ${network.servers} notebook servers` +
          (bits === undefined ? "" : `: /${bits} or larger`),
        `${network.subnet}, which has ${fit}`,
        `172.16.0.0/${bits ?? 16}`,
      ),
    );
  }
  return errors;
}

/** Addresses that the stack's own services take on the network of notebooks: the hub. */
const OWN = 1;

/**
 * Notebook servers that have an address: without the network's own three (network, gateway, broadcast), one that
 * Swarm takes on each node, and those of hub and proxies.
 */
export function serversThatFit(network: Cidr, nodes: number, proxies: number): number {
  return Math.max(0, size(network) - 3 - nodes - OWN - proxies);
}
