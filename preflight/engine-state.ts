import { setKeyCommand } from "../config/keys";
/** States of an engine in which the stack would fail late, or run without its walls: each told at preview. Pure. */

/** Addresses that the engine takes networks from: of `Base`, each with the prefix length `Size`. */
export interface AddressPool {
  readonly Base: string;
  readonly Size: number;
}

/** What `GET /info` tells, as far as it matters here. Older engines leave things out. */
export interface EngineInfo {
  readonly OSType: string;
  readonly Architecture: string;
  readonly DockerRootDir: string;
  readonly MemTotal: number;
  readonly ServerVersion: string;
  readonly Name: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly IPv4Forwarding?: boolean;
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  readonly CgroupDriver?: string;
  readonly Driver?: string;
  readonly LiveRestoreEnabled?: boolean;
  readonly DefaultRuntime?: string;
  readonly Runtimes?: Readonly<
    Record<string, { readonly path?: string; readonly runtimeType?: string }>
  > | null;
  readonly DefaultAddressPools?: readonly AddressPool[] | null;
  /** Podman's own, in its answer in Docker's form. */
  readonly BuildahVersion?: string;
}

export interface WantedOfEngine {
  /** For commands that help. */
  readonly stack: string;
  readonly isSwarm: boolean;
  /** Whether servers have limits of processor time. */
  readonly limitsCpus: boolean;
  /** Names of the engine's networks. */
  readonly networks: readonly string[];
}

/** The oldest engine that this is tested with. */
const OLDEST = [20, 10] as const;

/** What keeps the stack from running there, and what is to be known. Each is one sentence, with the way out. */
export function engineProblems(
  info: EngineInfo,
  wanted: WantedOfEngine,
): { problems: string[]; warnings: string[] } {
  const { Name: name } = info;
  const [major = 0, minor = 0] = info.ServerVersion.split(".").map((part) => Number.parseInt(part, 10) || 0);
  // Another engine's answers of the rest would be told in words of Docker's settings.
  if (info.BuildahVersion !== undefined || (major > 1 && major < 17)) {
    return {
      problems: [
        `The engine of ${name}: expected a Docker Engine, got Podman (version ${info.ServerVersion}), whose networks and ` +
          "volumes are different. Install Docker Engine there, or name another host with: " +
          setKeyCommand(wanted.stack, "docker.host", "ssh://user@host"),
      ],
      warnings: [],
    };
  }
  const options = new Set(
    (info.SecurityOptions ?? []).flatMap((option) => /(?:^|,)name=([^,]+)/.exec(option)?.[1] ?? []),
  );
  const runtime = info.DefaultRuntime ?? "runc";
  const { path = "", runtimeType = "" } = info.Runtimes?.[runtime] ?? {};
  const isSandbox = /runsc|gvisor|kata/i.test([runtime, path, runtimeType].join(" "));
  const faults: [boolean, string, string, string][] = [
    [
      info.OSType !== "linux",
      "one that runs Linux containers",
      `one for ${info.OSType}`,
      "Switch it to Linux containers, or use another host",
    ],
    [
      major > 0 && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])),
      `version ${OLDEST.join(".")} or newer`,
      `version ${info.ServerVersion}`,
      "Install a newer one: https://docs.docker.com/engine/install",
    ],
    [
      options.has("userns"),
      "an engine without userns-remap",
      "userns-remap, with which no container can use the host's network (the firewall needs it) or read the engine's socket (the Docker filter needs it)",
      'Remove "userns-remap" from /etc/docker/daemon.json there (and --userns-remap from dockerd\'s command), then: sudo systemctl restart docker',
    ],
    [
      options.has("rootless"),
      "an engine that runs as root",
      "a rootless one, whose containers cannot use the host's network: the firewall's rules would not apply to notebooks",
      `Start the system's engine with: sudo systemctl enable --now docker   and name it with: ${setKeyCommand(wanted.stack, "docker.host", "unix:///var/run/docker.sock")}`,
    ],
    [
      info.IPv4Forwarding === false,
      "a host that forwards IPv4",
      "net.ipv4.ip_forward = 0, with which containers can reach nothing",
      "Turn it on with: sudo sysctl -w net.ipv4.ip_forward=1   (to keep it: a file in /etc/sysctl.d)",
    ],
    [
      wanted.networks.length > 0 && !wanted.networks.includes("bridge"),
      "an engine with its default network, which builds of images use",
      'none ("bridge": "none")',
      'Remove "bridge" from /etc/docker/daemon.json there, then: sudo systemctl restart docker',
    ],
    [
      isSandbox,
      "runc or another runtime on the host's own kernel as the default",
      `${runtime}, whose containers cannot use the host's network: the firewall's rules would be in a separate kernel`,
      'Set "default-runtime": "runc" in /etc/docker/daemon.json there, then: sudo systemctl restart docker',
    ],
    [
      wanted.isSwarm && info.LiveRestoreEnabled === true,
      "an engine without live-restore, which Docker does not combine with a Swarm",
      "live-restore",
      'Remove "live-restore" from /etc/docker/daemon.json there, then: sudo systemctl restart docker',
    ],
    [
      wanted.limitsCpus && info.CpuCfsQuota === false,
      "a kernel that can limit processor time (CONFIG_CFS_BANDWIDTH), since limits.cpus is set",
      "one that cannot: no server with that limit would start",
      "Remove limits.cpus everywhere, or start another kernel there",
    ],
  ];
  const without = [
    ...(info.MemoryLimit === false ? ["memory"] : []),
    ...(info.PidsLimit === false ? ["numbers of processes"] : []),
  ];
  const warnings = [
    ...(without.length === 0 && info.CgroupDriver !== "none"
      ? []
      : [
          `The engine of ${name} cannot limit ${without.join(" and ") || "anything"} (its kernel has no such cgroups): one ` +
            "notebook server can use up the whole host. On many systems, cgroup_enable=memory on the " +
            "kernel's command line turns this on.",
        ]),
    ...(info.Driver === "vfs"
      ? [
          `The engine of ${name} has the storage driver vfs: every container is a full copy of its image. See: docker info`,
        ]
      : []),
    ...(options.has("selinux")
      ? [
          `The engine of ${name} has SELinux on: where it is enforcing, its policy keeps the Docker filter from the engine's ` +
            "socket, and the hub stays unhealthy. See: getenforce",
        ]
      : []),
  ];
  return {
    problems: faults
      .filter(([isFault]) => isFault)
      .map(([, expected, got, fix]) => `The engine of ${name}: expected ${expected}, got ${got}. ${fix}`),
    warnings,
  };
}
