/** A service's state, from `GET /services/{id}`. */
import type { Props } from "../../lib/serve";
import { splitOnce } from "../container/create";
import { mountState } from "../container/state";
import { labelList, shortDuration, texts } from "../values";

/** The engine leaves out what is empty; these read what may not be there. */
const object = (value: unknown): Props | undefined => (value ?? undefined) as Props | undefined;
const list = (value: unknown): Props[] => (value ?? []) as Props[];
const duration = (value: unknown): string => shortDuration(value as number | undefined);

export function serviceState(found: Props): Props {
  const spec = found.Spec as Props;
  const endpoint = (found.Endpoint ?? {}) as Props;
  const endpointSpec = (endpoint.Spec ?? {}) as Props;
  const given = (spec.EndpointSpec ?? {}) as Props;
  return {
    name: spec.Name,
    labels: labelList(spec.Labels as Record<string, string>),
    taskSpec: taskState(spec.TaskTemplate as Props),
    mode: modeState(spec.Mode as Props),
    updateConfig: updateState(object(spec.UpdateConfig)),
    rollbackConfig: updateState(object(spec.RollbackConfig)),
    endpointSpec: {
      mode: endpointSpec.Mode ?? given.Mode ?? "",
      ports: list(endpointSpec.Mode === undefined ? given.Ports : endpoint.Ports).map((port) => ({
        name: port.Name ?? "",
        protocol: port.Protocol,
        targetPort: port.TargetPort,
        publishedPort: port.PublishedPort ?? 0,
        publishMode: port.PublishMode,
      })),
    },
  };
}

function taskState(task: Props): Props {
  const resources = object(task.Resources);
  const policy = object(task.RestartPolicy);
  const logDriver = object(task.LogDriver);
  return {
    containerSpec: containerState(task.ContainerSpec as Props),
    resources: resources && {
      limits: limitState(object(resources.Limits)),
      reservation: reservationState(object(resources.Reservations)),
    },
    restartPolicy: policy && {
      condition: policy.Condition ?? "",
      delay: policy.Delay === undefined ? "" : duration(policy.Delay),
      maxAttempts: policy.MaxAttempts ?? 0,
      window: policy.Window === undefined ? "" : duration(policy.Window),
    },
    placement: placementState(object(task.Placement)),
    forceUpdate: task.ForceUpdate ?? 0,
    runtime: task.Runtime ?? "",
    networksAdvanceds: list(task.Networks).map((network) => ({
      id: network.Target,
      aliases: network.Aliases ?? [],
      driverOpts: Object.entries((network.DriverOpts ?? {}) as Props).map(
        ([key, value]) => `${key}=${String(value)}`,
      ),
    })),
    logDriver: logDriver && { name: logDriver.Name, options: logDriver.Options },
  };
}

function containerState(spec: Props): Props {
  const health = object(spec.Healthcheck);
  const dns = object(spec.DNSConfig);
  return {
    image: spec.Image,
    labels: labelList(spec.Labels as Record<string, string>),
    commands: spec.Command,
    args: spec.Args,
    hostname: spec.Hostname ?? "",
    env: Object.fromEntries(texts(spec.Env).map(splitOnce)),
    dir: spec.Dir ?? "",
    user: spec.User ?? "",
    groups: spec.Groups,
    privileges: privilegeState(object(spec.Privileges)),
    readOnly: spec.ReadOnly ?? false,
    mounts: list(spec.Mounts).map(mountState),
    stopSignal: spec.StopSignal ?? "",
    stopGracePeriod: duration(spec.StopGracePeriod),
    healthcheck: health && {
      tests: health.Test,
      interval: duration(health.Interval),
      timeout: duration(health.Timeout),
      startPeriod: duration(health.StartPeriod),
      retries: health.Retries ?? 0,
    },
    hosts: texts(spec.Hosts).map((entry) => {
      const [ip, host] = entry.split(" ");
      return { ip, host };
    }),
    dnsConfig: dns && { nameservers: dns.Nameservers, searches: dns.Search, options: dns.Options },
    secrets: list(spec.Secrets).map((secret) => ({
      secretId: secret.SecretID,
      secretName: secret.SecretName,
      ...fileState(object(secret.File)),
    })),
    configs: list(spec.Configs).map((config) => ({
      configId: config.ConfigID,
      configName: config.ConfigName,
      ...fileState(object(config.File)),
    })),
    isolation: spec.Isolation ?? "default",
    sysctl: spec.Sysctls ?? {},
    capAdds: spec.CapabilityAdd,
    capDrops: spec.CapabilityDrop,
    init: spec.Init ?? false,
  };
}

const fileState = (file: Props | undefined): Props => ({
  fileName: file?.Name,
  fileUid: file?.UID,
  fileGid: file?.GID,
  fileMode: file?.Mode,
});

function privilegeState(found: Props | undefined): Props | undefined {
  const credential = object(found?.CredentialSpec);
  const linux = object(found?.SELinuxContext);
  return (
    found && {
      credentialSpec: credential && { file: credential.File ?? "", registry: credential.Registry ?? "" },
      seLinuxContext: linux && {
        disable: linux.Disable ?? false,
        user: linux.User ?? "",
        role: linux.Role ?? "",
        type: linux.Type ?? "",
        level: linux.Level ?? "",
      },
    }
  );
}

const limitState = (found: Props | undefined): Props | undefined =>
  found && { nanoCpus: found.NanoCPUs ?? 0, memoryBytes: found.MemoryBytes ?? 0 };

function reservationState(found: Props | undefined): Props | undefined {
  const generic = list(found?.GenericResources);
  const texted = (key: string): string[] =>
    generic.flatMap((entry) => {
      const spec = object(entry[key]);
      return spec === undefined ? [] : [`${String(spec.Kind)}=${String(spec.Value)}`];
    });
  return (
    found && {
      ...limitState(found),
      genericResources:
        generic.length === 0
          ? undefined
          : {
              namedResourcesSpecs: texted("NamedResourceSpec"),
              discreteResourcesSpecs: texted("DiscreteResourceSpec"),
            },
    }
  );
}

const placementState = (found: Props | undefined): Props | undefined =>
  found && {
    constraints: found.Constraints,
    prefs: list(found.Preferences).map((preference) => object(preference.Spread)?.SpreadDescriptor),
    platforms: list(found.Platforms).map((platform) => ({
      architecture: platform.Architecture,
      os: platform.OS,
    })),
    maxReplicas: found.MaxReplicas ?? 0,
  };

function modeState(found: Props): Props {
  const replicated = object(found.Replicated);
  return {
    replicated: replicated && { replicas: replicated.Replicas ?? 0 },
    global: found.Global !== undefined,
  };
}

const updateState = (found: Props | undefined): Props | undefined =>
  found && {
    parallelism: found.Parallelism ?? 0,
    delay: duration(found.Delay),
    failureAction: found.FailureAction,
    monitor: duration(found.Monitor),
    maxFailureRatio: ((found.MaxFailureRatio ?? 0) as number).toFixed(1),
    order: found.Order,
  };
