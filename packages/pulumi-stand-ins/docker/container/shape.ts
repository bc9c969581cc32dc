/** The fields of docker.Container. */
import {
  block,
  bool,
  COMPUTED,
  int,
  labels,
  list,
  map,
  REPLACES,
  REQUIRED,
  set,
  type Shape,
  string,
  strings,
  stringSet,
} from "../bridge/shape";
import { atLeast, isAbsolutePath, isBase64, isDuration, matches, oneOf } from "../values";

/** "", or nothing, stands for the image's own value. */
const emptyMeansImage = (_older: unknown, newer: unknown): boolean => newer === "" || newer === null;

const duration = { default: "0s", validate: isDuration };

const throttle = set({
  path: string({ required: REQUIRED }),
  rate: int({ required: REQUIRED, validate: atLeast(0) }),
});

export const containerShape: Shape = {
  name: string({ required: REQUIRED, replaces: REPLACES }),
  image: string({ required: REQUIRED, replaces: REPLACES }),
  attach: bool({ default: false }),
  bridge: string({ output: true }),
  capabilities: block(
    { adds: stringSet({ replaces: REPLACES }), drops: stringSet({ replaces: REPLACES }) },
    { replaces: REPLACES, single: true },
  ),
  cgroupParent: string({ replaces: REPLACES }),
  cgroupnsMode: string({ replaces: REPLACES, validate: oneOf("private", "host") }),
  command: strings({ computed: COMPUTED, replaces: REPLACES }),
  containerLogs: string({ output: true }),
  containerReadRefreshTimeoutMilliseconds: int({ default: 15_000 }),
  cpuPeriod: int({ validate: atLeast(0) }),
  cpuQuota: int({ validate: atLeast(0) }),
  cpuSet: string({ validate: matches(/^\d+([,-]\d+)*$/, "0-2,5") }),
  cpuShares: int({ validate: atLeast(0) }),
  cpus: string({ replaces: REPLACES }),
  destroyGraceSeconds: int(),
  deviceReadBps: throttle,
  deviceReadIops: throttle,
  deviceRequests: set(
    {
      driver: string({ default: "cdi", replaces: REPLACES }),
      count: int({ default: 0, replaces: REPLACES }),
      deviceIds: stringSet({ replaces: REPLACES }),
      capabilities: stringSet({ replaces: REPLACES }),
      options: map({ replaces: REPLACES }),
    },
    { replaces: REPLACES, conflictsWith: ["gpus"] },
  ),
  deviceWriteBps: throttle,
  deviceWriteIops: throttle,
  devices: set(
    {
      hostPath: string({ required: REQUIRED, replaces: REPLACES }),
      containerPath: string({ replaces: REPLACES }),
      permissions: string({ default: "rwm", replaces: REPLACES }),
    },
    { replaces: REPLACES },
  ),
  dns: stringSet({ replaces: REPLACES }),
  dnsOpts: stringSet({ replaces: REPLACES }),
  dnsSearches: stringSet({ replaces: REPLACES }),
  domainname: string({ replaces: REPLACES }),
  entrypoints: strings({ computed: COMPUTED, replaces: REPLACES }),
  envs: stringSet({ computed: COMPUTED, replaces: REPLACES }),
  exitCode: int({ output: true }),
  gpus: string({ replaces: REPLACES }),
  groupAdds: stringSet({ replaces: REPLACES }),
  healthcheck: block(
    {
      tests: strings(),
      interval: string(duration),
      timeout: string(duration),
      startPeriod: string(duration),
      startInterval: string(duration),
      retries: int({ default: 0, validate: atLeast(0) }),
    },
    { computed: COMPUTED },
  ),
  hostname: string({ computed: COMPUTED, replaces: REPLACES }),
  hosts: set(
    {
      ip: string({ required: REQUIRED, replaces: REPLACES }),
      host: string({ required: REQUIRED, replaces: REPLACES }),
    },
    { replaces: REPLACES },
  ),
  init: bool({ computed: COMPUTED }),
  ipcMode: string({ computed: COMPUTED, replaces: REPLACES }),
  labels: labels({ computed: COMPUTED, replaces: REPLACES }),
  logDriver: string({ computed: COMPUTED, replaces: REPLACES }),
  logOpts: map({ replaces: REPLACES }),
  logs: bool({ default: false }),
  maxRetryCount: int(),
  memory: int({ validate: atLeast(0) }),
  memoryReservation: int({ default: 0, validate: atLeast(0) }),
  memorySwap: int({ validate: atLeast(-1) }),
  mounts: set(
    {
      target: string({ required: REQUIRED }),
      source: string(),
      type: string({ required: REQUIRED, validate: oneOf("bind", "volume", "tmpfs") }),
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
        subpath: string({ replaces: REPLACES }),
      }),
      tmpfsOptions: block({ sizeBytes: int(), mode: int() }, { replaces: REPLACES }),
    },
    { replaces: REPLACES },
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
  networkMode: string({ default: "bridge", replaces: REPLACES }),
  networksAdvanced: set(
    {
      name: string({ required: REQUIRED, replaces: REPLACES }),
      aliases: stringSet({ replaces: REPLACES }),
      ipv4Address: string({ replaces: REPLACES }),
      ipv6Address: string({ replaces: REPLACES }),
      linkLocalIps: stringSet({ replaces: REPLACES }),
      macAddress: string({ replaces: REPLACES }),
      driverOpts: stringSet({ replaces: REPLACES }),
      gwPriority: int({ replaces: REPLACES, validate: atLeast(0) }),
    },
    { replaces: REPLACES },
  ),
  pidMode: string({ replaces: REPLACES }),
  platform: string({ computed: COMPUTED, replaces: REPLACES }),
  ports: list(
    {
      internal: int({ required: REQUIRED, replaces: REPLACES }),
      external: int({ computed: COMPUTED, replaces: REPLACES }),
      ip: string({ default: "0.0.0.0", replaces: REPLACES }),
      protocol: string({ default: "tcp", replaces: REPLACES }),
    },
    { replaces: REPLACES, same: samePorts },
  ),
  privileged: bool({ replaces: REPLACES }),
  publishAllPorts: bool({ replaces: REPLACES }),
  readOnly: bool({ default: false, replaces: REPLACES }),
  removeVolumes: bool({ default: true }),
  restart: string({ default: "no", validate: oneOf("no", "on-failure", "always", "unless-stopped") }),
  rm: bool({ default: false }),
  runtime: string({ computed: COMPUTED, replaces: REPLACES }),
  securityOpts: stringSet({ computed: COMPUTED, replaces: REPLACES }),
  shmSize: int({ computed: COMPUTED, replaces: REPLACES, validate: atLeast(0) }),
  start: bool({ default: true }),
  stdinOpen: bool({ default: false, replaces: REPLACES }),
  stopSignal: string({ computed: COMPUTED, replaces: REPLACES }),
  stopTimeout: int({ computed: COMPUTED, replaces: REPLACES }),
  storageOpts: map({ replaces: REPLACES }),
  sysctls: map({ replaces: REPLACES }),
  tmpfs: map(),
  tty: bool({ default: false, replaces: REPLACES }),
  ulimits: set(
    {
      name: string({ required: REQUIRED, replaces: REPLACES }),
      soft: int({ required: REQUIRED, replaces: REPLACES }),
      hard: int({ required: REQUIRED, replaces: REPLACES }),
    },
    { replaces: REPLACES },
  ),
  uploads: set(
    {
      file: string({ required: REQUIRED, replaces: REPLACES }),
      content: string({ replaces: REPLACES }),
      contentBase64: string({ replaces: REPLACES, validate: isBase64 }),
      source: string({ replaces: REPLACES }),
      sourceHash: string({ replaces: REPLACES }),
      executable: bool({ default: false, replaces: REPLACES }),
      permissions: string({ replaces: REPLACES, validate: matches(/^0[0-7]{3}$/, "0644") }),
    },
    { replaces: REPLACES },
  ),
  user: string({ replaces: REPLACES, same: emptyMeansImage }),
  usernsMode: string({ replaces: REPLACES }),
  volumes: set(
    {
      fromContainer: string({ replaces: REPLACES }),
      containerPath: string({ replaces: REPLACES }),
      hostPath: string({ replaces: REPLACES, validate: isAbsolutePath }),
      volumeName: string({ replaces: REPLACES }),
      readOnly: bool({ replaces: REPLACES }),
      selinuxRelabel: string({ replaces: REPLACES, validate: oneOf("z", "Z") }),
    },
    { replaces: REPLACES },
  ),
  wait: bool({ default: false }),
  waitTimeout: int({ default: 60 }),
  workingDir: string({ replaces: REPLACES, same: emptyMeansImage }),
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
