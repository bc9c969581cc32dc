/** The fields of docker.Service. */
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
import { atLeast, isDuration, oneOf } from "../values";

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
  fileName: string({ required: REQUIRED }),
  fileUid: string({ default: "0" }),
  fileGid: string({ default: "0" }),
  fileMode: int({ default: 0o444, validate: atLeast(0) }),
};

const containerSpec: Shape = {
  image: string({ required: REQUIRED }),
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
    target: string({ required: REQUIRED }),
    source: string(),
    type: string({ required: REQUIRED, validate: oneOf("bind", "volume", "tmpfs") }),
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
  stopGracePeriod: string({ computed: COMPUTED, validate: isDuration }),
  healthcheck: block(
    {
      tests: strings(),
      interval: durationOr("0s"),
      timeout: durationOr("0s"),
      startPeriod: durationOr("0s"),
      retries: int({ default: 0, validate: atLeast(0) }),
    },
    { computed: COMPUTED },
  ),
  hosts: set(
    {
      ip: string({ required: REQUIRED, replaces: REPLACES }),
      host: string({ required: REQUIRED, replaces: REPLACES }),
    },
    { replaces: REPLACES },
  ),
  dnsConfig: block(
    {
      nameservers: strings({ required: REQUIRED, sparse: true }),
      searches: strings({ sparse: true }),
      options: strings({ sparse: true }),
    },
    { computed: COMPUTED },
  ),
  secrets: set({ secretId: string({ required: REQUIRED }), secretName: string(), ...file }),
  configs: set({ configId: string({ required: REQUIRED }), configName: string(), ...file }),
  isolation: string({ default: "default", validate: oneOf("default", "process", "hyperv") }),
  sysctl: map({ replaces: REPLACES }),
  capAdds: strings(),
  capDrops: strings(),
  init: bool({ computed: COMPUTED }),
};

const taskSpec: Shape = {
  containerSpec: block(containerSpec, { required: REQUIRED }),
  resources: block(
    {
      limits: block({ nanoCpus: int(), memoryBytes: int() }),
      reservation: block({
        nanoCpus: int(),
        memoryBytes: int(),
        genericResources: block({ namedResourcesSpecs: stringSet(), discreteResourcesSpecs: stringSet() }),
      }),
    },
    { computed: COMPUTED },
  ),
  restartPolicy: block(
    {
      condition: string({ validate: oneOf("none", "on-failure", "any") }),
      delay: duration,
      maxAttempts: int({ validate: atLeast(0) }),
      window: duration,
    },
    { computed: COMPUTED },
  ),
  placement: block(
    {
      constraints: stringSet(),
      prefs: stringSet(),
      maxReplicas: int({ validate: atLeast(0) }),
      platforms: set({ architecture: string({ required: REQUIRED }), os: string({ required: REQUIRED }) }),
    },
    { computed: COMPUTED },
  ),
  forceUpdate: int({ computed: COMPUTED, validate: atLeast(0) }),
  runtime: string({ computed: COMPUTED, validate: oneOf("container", "plugin") }),
  networksAdvanceds: set({
    name: string({ replaces: REPLACES }),
    id: string({ replaces: REPLACES }),
    aliases: stringSet({ replaces: REPLACES }),
    driverOpts: stringSet({ replaces: REPLACES }),
  }),
  logDriver: block({ name: string({ required: REQUIRED }), options: map() }),
};

export const serviceShape: Shape = {
  auth: block(
    {
      serverAddress: string({ required: REQUIRED, replaces: REPLACES }),
      username: string({ replaces: REPLACES }),
      password: string({ replaces: REPLACES }),
    },
    { replaces: REPLACES },
  ),
  name: string({ required: REQUIRED, replaces: REPLACES }),
  labels: set(
    { label: string({ required: REQUIRED }), value: string({ required: REQUIRED }) },
    { computed: COMPUTED },
  ),
  taskSpec: block(taskSpec, { required: REQUIRED }),
  mode: block(
    {
      replicated: block(
        { replicas: int({ default: 1, validate: atLeast(0) }) },
        { computed: COMPUTED, conflictsWith: ["mode.global"] },
      ),
      global: bool({ default: false, conflictsWith: ["mode.replicated", "convergeConfig"] }),
    },
    { computed: COMPUTED, replaces: REPLACES },
  ),
  updateConfig: updateConfig("pause", "continue", "rollback"),
  rollbackConfig: updateConfig("pause", "continue"),
  endpointSpec: block(
    {
      mode: string({ computed: COMPUTED, validate: oneOf("vip", "dnsrr") }),
      ports: list({
        name: string(),
        protocol: string({ default: "tcp", validate: oneOf("tcp", "udp", "sctp") }),
        targetPort: int({ required: REQUIRED }),
        publishedPort: int({ computed: COMPUTED }),
        publishMode: string({ default: "ingress", validate: oneOf("host", "ingress") }),
      }),
    },
    { computed: COMPUTED },
  ),
  convergeConfig: block(
    { delay: durationOr("7s"), timeout: durationOr("3m") },
    { conflictsWith: ["mode.global"] },
  ),
};
