/** A service's specification for the API, from its inputs. */
import type { Props } from "../../lib/serve";
import { healthcheck, mount, splitOnce, withoutNulls } from "../container/create";
import { labelMap, nanoseconds, textMap, texts } from "../values";

export function serviceSpec(inputs: Props): Props {
  return withoutNulls({
    Name: inputs.name,
    Labels: labelMap(inputs.labels),
    TaskTemplate: taskTemplate(inputs.taskSpec as Props),
    Mode: mode(inputs.mode as Props | null),
    UpdateConfig: updateConfig(inputs.updateConfig as Props | null),
    RollbackConfig: updateConfig(inputs.rollbackConfig as Props | null),
    EndpointSpec: endpointSpec(inputs.endpointSpec as Props | null),
  });
}

function taskTemplate(task: Props): Props {
  const logDriver = task.logDriver as Props | null;
  return withoutNulls({
    ContainerSpec: containerSpec(task.containerSpec as Props),
    Resources: resources((task.resources ?? {}) as Props),
    RestartPolicy: restartPolicy((task.restartPolicy ?? {}) as Props),
    Placement: placement((task.placement ?? {}) as Props),
    ForceUpdate: task.forceUpdate ?? 0,
    Runtime: task.runtime,
    Networks: list(task.networksAdvanceds).map((network) => ({
      Target: networkTarget(network),
      Aliases: texts(network.aliases),
      DriverOpts: Object.fromEntries(texts(network.driverOpts).map(splitOnce)),
    })),
    LogDriver: logDriver && { Name: logDriver.name, Options: textMap(logDriver.options) },
  });
}

function networkTarget(network: Props): unknown {
  const target = network.id ?? network.name;
  if (target === null || target === "") {
    throw new Error("network 'name' or 'id' must be specified");
  }
  return target;
}

function containerSpec(spec: Props): Props {
  return withoutNulls({
    Image: spec.image,
    Labels: labelMap(spec.labels),
    Command: texts(spec.commands),
    Args: texts(spec.args),
    Hostname: spec.hostname,
    Env: Object.entries(textMap(spec.env)).map(([name, value]) => `${name}=${value}`),
    Dir: spec.dir,
    User: spec.user,
    Groups: texts(spec.groups),
    Privileges: privileges(spec.privileges as Props | null),
    ReadOnly: spec.readOnly,
    Mounts: list(spec.mounts).map(mount),
    StopSignal: spec.stopSignal,
    // The real plugin sends a period of 0 when none is given: the task is killed at once.
    StopGracePeriod: nanoseconds(spec.stopGracePeriod),
    Healthcheck: healthcheck(spec.healthcheck as Props | null) ?? {},
    Hosts: list(spec.hosts).map((entry) => `${String(entry.ip)} ${String(entry.host)}`),
    DNSConfig: dnsConfig((spec.dnsConfig ?? {}) as Props),
    Secrets: list(spec.secrets).map((secret) => ({
      SecretID: secret.secretId,
      SecretName: secret.secretName ?? "",
      File: file(secret),
    })),
    Configs: list(spec.configs).map((config) => ({
      ConfigID: config.configId,
      ConfigName: config.configName ?? "",
      File: file(config),
    })),
    Isolation: spec.isolation,
    Sysctls: textMap(spec.sysctl),
    CapabilityAdd: texts(spec.capAdds),
    CapabilityDrop: texts(spec.capDrops),
    Init: spec.init ?? false,
  });
}

const file = (entry: Props): Props => ({
  Name: entry.fileName,
  UID: entry.fileUid,
  GID: entry.fileGid,
  Mode: entry.fileMode,
});

const dnsConfig = (config: Props): Props => ({
  Nameservers: texts(config.nameservers),
  Search: texts(config.searches),
  Options: texts(config.options),
});

function privileges(settings: Props | null): Props | null {
  const credential = settings?.credentialSpec as Props | null | undefined;
  const linux = settings?.seLinuxContext as Props | null | undefined;
  return (
    settings &&
    withoutNulls({
      CredentialSpec: credential && withoutNulls({ File: credential.file, Registry: credential.registry }),
      SELinuxContext:
        linux &&
        withoutNulls({
          Disable: linux.disable,
          User: linux.user,
          Role: linux.role,
          Type: linux.type,
          Level: linux.level,
        }),
    })
  );
}

function resources(settings: Props): Props {
  const limits = settings.limits as Props | null | undefined;
  const reservation = settings.reservation as Props | null | undefined;
  const generic = reservation?.genericResources as Props | null | undefined;
  return withoutNulls({
    Limits: limits && withoutNulls({ NanoCPUs: limits.nanoCpus, MemoryBytes: limits.memoryBytes }),
    Reservations:
      reservation &&
      withoutNulls({
        NanoCPUs: reservation.nanoCpus,
        MemoryBytes: reservation.memoryBytes,
        GenericResources: [
          ...texts(generic?.namedResourcesSpecs)
            .map(splitOnce)
            .map(([Kind, Value]) => ({ NamedResourceSpec: { Kind, Value } })),
          ...texts(generic?.discreteResourcesSpecs)
            .map(splitOnce)
            .map(([Kind, Value]) => ({ DiscreteResourceSpec: { Kind, Value: Number(Value) } })),
        ],
      }),
  });
}

const restartPolicy = (policy: Props): Props =>
  withoutNulls({
    Condition: policy.condition,
    Delay: optionalDuration(policy.delay),
    MaxAttempts: policy.maxAttempts,
    Window: optionalDuration(policy.window),
  });

const placement = (settings: Props): Props => ({
  Constraints: texts(settings.constraints),
  Preferences: texts(settings.prefs).map((descriptor) => ({ Spread: { SpreadDescriptor: descriptor } })),
  Platforms: list(settings.platforms).map((platform) => ({
    Architecture: platform.architecture,
    OS: platform.os,
  })),
  MaxReplicas: settings.maxReplicas ?? 0,
});

function mode(settings: Props | null): Props | null {
  if (settings === null) {
    return null;
  }
  const replicated = settings.replicated as Props | null;
  return settings.global === true ? { Global: {} } : { Replicated: { Replicas: replicated?.replicas ?? 1 } };
}

const updateConfig = (config: Props | null): Props | null =>
  config && {
    Parallelism: config.parallelism,
    Delay: nanoseconds(config.delay),
    FailureAction: config.failureAction,
    Monitor: nanoseconds(config.monitor),
    MaxFailureRatio: Number(config.maxFailureRatio),
    Order: config.order,
  };

function endpointSpec(spec: Props | null): Props {
  return withoutNulls({
    Mode: spec?.mode,
    Ports: list(spec?.ports).map((port) =>
      withoutNulls({
        Name: port.name,
        Protocol: port.protocol,
        TargetPort: port.targetPort,
        PublishedPort: port.publishedPort,
        PublishMode: port.publishMode,
      }),
    ),
  });
}

const list = (value: unknown): Props[] => (value ?? []) as Props[];
const optionalDuration = (value: unknown): number | null =>
  value === null || value === undefined ? null : nanoseconds(value);
