/** What a Swarm needs, and what does not go together there. */
import type { Path } from "../errors";
import type { StorageConfig, VisibleValues } from "../types";
import { type Cidr, overlap, parseCidr, size } from "../values/cidr";
import type { Report, Values } from "./report";
import { own, words } from "./words";

type Swarm = VisibleValues["swarm"];

export function checkSwarm(values: Values, report: Report): void {
  const { variant, swarm, storage } = values;
  if (variant !== "swarm" || !swarm) {
    return;
  }
  checkRegistry(swarm, report);
  if (!swarm.homes) {
    report.refuse(
      ["swarm", "homes"],
      words`where homes are: shared-path, nfs or volume; or local with pinned: true, which binds each user to one node`,
      {
        got: words`nothing: a volume of one node is empty on the next`,
        set: { kind: "shared-path", path: "/mnt/homes" },
      },
    );
  }
  checkNetworks(swarm, report);
  checkPlacement(values, swarm, report);
  checkUnsupported(values, report);
  if (storage && swarm.homes) {
    checkFolders(values, storage, swarm.homes.kind, report);
  }
  const names = swarm.nodes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const index = names.lastIndexOf(twice);
    report.refuse(["swarm", "nodes", index], words`each machine once`, {
      got: words`${report.value(["swarm", "nodes", index, "name"])} twice`,
      remove: true,
    });
  }
  warn(values, swarm, report);
  const { registry, homes } = swarm;
  if (registry && homes) {
    report.derive({ swarm: { ...swarm, registry, homes } });
  }
}

function checkRegistry({ registry }: Swarm, report: Report): void {
  if (!registry) {
    report.refuse(
      ["swarm", "registry", "address"],
      words`a registry that all nodes reach (an image of one node is not on the others)`,
      { got: words`none` },
    );
  } else if ((registry.user === undefined) !== (registry.password === undefined)) {
    const missing = registry.user === undefined ? "user" : "password";
    report.refuse(["swarm", "registry", missing], words`user and password, or neither`, {
      got: words`no ${own(missing)}`,
      set: missing === "user" ? "jupyterhub" : "<the secret>",
    });
  }
}

function warn({ ports, network, storage }: Values, swarm: Swarm, report: Report): void {
  if (ports && ports.address !== "0.0.0.0") {
    report.warn(
      words`${report.key(["ports", "address"])}: Swarm publishes ports on all addresses of an entry node.`,
    );
  }
  if (network?.subnet !== undefined) {
    report.warn(
      words`${report.key(["network", "subnet"])}: has no effect in a Swarm: notebooks are on swarm.network.subnet.`,
    );
  }
  const managers = 1 + swarm.nodes.filter(({ role }) => role === "manager").length;
  if (managers === 2) {
    report.warn(
      words`${report.key(["swarm", "nodes"])}: two managers are worse than one: the loss of either stops the Swarm. Use one or three.`,
    );
  }
  if (!storage) {
    return;
  }
  if (swarm.homes?.kind === "local") {
    report.warn(
      words`${report.key(["swarm", "homes"])}: while a node is down, its users have no files and no server.`,
    );
    return;
  }
  for (const [name, { driver, options }] of Object.entries(storage.volumes)) {
    if (driver !== "local" || Object.keys(options).length > 0) {
      continue;
    }
    report.warn(
      words`${report.key(["storage", "volumes", name])}: each node has its own volume: files written on one node are missing on the next. Give it a driver or options, such as those of NFS.`,
    );
  }
}

/** What other variants can, and a Swarm cannot yet. */
function checkUnsupported({ tls, notebook, database, egress }: Values, report: Report): void {
  if (tls?.kind === "acme") {
    report.refuse(
      ["tls", "kind"],
      words`self-signed, files, or off behind a load balancer, as all entry nodes share one certificate`,
      { got: words`acme`, set: "files" },
    );
  }
  if (database?.kind === "postgres") {
    report.refuse(
      ["database", "kind"],
      words`sqlite, or url with a PostgreSQL server that all managers reach`,
      { got: words`postgres`, set: "sqlite" },
    );
  }
  const profiles = (notebook?.profiles ?? []).map(({ gpus }, index) => ({
    path: ["notebook", "profiles", index, "gpus"],
    gpus,
  }));
  for (const { path, gpus } of [{ path: ["notebook", "gpus"], gpus: notebook?.gpus }, ...profiles]) {
    if (gpus === undefined) {
      continue;
    }
    report.refuse(path, words`no GPUs: services of a Swarm cannot request them`, {
      got: words`some`,
      remove: true,
    });
  }
  if ((egress?.allow.length ?? 0) > 0) {
    report.refuse(["egress", "allow"], words`no list: notebooks of a Swarm can reach the internet directly`, {
      remove: true,
    });
  }
}

