/** Keys of a stack that express what an older hub's configuration says. Pure. */
import { personIn } from "../../config/values/volume-names";
import type { OldHub, Value } from "./read-config";

/** What the engine knows of the older deployment. */
export interface OldHost {
  /** Names of all volumes without labels of a stack. */
  readonly volumes: readonly string[];
  /** Ports that its containers publish: of the host, by those in the container. */
  readonly ports: readonly { readonly host: number; readonly container: number }[];
}

export interface Expressed {
  /** Keys without `jupyterhub:`. */
  readonly keys: Readonly<Record<string, unknown>>;
  /** Homes that are there, by person. */
  readonly homes: Readonly<Record<string, string>>;
  /** What it has that no key was written for, in sentences. */
  readonly left: readonly string[];
  /** Keys with secrets, which the administrator sets. */
  readonly secrets: readonly string[];
}

const AUTHENTICATORS: Readonly<Record<string, string>> = {
  github: "github",
  gitlab: "gitlab",
  google: "google",
  azuread: "azuread",
  native: "native",
};

/** Settings that the stack has in its own way: nothing is lost with them. */
const OWN =
  /^(JupyterHub\.(spawner_class|authenticator_class|hub_ip|hub_connect_ip|hub_port|bind_url|ip|port|cookie_secret_file|db_url|ssl_key|ssl_cert|log_level|data_files_path|pid_file|cleanup_servers)|\w*Spawner\.(image|container_image|network_name|use_internal_ip|volumes|notebook_dir|remove|remove_containers|debug|extra_host_config|hub_ip_connect|mem_limit|cpu_limit|cmd|extra_create_kwargs|name_template|prefix|host_ip|pull_policy)|\w*Authenticator\.(client_id|client_secret|oauth_callback_url|admin_users|allowed_users|whitelist|allow_all|allow_existing_users|open_signup))$/;

export function express(old: OldHub, host: OldHost, prefix: string): Expressed {
  const { config } = old;
  const left: string[] = [];
  const section = (end: string, name: string): Value | undefined => {
    const found = Object.entries(config).filter(([one]) => one.endsWith(end));
    return found.map(([, values]) => values[name]).find((one) => one !== undefined && one !== null);
  };
  const names = (...keys: string[]) => [
    ...new Set(keys.flatMap((key) => [section("Authenticator", key) ?? []].flat().filter(isText))),
  ];
  const homes = homesOf(section, old, host, prefix, left);
  const login = loginOf(config, section, names, old, left);
  const limits = limitsOf(section, left);
  const image = section("Spawner", "image") ?? section("Spawner", "container_image");
  if (image !== undefined) {
    left.push(
      `The notebook image ${show(image)}: it needs the JupyterHub version of this project in it. Set notebook.image once it has.`,
    );
  }
  const callback = section("Authenticator", "oauth_callback_url");
  const domain = isText(callback) && URL.canParse(callback) ? new URL(callback).hostname : undefined;
  if (domain === undefined) {
    left.push(
      "The host name of the hub: set domain. People stay logged in only under the name that they use now.",
    );
  }
  for (const [one, values] of Object.entries(config)) {
    for (const name of Object.keys(values)) {
      if (!OWN.test(`${one}.${name}`)) {
        left.push(`c.${one}.${name}: see docs/configuration.md for a key, or set it with hub.extraConfig.`);
      }
    }
  }
  return {
    keys: {
      variant: "single-host",
      ...(domain === undefined ? {} : { domain }),
      ...portsOf(host, left),
      auth: login.auth,
      storage: { homes: homes.keys, ...(Object.keys(homes.others).length > 0 && { volumes: homes.others }) },
      ...(Object.keys(limits).length > 0 && { notebook: { limits } }),
    },
    homes: homes.people,
    left,
    secrets: login.secrets,
  };
}

type Read = (end: string, name: string) => Value | undefined;

const isText = (value: unknown): value is string => typeof value === "string";
const show = (value: Value): string => (isText(value) ? value : JSON.stringify(value));

