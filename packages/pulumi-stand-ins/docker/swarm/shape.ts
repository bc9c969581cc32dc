/** The fields of docker.Service. */
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
import { atLeast, isDuration, oneOf } from "../values";

const replaces = true;
const computed = true;
const required = true;

const duration = string({ validate: isDuration });
const durationOr = (text: string): ReturnType<typeof string> =>
  string({ default: text, validate: isDuration });

const isRatio = (value: unknown): string | undefined =>
  Number(value) >= 0 && Number(value) <= 1 ? undefined : "expected a number from 0 to 1";

const updateConfig = (...failureActions: string[]): ReturnType<typeof block> =>
  block({
    parallelism: int({ default: 1, validate: atLeast(0) }),
    delay: durationOr("0s"),
    failureAction: string({ default: "pause", validate: oneOf(...failureActions) }),
    monitor: durationOr("5s"),
    maxFailureRatio: string({
      default: "0.0",
      validate: isRatio,
      same: (older, newer) => Number(older) === Number(newer),
    }),
    order: string({ default: "stop-first", validate: oneOf("stop-first", "start-first") }),
  });

const file = {
  fileName: string({ required }),
  fileUid: string({ default: "0" }),
  fileGid: string({ default: "0" }),
  fileMode: int({ default: 0o444, validate: atLeast(0) }),
};

const containerSpec: Shape = {
  image: string({ required }),
  labels: labels(),
  commands: strings(),
  args: strings(),
  hostname: string(),
  env: map(),
  dir: string(),
  user: string(),
  groups: strings(),
  privileges: block({
    credentialSpec: block({ file: string(), registry: string() }),
    seLinuxContext: block({
      disable: bool(),
      user: string(),
      role: string(),
      type: string(),
      level: string(),
    }),
  }),
  readOnly: bool(),
  mounts: set({
    target: string({ required }),
    source: string(),
    type: string({ required, validate: oneOf("bind", "volume", "tmpfs") }),
    readOnly: bool(),
    bindOptions: block({
      propagation: string({
        default: "rprivate",
        validate: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave"),
      }),
    }),
    volumeOptions: block({ noCopy: bool(), labels: labels(), driverName: string(), driverOptions: map() }),
    tmpfsOptions: block({ sizeBytes: int(), mode: int() }),
  }),
  stopSignal: string(),
  stopGracePeriod: string({ computed, validate: isDuration }),
  healthcheck: block(
    {
      tests: strings(),
      interval: durationOr("0s"),
      timeout: durationOr("0s"),
      startPeriod: durationOr("0s"),
      retries: int({ default: 0, validate: atLeast(0) }),
    },
    { computed },
  ),
  hosts: set({ ip: string({ required, replaces }), host: string({ required, replaces }) }, { replaces }),
  dnsConfig: block(
    {
      nameservers: strings({ required, sparse: true }),
      searches: strings({ sparse: true }),
      options: strings({ sparse: true }),
    },
    { computed },
  ),
  secrets: set({ secretId: string({ required }), secretName: string(), ...file }),
  configs: set({ configId: string({ required }), configName: string(), ...file }),
  isolation: string({ default: "default", validate: oneOf("default", "process", "hyperv") }),
  sysctl: map({ replaces }),
  capAdds: strings(),
  capDrops: strings(),
  init: bool({ computed }),
};

const taskSpec: Shape = {
  containerSpec: block(containerSpec, { required }),
  resources: block(
    {
      limits: block({ nanoCpus: int(), memoryBytes: int() }),
      reservation: block({
        nanoCpus: int(),
        memoryBytes: int(),
        genericResources: block({ namedResourcesSpecs: stringSet(), discreteResourcesSpecs: stringSet() }),
      }),
    },
    { computed },
  ),
  restartPolicy: block(
    {
      condition: string({ validate: oneOf("none", "on-failure", "any") }),
      delay: duration,
      maxAttempts: int({ validate: atLeast(0) }),
      window: duration,
    },
    { computed },
  ),
  placement: block(
    {
      constraints: stringSet(),
      prefs: stringSet(),
      maxReplicas: int({ validate: atLeast(0) }),
      platforms: set({ architecture: string({ required }), os: string({ required }) }),
    },
    { computed },
  ),
  forceUpdate: int({ computed, validate: atLeast(0) }),
  runtime: string({ computed, validate: oneOf("container", "plugin") }),
  networksAdvanceds: set({
    name: string({ replaces }),
    id: string({ replaces }),
    aliases: stringSet({ replaces }),
    driverOpts: stringSet({ replaces }),
  }),
  logDriver: block({ name: string({ required }), options: map() }),
};

export const serviceShape: Shape = {
  auth: block(
    {
      serverAddress: string({ required, replaces }),
      username: string({ replaces }),
      password: string({ replaces }),
    },
    { replaces },
  ),
  name: string({ required, replaces }),
  labels: set({ label: string({ required }), value: string({ required }) }, { computed }),
  taskSpec: block(taskSpec, { required }),
  mode: block(
    {
      replicated: block(
        { replicas: int({ default: 1, validate: atLeast(0) }) },
        { computed, conflictsWith: ["mode.global"] },
      ),
      global: bool({ default: false, conflictsWith: ["mode.replicated", "convergeConfig"] }),
    },
    { computed, replaces },
  ),
  updateConfig: updateConfig("pause", "continue", "rollback"),
  rollbackConfig: updateConfig("pause", "continue"),
  endpointSpec: block(
    {
      mode: string({ computed, validate: oneOf("vip", "dnsrr") }),
      ports: list({
        name: string(),
        protocol: string({ default: "tcp", validate: oneOf("tcp", "udp", "sctp") }),
        targetPort: int({ required }),
        publishedPort: int({ computed }),
        publishMode: string({ default: "ingress", validate: oneOf("host", "ingress") }),
      }),
    },
    { computed },
  ),
  convergeConfig: block(
    { delay: durationOr("7s"), timeout: durationOr("3m") },
    { conflictsWith: ["mode.global"] },
  ),
};
