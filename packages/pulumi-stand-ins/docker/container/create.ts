/** The body of `POST /containers/create`, from a container's inputs. */
import type Docker from "dockerode";

import type { Props } from "../../lib/serve";
import { labelMap, MIB, nanoseconds, textMap, texts } from "../values";

/** The security option that the command line, not the engine, understands. */
const UNCONFINED_PATHS = "systempaths=unconfined";

export function createBody(inputs: Props): Docker.ContainerCreateOptions {
  const ports = inputs.ports as Props[] | null;
  const volumes = volumeLists((inputs.volumes ?? []) as Props[]);
  const body = {
    name: inputs.name,
    Image: inputs.image,
    Hostname: inputs.hostname,
    Domainname: inputs.domainname,
    Tty: inputs.tty,
    OpenStdin: inputs.stdinOpen,
    StopSignal: inputs.stopSignal,
    StopTimeout: inputs.stopTimeout,
    User: inputs.user,
    WorkingDir: inputs.workingDir,
    Env: given(inputs.envs),
    Cmd: given(inputs.command),
    Entrypoint: given(inputs.entrypoints),
    Labels: labelMap(inputs.labels),
    platform: inputs.platform,
    Healthcheck: healthcheck(inputs.healthcheck as Props | null),
    ...(ports === null ? {} : { ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])) }),
    ...(Object.keys(volumes.paths).length === 0 ? {} : { Volumes: volumes.paths }),
    HostConfig: withoutNulls({
      ...processSettings(inputs),
      ...resourceLimits(inputs),
      ...(ports === null ? {} : { PortBindings: portBindings(ports) }),
      Binds: volumes.binds,
      VolumesFrom: volumes.from,
      Mounts: ((inputs.mounts ?? []) as Props[]).map(mount),
      Tmpfs: textMap(inputs.tmpfs),
      StorageOpt: inputs.storageOpts,
      NetworkMode: inputs.networkMode,
      Dns: given(inputs.dns),
      DnsOptions: given(inputs.dnsOpts),
      DnsSearch: given(inputs.dnsSearches),
      ExtraHosts: ((inputs.hosts ?? []) as Props[]).map(
        (entry) => `${String(entry.host)}:${String(entry.ip)}`,
      ),
      LogConfig: withoutNulls({ Type: inputs.logDriver, Config: textMap(inputs.logOpts) }),
    }),
  };
  return withoutNulls(body);
}