/** DockerSpawner's volumes: by name or path, with the place in the server, or that and the mode. */
function homesOf(section: Read, old: OldHub, host: OldHost, prefix: string, left: string[]) {
  const volumes = section("Spawner", "volumes");
  const given = typeof volumes === "object" && volumes !== null && !Array.isArray(volumes) ? volumes : {};
  const others: Record<string, unknown> = {};
  let keys: Record<string, unknown> | undefined;
  let people: Record<string, string> = {};
  for (const [source, target] of Object.entries(given)) {
    const bind = isText(target) ? target : (target as { readonly bind?: Value } | null)?.bind;
    if (!isText(bind)) {
      continue;
    }
    const mountPath = bind.replaceAll("{username}", "jovyan");
    const template = source.replaceAll("{raw_username}", "{username}");
    if (template.includes("{username}") && keys === undefined) {
      if (template !== source) {
        left.push(
          `Homes in ${source} of people whose names have other characters than a-z and 0-9: they get new ones.`,
        );
      }
      const users = old.database.users.map(([name]) => name);
      if (template.startsWith("/")) {
        keys = {
          kind: "volume",
          name: `${prefix}.old-{username}`,
          options: { type: "none", o: "bind", device: template },
          mountPath,
        };
        people = Object.fromEntries(users.map((name) => [name, template.replaceAll("{username}", name)]));
        continue;
      }
      people = Object.fromEntries(
        host.volumes.flatMap((volume) => {
          const name = personIn(template, volume);
          return name !== undefined && users.includes(name) ? [[name, volume]] : [];
        }),
      );
      const takenOver = template.startsWith("{username}") ? { takenOver: Object.keys(people).sort() } : {};
      keys = { kind: "volume", name: template, ...takenOver, mountPath };
      continue;
    }
    if (source.startsWith("/") || source.includes("{")) {
      left.push(`The mount of ${source} at ${bind}: only volumes are written into storage.volumes.`);
      continue;
    }
    const mode = isText(target) ? undefined : (target as { readonly mode?: Value }).mode;
    const key = source
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 30);
    others[key || "volume"] = { name: source, mountPath: bind, ...(mode === "ro" && { readOnly: true }) };
  }
  if (keys === undefined) {
    left.push("Homes: the spawner has no volume with {username} in its name. New people get new volumes.");
  }
  return { keys: keys ?? { kind: "volume" }, people, others };
}

function loginOf(
  config: OldHub["config"],
  section: Read,
  names: (...keys: string[]) => string[],
  old: OldHub,
  left: string[],
) {
  const chosen = config["JupyterHub"]?.["authenticator_class"];
  const word = isText(chosen) ? (chosen.split(/[.:]/).at(-1) ?? "") : "pam";
  const kind =
    AUTHENTICATORS[
      word
        .toLowerCase()
        .replace(/^local-?/, "")
        .replace(/o?authenticator$/, "")
    ];
  const inDatabase = old.database.users;
  const admins = [
    ...new Set([...names("admin_users"), ...inDatabase.filter(([, admin]) => admin).map(([name]) => name)]),
  ].sort();
  const allowed = names("allowed_users", "whitelist").filter((name) => !admins.includes(name));
  const people = { users: allowed.sort(), admins };
  if (kind === undefined) {
    left.push(
      `The login ${isText(chosen) ? chosen : "PAM"}: shared-password stands in the file in its place. docs/login.md has all kinds.`,
    );
    const users = inDatabase.map(([name]) => name).filter((name) => !admins.includes(name));
    return {
      auth: { kind: "shared-password", users: [...new Set([...allowed, ...users])].sort(), admins },
      secrets: [],
    };
  }
  if (kind === "native") {
    if (admins.length === 0) {
      left.push("Administrators: none is in the configuration or the database. Set auth.admins.");
    }
    return { auth: { kind, admins }, secrets: [] };
  }
  const clientId = section("Authenticator", "client_id");
  return {
    auth: { kind, ...(isText(clientId) && { clientId }), ...people, allowExistingUsers: true },
    secrets: ["auth.clientSecret"],
  };
}

function limitsOf(section: Read, left: string[]): Record<string, unknown> {
  const memory = section("Spawner", "mem_limit");
  const cpus = section("Spawner", "cpu_limit");
  const isAmount = typeof memory === "number" || (isText(memory) && /^\d+(\.\d+)?[KMGT]?$/i.test(memory));
  if (memory !== undefined && !isAmount) {
    left.push(`The memory limit ${show(memory)}: set notebook.limits.memory.`);
  }
  return {
    ...(isAmount && { memory: typeof memory === "number" ? `${Math.ceil(memory / 2 ** 20)}M` : memory }),
    ...(typeof cpus === "number" && { cpus }),
  };
}

function portsOf({ ports }: OldHost, left: string[]): { ports?: { https: number; http: number } } {
  if (ports.some(({ host }) => host === 443)) {
    return { ports: { https: 443, http: 80 } };
  }
  if (ports.length > 0) {
    const shown = ports.map(({ host }) => host).join(", ");
    left.push(
      `The published ports ${shown}: the stack has its own, 8443 and 8080, always with HTTPS. Set ports.`,
    );
  }
  return {};
}
