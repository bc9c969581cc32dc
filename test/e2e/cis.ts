/**
 * What the CIS Docker Benchmark (1.6) asks of containers and images, as far as it concerns what the program makes.
 * What a container needs to differ in is in EXCEPTIONS, with the reason; docs/security.md has the same list.
 */
import type { ContainerInspectInfo } from "dockerode";

import { ROLE_LABEL } from "../../docker-api/naming";

interface Check {
  readonly item: string;
  readonly what: string;
  /** What is wrong, or undefined. */
  readonly look: (container: ContainerInspectInfo, prefix: string) => string | false | undefined;
}

const SENSITIVE = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/root", "/home"];

const binds = ({ Mounts }: ContainerInspectInfo) => Mounts.filter(({ Type }) => Type === "bind");
const options = ({ HostConfig }: ContainerInspectInfo): string[] =>
  (HostConfig.SecurityOpt ?? []) as string[];
const networks = ({ NetworkSettings }: ContainerInspectInfo) => Object.keys(NetworkSettings.Networks);

const CHECKS: readonly Check[] = [
  {
    item: "4.1",
    what: "not root",
    look: ({ Config: { User } }) => (/^(0|root)?(:|$)/.test(User) ? `user ${User || "root"}` : false),
  },
  {
    item: "4.6",
    what: "health check",
    look: ({ Config }) => (Config.Healthcheck?.Test?.length ?? 0) === 0 && "none",
  },
  {
    item: "5.3",
    what: "capabilities",
    look: ({ HostConfig }) => {
      const dropped = ((HostConfig.CapDrop ?? []) as string[]).includes("ALL");
      const added = (HostConfig.CapAdd ?? []) as string[];
      return !dropped ? "not all dropped" : added.length > 0 && `added ${added.join(", ")}`;
    },
  },
  {
    item: "5.4",
    what: "not privileged",
    look: ({ HostConfig }) => HostConfig.Privileged === true && "privileged",
  },
  {
    item: "5.5",
    what: "no folders of the host",
    look: (one) => binds(one).find(({ Source }) => SENSITIVE.includes(Source))?.Source,
  },
  {
    item: "5.7",
    what: "no privileged ports inside",
    look: ({ HostConfig }) =>
      Object.keys((HostConfig.PortBindings ?? {}) as object).find((port) => Number.parseInt(port) < 1024),
  },
  {
    item: "5.8",
    what: "no needless published ports",
    look: ({ HostConfig }) => Object.keys((HostConfig.PortBindings ?? {}) as object).join(", ") || undefined,
  },
  {
    item: "5.9",
    what: "no host network",
    look: ({ HostConfig }) => HostConfig.NetworkMode === "host" && "host network",
  },
  { item: "5.10", what: "memory limit", look: ({ HostConfig }) => !HostConfig.Memory && "none" },
  {
    item: "5.12",
    what: "read-only root",
    look: ({ HostConfig }) => HostConfig.ReadonlyRootfs !== true && "writable",
  },
  {
    item: "5.15",
    what: "no host processes",
    look: ({ HostConfig }) => HostConfig.PidMode === "host" && "host",
  },
  { item: "5.16", what: "no host IPC", look: ({ HostConfig }) => HostConfig.IpcMode === "host" && "host" },
  {
    item: "5.17",
    what: "no devices",
    look: ({ HostConfig }) => ((HostConfig.Devices ?? []) as object[]).length > 0 && "devices",
  },
  {
    item: "5.19",
    what: "no shared mounts",
    look: ({ Mounts }) => Mounts.find(({ Propagation }) => Propagation === "shared")?.Destination,
  },
  { item: "5.20", what: "no host UTS", look: ({ HostConfig }) => HostConfig.UTSMode === "host" && "host" },
  {
    item: "5.21",
    what: "system call filter",
    look: (one) => options(one).find((option) => option === "seccomp=unconfined"),
  },
  { item: "5.24", what: "own control group", look: ({ HostConfig }) => HostConfig.CgroupParent || undefined },
  {
    item: "5.25",
    what: "no new privileges",
    look: (one) => !options(one).some((option) => /^no-new-privileges(:true)?$/.test(option)) && "allowed",
  },
  {
    item: "5.28",
    what: "limit of processes",
    look: ({ HostConfig }) =>
      !(HostConfig.PidsLimit ?? 0) &&
      !((HostConfig.Ulimits ?? []) as { Name: string }[]).some(({ Name }) => Name === "nproc") &&
      "none",
  },
  {
    item: "5.29",
    what: "not Docker's default bridge",
    look: (one) => networks(one).includes("bridge") && "bridge",
  },
  {
    item: "5.30",
    what: "no host user namespace",
    look: ({ HostConfig }) => HostConfig.UsernsMode === "host" && "host",
  },
  {
    item: "5.31",
    what: "no Docker socket",
    look: (one) => binds(one).find(({ Source }) => Source.endsWith("docker.sock"))?.Source,
  },
  {
    item: "2.12",
    what: "log rotation",
    look: ({ HostConfig }) =>
      (HostConfig.LogConfig as { Config?: Record<string, string> } | undefined)?.Config?.["max-size"] ===
        undefined && "none",
  },
];

