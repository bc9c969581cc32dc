/** The fields of docker.Container. */
import {
  type Shape,
  block,
  bool,
  int,
  labels,
  list,
  map,
  set,
  string,
  stringSet,
  strings,
} from "../bridge/shape";
import { atLeast, isAbsolutePath, isBase64, isDuration, matches, oneOf } from "../values";

const replaces = true;
const computed = true;
const required = true;

/** "", or nothing, stands for the image's own value. */
const emptyMeansImage = (_older: unknown, newer: unknown): boolean => newer === "" || newer === null;

const duration = { default: "0s", validate: isDuration };

const throttle = set({ path: string({ required }), rate: int({ required, validate: atLeast(0) }) });

export const containerShape: Shape = {
  name: string({ required, replaces }),
  image: string({ required, replaces }),
  attach: bool({ default: false }),
  bridge: string({ output: true }),
  capabilities: block(
    { adds: stringSet({ replaces }), drops: stringSet({ replaces }) },
    { replaces, single: true },
  ),
  cgroupParent: string({ replaces }),
  cgroupnsMode: string({ replaces, validate: oneOf("private", "host") }),
  command: strings({ computed, replaces }),
  containerLogs: string({ output: true }),
  containerReadRefreshTimeoutMilliseconds: int({ default: 15_000 }),
  cpuPeriod: int({ validate: atLeast(0) }),
  cpuQuota: int({ validate: atLeast(0) }),
  cpuSet: string({ validate: matches(/^\d+([,-]\d+)*$/, "0-2,5") }),
  cpuShares: int({ validate: atLeast(0) }),
  cpus: string({ replaces }),
  destroyGraceSeconds: int(),
  deviceReadBps: throttle,
  deviceReadIops: throttle,
  deviceRequests: set(
    {
      driver: string({ default: "cdi", replaces }),
      count: int({ default: 0, replaces }),
      deviceIds: stringSet({ replaces }),
      capabilities: stringSet({ replaces }),
      options: map({ replaces }),
    },
    { replaces, conflictsWith: ["gpus"] },
  ),
  deviceWriteBps: throttle,
  deviceWriteIops: throttle,
  devices: set(
    {
      hostPath: string({ required, replaces }),
      containerPath: string({ replaces }),
      permissions: string({ default: "rwm", replaces }),
    },
    { replaces },
  ),
  dns: stringSet({ replaces }),
  dnsOpts: stringSet({ replaces }),
  dnsSearches: stringSet({ replaces }),
  domainname: string({ replaces }),
  entrypoints: strings({ computed, replaces }),
  envs: stringSet({ computed, replaces }),
  exitCode: int({ output: true }),
  gpus: string({ replaces }),
  groupAdds: stringSet({ replaces }),
  healthcheck: block(
    {
      tests: strings(),
      interval: string(duration),
      timeout: string(duration),
      startPeriod: string(duration),
      startInterval: string(duration),
      retries: int({ default: 0, validate: atLeast(0) }),
    },
    { computed },
  ),
  hostname: string({ computed, replaces }),
  hosts: set({ ip: string({ required, replaces }), host: string({ required, replaces }) }, { replaces }),
  init: bool({ computed }),
  ipcMode: string({ computed, replaces }),
  labels: labels({ computed, replaces }),
  logDriver: string({ computed, replaces }),
  logOpts: map({ replaces }),
  logs: bool({ default: false }),
  maxRetryCount: int(),
  memory: int({ validate: atLeast(0) }),
  memoryReservation: int({ default: 0, validate: atLeast(0) }),
  memorySwap: int({ validate: atLeast(-1) }),
  mounts: set(
    {
      target: string({ required }),
      source: string(),
      type: string({ required, validate: oneOf("bind", "volume", "tmpfs") }),
      readOnly: bool(),
      bindOptions: block({
        propagation: string({
          validate: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave"),
        }),
      }),
      volumeOptions: block({
        noCopy: bool(),
        labels: labels(),
        driverName: string(),
        driverOptions: map(),
        subpath: string({ replaces }),
      }),
      tmpfsOptions: block({ sizeBytes: int(), mode: int() }, { replaces }),
    },
    { replaces },
  ),
  mustRun: bool({ default: true }),
  networkDatas: list(
    {
      networkName: string({ output: true }),
      ipAddress: string({ output: true }),
      ipPrefixLength: int({ output: true }),
      gateway: string({ output: true }),
      globalIpv6Address: string({ output: true }),
      globalIpv6PrefixLength: int({ output: true }),
      ipv6Gateway: string({ output: true }),
      macAddress: string({ output: true }),
    },
    { output: true },
  ),
  networkMode: string({ default: "bridge", replaces }),
  networksAdvanced: set(
    {
      name: string({ required, replaces }),
      aliases: stringSet({ replaces }),
      ipv4Address: string({ replaces }),
      ipv6Address: string({ replaces }),
      linkLocalIps: stringSet({ replaces }),
      macAddress: string({ replaces }),
      driverOpts: stringSet({ replaces }),
      gwPriority: int({ replaces, validate: atLeast(0) }),
    },
    { replaces },
  ),
  pidMode: string({ replaces }),
  platform: string({ computed, replaces }),
  ports: list(
    {
      internal: int({ required, replaces }),
      external: int({ computed, replaces }),
      ip: string({ default: "0.0.0.0", replaces }),
      protocol: string({ default: "tcp", replaces }),
    },
    { replaces, same: samePorts },
  ),
  privileged: bool({ replaces }),
  publishAllPorts: bool({ replaces }),
  readOnly: bool({ default: false, replaces }),
  removeVolumes: bool({ default: true }),
  restart: string({ default: "no", validate: oneOf("no", "on-failure", "always", "unless-stopped") }),
  rm: bool({ default: false }),
  runtime: string({ computed, replaces }),
  securityOpts: stringSet({ computed, replaces }),
  shmSize: int({ computed, replaces, validate: atLeast(0) }),
  start: bool({ default: true }),
  stdinOpen: bool({ default: false, replaces }),
  stopSignal: string({ computed, replaces }),
  stopTimeout: int({ computed, replaces }),
  storageOpts: map({ replaces }),
  sysctls: map({ replaces }),
  tmpfs: map(),
  tty: bool({ default: false, replaces }),
  ulimits: set(
    {
      name: string({ required, replaces }),
      soft: int({ required, replaces }),
      hard: int({ required, replaces }),
    },
    { replaces },
  ),
  uploads: set(
    {
      file: string({ required, replaces }),
      content: string({ replaces }),
      contentBase64: string({ replaces, validate: isBase64 }),
      source: string({ replaces }),
      sourceHash: string({ replaces }),
      executable: bool({ default: false, replaces }),
      permissions: string({ replaces, validate: matches(/^0[0-7]{3}$/, "0644") }),
    },
    { replaces },
  ),
  user: string({ replaces, same: emptyMeansImage }),
  usernsMode: string({ replaces }),
  volumes: set(
    {
      fromContainer: string({ replaces }),
      containerPath: string({ replaces }),
      hostPath: string({ replaces, validate: isAbsolutePath }),
      volumeName: string({ replaces }),
      readOnly: bool({ replaces }),
      selinuxRelabel: string({ replaces, validate: oneOf("z", "Z") }),
    },
    { replaces },
  ),
  wait: bool({ default: false }),
  waitTimeout: int({ default: 60 }),
  workingDir: string({ replaces, same: emptyMeansImage }),
};

interface Port {
  internal?: number;
  external?: number;
  ip?: string;
  protocol?: string;
}

/** Ports in another order are the same ports; one that the engine chose is as good as none given. */
function samePorts(older: unknown, newer: unknown): boolean {
  const before = Array.isArray(older) ? (older as Port[]) : [];
  const after = Array.isArray(newer) ? (newer as Port[]) : [];
  const fits = (a: Port, b: Port): boolean =>
    a.internal === b.internal &&
    (a.protocol ?? "tcp") === (b.protocol ?? "tcp") &&
    (a.ip ?? "0.0.0.0") === (b.ip ?? "0.0.0.0") &&
    (b.external === undefined || a.external === b.external);
  return before.length === after.length && after.every((port) => before.some((old) => fits(old, port)));
}
