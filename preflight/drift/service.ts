/** Fields of a Swarm service that `docker service update`, `scale` and `rollback` change. */
import { difference, entries, type Fields, fields, list } from "./fields";
import type { FoundService } from "./swarm-shapes";

type Spec = FoundService["Spec"];
type Container = NonNullable<Spec["TaskTemplate"]["ContainerSpec"]>;

/** What is different between what the provider made and what there is. */
export function serviceChanges(outputs: Fields, { Spec }: FoundService): string[] {
  const task = fields(outputs["taskSpec"]);
  const { ContainerSpec } = Spec.TaskTemplate;
  return [
    ...replicas(outputs, Spec),
    ...(ContainerSpec === undefined ? [] : containerChanges(fields(task["containerSpec"]), ContainerSpec)),
    ...taskChanges(task, Spec.TaskTemplate),
    ...given(outputs["labels"], () => difference("labels", labels(outputs["labels"]), pairs(Spec.Labels))),
    ...updates(fields(outputs["updateConfig"]), Spec.UpdateConfig ?? undefined),
    ...endpoint(fields(outputs["endpointSpec"]), Spec.EndpointSpec ?? undefined),
  ];
}

/** A text or number, or what stands for none. */
const shown = (value: unknown, none = ""): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : none;

/** Nothing is said of what the provider left out. */
const given = (wanted: unknown, compare: () => string[]): string[] =>
  wanted === undefined || wanted === null ? [] : compare();

const same = (field: string, wanted: unknown, found: unknown): string[] =>
  given(wanted, () => difference(field, [wanted], [found ?? "none"]));

function replicas(outputs: Fields, { Mode }: Spec): string[] {
  const wanted = fields(fields(outputs["mode"])["replicated"])["replicas"];
  return same("replicas", wanted, Mode.Replicated?.Replicas ?? 0);
}

function containerChanges(wanted: Fields, found: Container): string[] {
  const words = (value: unknown) => [list(value).map(String).join(" ")].filter((text) => text !== "");
  const ofFiles = (kind: "secret" | "config") =>
    entries(wanted[`${kind}s`]).map(
      (one) => `${String(one[`${kind}Name`])} (${String(one[`${kind}Id`])}) as ${String(one["fileName"])}`,
    );
  return given(wanted["image"], () => [
    ...same("image", wanted["image"], found.Image),
    ...difference("command", words(wanted["commands"]), words(found.Command)),
    ...difference("arguments", words(wanted["args"]), words(found.Args)),
    ...same("user", wanted["user"] || undefined, found.User),
    ...environment(wanted["env"], found.Env),
    ...difference(
      "mounts",
      entries(wanted["mounts"]).map(({ type, source, target, readOnly }) =>
        mount(type, source, target, readOnly === true),
      ),
      found.Mounts.map((one) => mount(one.Type, one.Source, one.Target, one.ReadOnly === true)),
    ),
    ...difference(
      "secrets",
      ofFiles("secret"),
      found.Secrets.map((one) => `${one.SecretName} (${one.SecretID}) as ${one.File?.Name ?? ""}`),
    ),
    ...difference(
      "configs",
      ofFiles("config"),
      found.Configs.map((one) => `${one.ConfigName} (${one.ConfigID}) as ${one.File?.Name ?? ""}`),
    ),
    ...difference("container labels", labels(wanted["labels"]), pairs(found.Labels)),
    ...difference("added capabilities", list(wanted["capAdds"]), found.CapabilityAdd),
    ...difference("dropped capabilities", list(wanted["capDrops"]), found.CapabilityDrop),
    ...difference("kernel settings", pairs(fields(wanted["sysctl"])), pairs(found.Sysctls)),
    ...same("read-only", wanted["readOnly"] === true, found.ReadOnly === true),
    ...difference(
      "hosts",
      entries(wanted["hosts"]).map(({ ip, host }) => `${String(ip)} ${String(host)}`),
      found.Hosts,
    ),
    ...same("stop grace period", seconds(wanted["stopGracePeriod"]), inSeconds(found.StopGracePeriod)),
    ...given(wanted["healthcheck"], () =>
      difference("health check", health(fields(wanted["healthcheck"])), foundHealth(found.Healthcheck)),
    ),
  ]);
}

