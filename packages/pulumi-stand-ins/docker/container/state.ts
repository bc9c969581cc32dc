/** A container's state, from `GET /containers/{id}/json`. */
import type Docker from "dockerode";

import type { Props } from "../../lib/serve";
import { isZero } from "../bridge/shape";
import { durationText, MIB, texts } from "../values";

interface Health {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

type Inspected = Docker.ContainerInspectInfo & {
  Platform: string;
  Config: { Healthcheck?: Health; StopSignal?: string; StopTimeout?: number };
  NetworkSettings: { Bridge: string };
  HostConfig: { Init?: boolean | null; Runtime?: string; StorageOpt?: Record<string, string> };
};

/**
 * What the engine tells of a container. What it mixes with the image's own settings (environment, labels) or does not
 * keep (uploads, wait, …) is left out: it stays as the program gave it.
 *
 * @param known the inputs or the state before, which decide how some answers are told.
 */
export function containerState(info: Docker.ContainerInspectInfo, known: Props): Props {
  const found = info as Inspected;
  return {
    name: found.Name.replace(/^\//, ""),
    image:
      typeof known.image === "string" && known.image.startsWith("sha256:") ? found.Image : found.Config.Image,
    ...runState(found, known),
    ...configured(found),
    ...hostState(found, known),
    ...limits(found.HostConfig),
    ...networkState(found, known),
  };
}

/** A container that should run and does not is told as `mustRun: false`, so that the next update starts it. */
function runState(found: Inspected, known: Props): Props {
  if (found.State.Running) {
    return {};
  }
  return { exitCode: found.State.ExitCode, ...(known.mustRun === true ? { mustRun: false } : {}) };
}

function configured({ Config: config, Platform }: Inspected): Props {
  const health = config.Healthcheck;
  return {
    hostname: config.Hostname,
    domainname: config.Domainname,
    command: config.Cmd,
    entrypoints: entrypoint(config.Entrypoint),
    user: config.User,
    workingDir: config.WorkingDir,
    tty: config.Tty,
    stdinOpen: config.OpenStdin,
    stopSignal: config.StopSignal ?? "",
    stopTimeout: config.StopTimeout ?? 0,
    platform: Platform,
    ...(health === undefined
      ? {}
      : {
          healthcheck: {
            tests: health.Test ?? [],
            interval: durationText(health.Interval),
            timeout: durationText(health.Timeout),
            startPeriod: durationText(health.StartPeriod),
            startInterval: durationText(health.StartInterval),
            retries: health.Retries ?? 0,
          },
        }),
  };
}

const entrypoint = (value: string | string[] | null | undefined): string[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value : [value];

function hostState({ HostConfig: host }: Inspected, known: Props): Props {
  return {
    rm: host.AutoRemove,
    readOnly: host.ReadonlyRootfs,
    dns: host.Dns,
    dnsOpts: host.DnsOptions,
    dnsSearches: host.DnsSearch,
    securityOpts: host.SecurityOpt ?? [],
    publishAllPorts: host.PublishAllPorts,
    restart: host.RestartPolicy?.Name ?? "no",
    maxRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    init: host.Init ?? false,
    ...(isZero(host.CapAdd) && isZero(host.CapDrop)
      ? {}
      : { capabilities: { adds: texts(host.CapAdd), drops: texts(host.CapDrop) } }),
    runtime: host.Runtime ?? "",
    mounts: ((host.Mounts ?? []) as unknown as Props[]).map(mountState),
    tmpfs: host.Tmpfs ?? {},
    hosts: ((host.ExtraHosts ?? []) as string[]).map(hostEntry),
    privileged: host.Privileged,
    logDriver: host.LogConfig?.Type,
    logOpts: isZero(known.logOpts) ? {} : host.LogConfig?.Config,
    storageOpts: host.StorageOpt ?? {},
    networkMode: host.NetworkMode,
    ...(isZero(known.pidMode) ? {} : { pidMode: host.PidMode }),
    usernsMode: host.UsernsMode,
    sysctls: host.Sysctls ?? {},
    ipcMode: host.IpcMode,
    groupAdds: host.GroupAdd ?? [],
    ...(isZero(known.ulimits)
      ? {}
      : {
          ulimits: (host.Ulimits ?? []).map((limit) => ({
            name: limit.Name,
            soft: limit.Soft,
            hard: limit.Hard,
          })),
        }),
  };
}

/** A mount of a container or a Swarm task. */
export function mountState(entry: Props): Props {
  const volume = entry.VolumeOptions as Props | undefined;
  const driver = volume?.DriverConfig as Props | undefined;
  const bind = entry.BindOptions as Props | undefined;
  const tmpfs = entry.TmpfsOptions as Props | undefined;
  return {
    type: entry.Type,
    target: entry.Target,
    source: entry.Source ?? "",
    readOnly: entry.ReadOnly ?? false,
    bindOptions: bind && { propagation: bind.Propagation ?? "" },
    volumeOptions: volume && {
      noCopy: volume.NoCopy ?? false,
      labels: Object.entries((volume.Labels ?? {}) as Props).map(([label, value]) => ({ label, value })),
      driverName: driver?.Name ?? "",
      driverOptions: driver?.Options ?? {},
      subpath: volume.Subpath ?? "",
    },
    tmpfsOptions: tmpfs && { sizeBytes: tmpfs.SizeBytes ?? 0, mode: tmpfs.Mode ?? 0 },
  };
}

function hostEntry(text: string): Props {
  const at = text.indexOf(":");
  return { host: text.slice(0, at), ip: text.slice(at + 1) };
}

function limits(host: Docker.HostConfig): Props {
  const mebibytes = (bytes: number | undefined): number =>
    bytes !== undefined && bytes > 0 ? Math.floor(bytes / MIB) : (bytes ?? 0);
  const throttle = (entries: unknown): Props[] =>
    ((entries ?? []) as Props[]).map((entry) => ({ path: entry.Path, rate: entry.Rate }));
  return {
    memory: mebibytes(host.Memory),
    memoryReservation: mebibytes(host.MemoryReservation),
    memorySwap: mebibytes(host.MemorySwap),
    shmSize: mebibytes(host.ShmSize),
    ...(host.NanoCpus !== undefined && host.NanoCpus > 0 ? { cpus: String(host.NanoCpus / 1e9) } : {}),
    cpuShares: host.CpuShares ?? 0,
    cpuSet: host.CpusetCpus ?? "",
    deviceReadBps: throttle(host.BlkioDeviceReadBps),
    deviceReadIops: throttle(host.BlkioDeviceReadIOps),
    deviceWriteBps: throttle(host.BlkioDeviceWriteBps),
    deviceWriteIops: throttle(host.BlkioDeviceWriteIOps),
  };
}

function networkState(found: Inspected, known: Props): Props {
  const settings = found.NetworkSettings;
  const networks = Object.entries(settings.Networks).sort(([a], [b]) => (a < b ? -1 : 1));
  const tellsPorts = found.State.Running || known.mustRun === true;
  return {
    bridge: settings.Bridge,
    networkDatas: networks.map(([networkName, network]) => ({
      networkName,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      gateway: network.Gateway,
      globalIpv6Address: network.GlobalIPv6Address,
      globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
      ipv6Gateway: network.IPv6Gateway,
      macAddress: network.MacAddress,
    })),
    ...(tellsPorts && !isZero(known.ports) ? { ports: portState(settings.Ports) } : {}),
  };
}

function portState(ports: Record<string, { HostIp: string; HostPort: string }[] | null>): Props[] {
  return Object.entries(ports)
    .sort(([a], [b]) => parseInt(a, 10) - parseInt(b, 10))
    .flatMap(([key, bindings]) => {
      const [internal, protocol] = key.split("/");
      return (bindings ?? []).map((binding) => ({
        internal: Number(internal),
        external: Number(binding.HostPort),
        ip: binding.HostIp,
        protocol,
      }));
    });
}