/** Item and role, and why it is so. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  "4.1 docker-filter": "whoever may talk to the engine owns the host; root inside adds nothing",
  "4.1 firewall": "rules are changed by root; NET_ADMIN is all it has",
  "4.1 hub-people-file": "runs once, without a network, to give a volume its owner",
  "4.1 proxy-settings": "runs once, without a network, to give a volume its owner",
  "4.6 hub-people-file": "runs once and ends",
  "4.6 proxy-settings": "runs once and ends",
  "4.6 user": "the hub asks the server itself",
  "5.3 firewall": "NET_ADMIN: it changes the host's rules",
  "5.3 hub-people-file": "gives a volume its owner",
  "5.3 proxy-settings": "gives a volume its owner",
  "5.8 proxy": "the way in",
  "5.9 firewall": "the rules are those of the host's network",
  "5.10 hub-people-file": "runs once and ends",
  "5.10 proxy-settings": "runs once and ends",
  "5.12 hub": "its settings and secrets are put in as files, which a read-only container cannot be given",
  "5.12 docker-filter": "its settings are put in as a file",
  "5.12 routes": "its settings are put in as a file",
  "5.12 egress": "its settings and key are put in as files",
  "5.12 hub-people-file": "what it gives to the hub is put in as a file",
  "5.12 proxy-settings": "what it gives to the proxy is put in as files",
  "5.12 database": "its password and rules are put in as files",
  "5.12 user": "people install packages; what they write outside of their home goes with the container",
  "5.28 database": "the provider knows no such limit; only the hub is a client, and memory is limited",
  "5.28 docker-filter":
    "the provider knows no such limit, and root has no limit of a user; memory is limited",
  "5.28 firewall": "as the filter",
  "5.28 hub-people-file": "runs once and ends",
  "5.28 proxy-settings": "runs once and ends",
  "5.31 docker-filter": "it is what keeps the socket from the others",
};

/** Violations that no exception covers, and exceptions that nothing needs any more. */
export function findings(
  containers: readonly ContainerInspectInfo[],
  prefix: string,
): { checked: number; violations: string[] } {
  // What a test has put there is not the program's.
  const made = containers.filter(({ Config }) => Config.Labels[ROLE_LABEL] !== "test");
  const found = made.flatMap((container) =>
    CHECKS.map(({ item, what, look }) => {
      const role = container.Config.Labels[ROLE_LABEL] ?? "";
      return { key: `${item} ${role}`, what, wrong: look(container, prefix) };
    }),
  );
  const wrong = found.filter(({ wrong: problem }) => problem);
  const violations = wrong
    .filter(({ key }) => EXCEPTIONS[key] === undefined)
    .map(({ key, what, wrong: problem }) => `${key}: ${what}: ${String(problem)}`);
  const roles = new Set(made.map(({ Config }) => Config.Labels[ROLE_LABEL] ?? ""));
  const needless = Object.keys(EXCEPTIONS).filter(
    (key) => roles.has(key.split(" ")[1] ?? "") && !wrong.some((one) => one.key === key),
  );
  return {
    checked: found.length,
    violations: [...violations, ...needless.map((key) => `${key}: needless exception`)],
  };
}