/** The key that says where homes are, as only other variants do. */
function placeOf(homes: StorageConfig["homes"]): "kind" | "name" | "driver" | undefined {
  if (homes.kind !== "volume") {
    return "kind";
  }
  if (homes.name !== undefined) {
    return "name";
  }
  return homes.driver === "local" ? undefined : "driver";
}

/** Folders that people share are on a file system that all nodes share, or each node would have its own. */
function checkFolders({ groups = {} }: Values, storage: StorageConfig, homes: string, report: Report): void {
  const place = placeOf(storage.homes);
  if (place !== undefined) {
    const kind = report.value(["storage", "homes", "kind"], storage.homes.kind);
    report.refuse(
      ["storage", "homes", ...(place === "kind" ? [] : [place])],
      words`only mountPath: in a Swarm, swarm.homes says where homes are`,
      { got: place === "kind" ? words`kind ${kind}` : words`a ${own(place)} of volumes`, remove: true },
    );
  }
  if (homes === "shared-path") {
    return;
  }
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
    const kind = ["swarm", "homes", "kind"];
    report.refuse(kind, words`shared-path, for ${own(path.join("."))}: a folder that all nodes have`, {
      got: report.value(kind, homes),
      set: "shared-path",
    });
  }
}

/** Constraints are of profiles and groups that there are. */
function checkPlacement({ notebook, groups }: Values, swarm: Swarm, report: Report): void {
  const check = (key: "ofProfiles" | "ofGroups", what: string, of: Path, known: readonly string[]): void => {
    for (const name of Object.keys(swarm.notebooks[key])) {
      if (known.includes(name)) {
        continue;
      }
      report.refuse(
        ["swarm", "notebooks", key, name],
        known.length === 0
          ? words`the name of a ${own(what)}, but there are none`
          : words`the name of a ${own(what)}: ${report.value(of, known.join(", "))}`,
        { got: own(JSON.stringify(name)), remove: true },
      );
    }
  };
  if (notebook) {
    const slugs = notebook.profiles.map(({ slug }) => slug);
    check("ofProfiles", "profile", ["notebook", "profiles"], slugs);
  }
  if (groups) {
    check("ofGroups", "group", ["groups"], Object.keys(groups));
  }
}

const SUBNET = ["swarm", "network", "subnet"];
const CONTROL = ["swarm", "network", "control"];

function checkNetworks({ network, nodes, proxy }: Swarm, report: Report): void {
  const [notebooks, control] = [parseCidr(network.subnet), parseCidr(network.control)];
  const subnet = () => report.value(SUBNET, network.subnet);
  const other = () => report.value(CONTROL, network.control);
  if (!notebooks) {
    report.refuse(SUBNET, words`a network's first address`, { got: subnet(), set: "172.31.0.0/24" });
  }
  if (!control) {
    report.refuse(CONTROL, words`a network's first address`, { got: other(), set: "172.31.1.0/24" });
  }
  if (!notebooks || !control) {
    return;
  }
  if (overlap(notebooks, control)) {
    report.refuse(CONTROL, words`a network that does not overlap ${subnet()}`, {
      got: other(),
      set: "172.31.255.0/24",
    });
  }
  const { servers } = network;
  const fit = serversThatFit(notebooks, nodes.length + 1, proxy.replicas);
  if (servers === undefined || servers <= fit) {
    return;
  }
  const bits = [...Array(13).keys()]
    .map((index) => 28 - index)
    .find((prefix) => serversThatFit({ base: 0, bits: prefix }, nodes.length + 1, proxy.replicas) >= servers);
  const wanted = report.value([...SUBNET.slice(0, 2), "servers"], String(servers));
  report.refuse(
    SUBNET,
    words`a network with addresses for ${wanted} notebook servers${own(bits === undefined ? "" : `: /${bits} or larger`)}`,
    { got: words`${subnet()}, which has ${own(fit)}`, set: `172.16.0.0/${bits ?? 16}` },
  );
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