function processSettings(inputs: Props): Props {
  const capabilities = inputs.capabilities as Props | null;
  const security = texts(inputs.securityOpts);
  return {
    Privileged: inputs.privileged,
    PublishAllPorts: inputs.publishAllPorts,
    RestartPolicy: { Name: inputs.restart, MaximumRetryCount: inputs.maxRetryCount ?? 0 },
    Runtime: inputs.runtime,
    AutoRemove: inputs.rm,
    ReadonlyRootfs: inputs.readOnly,
    Init: inputs.init ?? false,
    CapAdd: given(capabilities?.adds),
    CapDrop: given(capabilities?.drops),
    SecurityOpt: security.filter((option) => option !== UNCONFINED_PATHS),
    ...(security.includes(UNCONFINED_PATHS) ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
    GroupAdd: given(inputs.groupAdds),
    PidMode: inputs.pidMode,
    IpcMode: inputs.ipcMode,
    UsernsMode: inputs.usernsMode,
    CgroupnsMode: inputs.cgroupnsMode,
    CgroupParent: inputs.cgroupParent,
    Sysctls: textMap(inputs.sysctls),
    Ulimits: ((inputs.ulimits ?? []) as Props[]).map((limit) => ({
      Name: limit.name,
      Soft: limit.soft,
      Hard: limit.hard,
    })),
    Devices: ((inputs.devices ?? []) as Props[]).map((device) => ({
      PathOnHost: device.hostPath,
      PathInContainer: device.containerPath ?? device.hostPath,
      CgroupPermissions: device.permissions,
    })),
    DeviceRequests: deviceRequests(inputs),
  };
}

/** What `docker update` can change too, and the limits that it cannot. */
function resourceLimits(inputs: Props): Props {
  const cpus = inputs.cpus as string | null;
  return {
    ...changeableLimits(inputs),
    ShmSize: inputs.shmSize === null ? null : (inputs.shmSize as number) * MIB,
    ...(cpus === null
      ? { CpuPeriod: inputs.cpuPeriod, CpuQuota: inputs.cpuQuota }
      : { NanoCpus: Math.round(Number(cpus) * 1e9) }),
  };
}

/** Limits that are changed in place. MiB become bytes; -1 swap means no limit. */
export function changeableLimits(inputs: Props): Props {
  const bytes = (value: unknown): number | null =>
    typeof value !== "number" ? null : value > 0 ? value * MIB : value;
  const throttle = (value: unknown): Props[] =>
    ((value ?? []) as Props[]).map((entry) => ({ Path: entry.path, Rate: entry.rate }));
  return {
    Memory: bytes(inputs.memory),
    MemoryReservation: bytes(inputs.memoryReservation),
    MemorySwap: bytes(inputs.memorySwap),
    CpuShares: inputs.cpuShares,
    CpusetCpus: inputs.cpuSet,
    BlkioDeviceReadBps: throttle(inputs.deviceReadBps),
    BlkioDeviceReadIOps: throttle(inputs.deviceReadIops),
    BlkioDeviceWriteBps: throttle(inputs.deviceWriteBps),
    BlkioDeviceWriteIOps: throttle(inputs.deviceWriteIops),
  };
}

function deviceRequests(inputs: Props): Props[] {
  const gpus = inputs.gpus as string | null;
  if (gpus !== null) {
    const devices = /^device=(.+)$/.exec(gpus)?.[1];
    const count = gpus === "all" ? -1 : Number(gpus);
    if (devices === undefined && !Number.isInteger(count)) {
      throw new Error(`gpus: expected "all", a number or "device=ID,ID", got "${gpus}"`);
    }
    return [
      {
        Driver: "",
        Capabilities: [["gpu"]],
        ...(devices === undefined ? { Count: count } : { DeviceIDs: devices.split(",") }),
      },
    ];
  }
  return ((inputs.deviceRequests ?? []) as Props[]).map((request) => ({
    Driver: request.driver,
    Count: request.count,
    DeviceIDs: texts(request.deviceIds),
    Capabilities: [texts(request.capabilities)],
    Options: textMap(request.options),
  }));
}

export function healthcheck(check: Props | null): Props | null {
  return (
    check &&
    withoutNulls({
      Test: texts(check.tests),
      Interval: nanoseconds(check.interval),
      Timeout: nanoseconds(check.timeout),
      StartPeriod: nanoseconds(check.startPeriod),
      StartInterval: nanoseconds(check.startInterval) || null,
      Retries: check.retries ?? 0,
    })
  );
}

const portKey = (port: Props): string => `${String(port.internal)}/${String(port.protocol)}`;

function portBindings(ports: readonly Props[]): Record<string, Props[]> {
  const bindings: Record<string, Props[]> = {};
  for (const port of ports) {
    (bindings[portKey(port)] ??= []).push({
      HostIp: port.ip,
      HostPort: typeof port.external === "number" ? String(port.external) : "",
    });
  }
  return bindings;
}

interface VolumeLists {
  paths: Record<string, object>;
  binds: string[];
  from: string[];
}

function volumeLists(volumes: readonly Props[]): VolumeLists {
  const lists: VolumeLists = { paths: {}, binds: [], from: [] };
  for (const volume of volumes) {
    const from = text(volume.fromContainer);
    const path = text(volume.containerPath);
    const source = text(volume.hostPath) || text(volume.volumeName);
    if (from === "" && path === "") {
      throw new Error("volume entry without container path or source container");
    }
    if (from !== "" && path !== "") {
      throw new Error("both a container and a path specified in a volume entry");
    }
    if (from !== "") {
      lists.from.push(from);
      continue;
    }
    lists.paths[path] = {};
    if (source !== "") {
      const options = [volume.readOnly === true ? "ro" : "rw", text(volume.selinuxRelabel)].filter(Boolean);
      lists.binds.push(`${source}:${path}:${options.join(",")}`);
    }
  }
  return lists;
}

/** A mount of a container or a Swarm task. */
export function mount(entry: Props): Props {
  const bind = entry.bindOptions as Props | null;
  const volume = entry.volumeOptions as Props | null;
  const tmpfs = entry.tmpfsOptions as Props | null;
  return withoutNulls({
    Type: entry.type,
    Target: entry.target,
    Source: entry.source,
    ReadOnly: entry.readOnly,
    BindOptions: bind && entry.type === "bind" ? withoutNulls({ Propagation: bind.propagation }) : null,
    VolumeOptions:
      volume && entry.type === "volume"
        ? withoutNulls({
            NoCopy: volume.noCopy,
            Labels: labelMap(volume.labels),
            DriverConfig: withoutNulls({ Name: volume.driverName, Options: textMap(volume.driverOptions) }),
            Subpath: volume.subpath,
          })
        : null,
    TmpfsOptions:
      tmpfs && entry.type === "tmpfs" ? withoutNulls({ SizeBytes: tmpfs.sizeBytes, Mode: tmpfs.mode }) : null,
  });
}

/** The endpoint's settings of one entry of `networksAdvanced`. */
export function endpoint(network: Props): Props {
  return withoutNulls({
    Aliases: texts(network.aliases),
    MacAddress: network.macAddress,
    DriverOpts: Object.fromEntries(texts(network.driverOpts).map((option) => splitOnce(option))),
    GwPriority: network.gwPriority,
    IPAMConfig: withoutNulls({
      IPv4Address: network.ipv4Address,
      IPv6Address: network.ipv6Address,
      LinkLocalIPs: given(network.linkLocalIps),
    }),
  });
}

export function splitOnce(option: string): [string, string] {
  const at = option.indexOf("=");
  return at < 0 ? [option, ""] : [option.slice(0, at), option.slice(at + 1)];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** A list of texts, or null when there is none: an empty list would hide the image's own. */
function given(value: unknown): string[] | null {
  const list = texts(value);
  return list.length === 0 ? null : list;
}

export function withoutNulls(object: Props): Props {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}