function taskChanges(task: Fields, found: Spec["TaskTemplate"]): string[] {
  // Where the provider says nothing of resources, none are limited.
  const resources = fields(task["resources"]);
  const amounts = (wanted: unknown, of: { MemoryBytes: number; NanoCPUs: number } | null | undefined) => {
    const { memoryBytes, nanoCpus } = fields(wanted);
    return { memory: [memoryBytes ?? 0, of?.MemoryBytes ?? 0], cpus: [nanoCpus ?? 0, of?.NanoCPUs ?? 0] };
  };
  const limits = amounts(resources["limits"], found.Resources?.Limits);
  const reserved = amounts(resources["reservation"], found.Resources?.Reservations);
  const policy = fields(task["restartPolicy"]);
  const driver = fields(task["logDriver"]);
  const networks = entries(task["networksAdvanceds"]);
  return given(task["containerSpec"], () => [
    ...same("memory", ...memory(limits.memory)),
    ...same("CPUs", ...cpus(limits.cpus)),
    ...same("reserved memory", ...memory(reserved.memory)),
    ...same("reserved CPUs", ...cpus(reserved.cpus)),
    ...difference(
      "constraints",
      list(fields(task["placement"])["constraints"]),
      found.Placement?.Constraints ?? [],
    ),
    ...difference(
      "networks",
      networks.map(({ id, name }) => id ?? name),
      found.Networks.map(({ Target }) => Target),
    ),
    ...difference(
      "aliases",
      networks.flatMap(({ aliases }) => list(aliases)),
      found.Networks.flatMap(({ Aliases }) => Aliases),
    ),
    ...same("restart condition", policy["condition"] || undefined, found.RestartPolicy?.Condition),
    ...same("restart delay", seconds(policy["delay"]), inSeconds(found.RestartPolicy?.Delay)),
    ...same("restart attempts", policy["maxAttempts"], found.RestartPolicy?.MaxAttempts ?? 0),
    ...given(driver["name"], () => [
      ...same("log driver", driver["name"], found.LogDriver?.Name),
      ...difference("log options", pairs(fields(driver["options"])), pairs(found.LogDriver?.Options ?? {})),
    ]),
  ]);
}

function updates(wanted: Fields, found: Spec["UpdateConfig"]): string[] {
  return [
    ...same("update parallelism", wanted["parallelism"], found?.Parallelism),
    ...same("update order", wanted["order"], found?.Order),
    ...same("update failure action", wanted["failureAction"], found?.FailureAction),
  ];
}

function endpoint(wanted: Fields, found: Spec["EndpointSpec"]): string[] {
  const port = (target: unknown, published: unknown, protocol: unknown, mode: unknown) =>
    `${shown(published, "0")}:${shown(target)}/${shown(protocol, "tcp")} (${shown(mode, "ingress")})`;
  return [
    ...same("endpoint mode", wanted["mode"] || undefined, found?.Mode),
    ...given(wanted["mode"] ?? wanted["ports"], () =>
      difference(
        "ports",
        entries(wanted["ports"]).map((one) =>
          port(one["targetPort"], one["publishedPort"], one["protocol"], one["publishMode"]),
        ),
        (found?.Ports ?? []).map((one) =>
          port(one.TargetPort, one.PublishedPort, one.Protocol, one.PublishMode),
        ),
      ),
    ),
  ];
}

/** Values may be secret: they are compared and not shown. */
function environment(wanted: unknown, found: readonly string[]): string[] {
  const before = fields(wanted);
  const now = Object.fromEntries(
    found.map((line) => [line.replace(/=.*/s, ""), line.replace(/^[^=]*=?/s, "")]),
  );
  const changed = Object.keys(before).filter((name) => name in now && String(before[name]) !== now[name]);
  return [
    ...difference("environment", Object.keys(before), Object.keys(now)),
    ...(changed.length === 0 ? [] : [`environment: the value of ${changed.sort().join(", ")} was changed`]),
  ];
}

const mount = (type: unknown, source: unknown, target: unknown, readOnly: boolean): string =>
  [type, source || undefined, target]
    .filter((part) => part !== undefined)
    .map(String)
    .join(":") + (readOnly ? ":ro" : "");

const labels = (value: unknown): string[] =>
  entries(value).map(({ label, value: text }) => `${String(label)}=${String(text)}`);

const pairs = (value: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(value).map(([key, text]) => `${key}=${String(text)}`);

const MIB = 1024 * 1024;

const memory = ([wanted, found]: readonly unknown[]) =>
  [wanted, found].map((bytes) => (bytes === 0 ? "none" : `${Number(bytes) / MIB} MiB`)) as [string, string];

const cpus = ([wanted, found]: readonly unknown[]) =>
  [wanted, found].map((nano) => (nano === 0 ? "none" : String(Number(nano) / 1e9))) as [string, string];

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a duration as Go writes it, such as `1m30s`; undefined where there is none. */
function seconds(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") {
    return undefined;
  }
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return `${parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0)} s`;
}

const inSeconds = (nanoseconds: number | null | undefined): string => `${(nanoseconds ?? 0) / 1e9} s`;

const health = (wanted: Fields): string[] => [
  [
    list(wanted["tests"]).map(String).join(" "),
    `every ${seconds(wanted["interval"]) ?? "0 s"}`,
    `timeout ${seconds(wanted["timeout"]) ?? "0 s"}`,
    `start period ${seconds(wanted["startPeriod"]) ?? "0 s"}`,
    `${shown(wanted["retries"], "0")} retries`,
  ].join(" "),
];

const foundHealth = (found: Container["Healthcheck"]): string[] =>
  found === null || found === undefined
    ? []
    : [
        [
          found.Test.join(" "),
          `every ${inSeconds(found.Interval)}`,
          `timeout ${inSeconds(found.Timeout)}`,
          `start period ${inSeconds(found.StartPeriod)}`,
          `${found.Retries} retries`,
        ].join(" "),
      ];
