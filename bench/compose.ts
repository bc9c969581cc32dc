import type { ContainerInspectInfo } from "dockerode";

/** A container as a Compose service: the same image, command, mounts, networks, ports, limits and health check. */
function service(container: ContainerInspectInfo, networks: readonly string[]): Record<string, unknown> {
  const { Config, HostConfig } = container;
  const health = Config.Healthcheck;
  return {
    image: container.Image,
    command: Config.Cmd,
    entrypoint: Config.Entrypoint,
    user: Config.User || undefined,
    environment: Config.Env,
    init: HostConfig.Init,
    read_only: HostConfig.ReadonlyRootfs,
    cap_drop: HostConfig.CapDrop,
    security_opt: HostConfig.SecurityOpt,
    volumes: container.Mounts.map(
      ({ Type, Name, Source, Destination, RW }) =>
        `${Type === "volume" ? (Name ?? "") : Source}:${Destination}${RW ? "" : ":ro"}`,
    ),
    ports: Object.entries(
      (HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string; HostPort: string }[]>,
    ).flatMap(([internal, bindings]) =>
      bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}:${internal}`),
    ),
    networks: Object.fromEntries(
      Object.entries(container.NetworkSettings.Networks)
        .filter(([name]) => networks.includes(name))
        .map(([name, network]) => [
          name,
          { aliases: (network as { Aliases?: string[] | null }).Aliases ?? [] },
        ]),
    ),
    healthcheck:
      health === undefined
        ? undefined
        : {
            test: health.Test,
            interval: `${health.Interval ?? 0}ns`,
            timeout: `${health.Timeout ?? 0}ns`,
            retries: health.Retries,
          },
  };
}

/**
 * A Compose file with the same containers, on the same networks and volumes, as a running stack. Files that were put
 * into the containers are in the images that the caller committed of them.
 *
 * @param containers each with its image, and the names of those that have to be healthy before it starts
 * @param internal names of the networks without a way out
 */
export function composeFile(
  containers: readonly { inspect: ContainerInspectInfo; image: string; after: readonly string[] }[],
  networks: readonly { name: string; internal: boolean }[],
  volumes: readonly string[],
): Record<string, unknown> {
  const names = networks.map(({ name }) => name);
  return {
    services: Object.fromEntries(
      containers.map(({ inspect, image, after }) => [
        inspect.Name.slice(1),
        {
          ...service(inspect, names),
          image,
          depends_on: Object.fromEntries(after.map((other) => [other, { condition: "service_healthy" }])),
        },
      ]),
    ),
    networks: Object.fromEntries(networks.map(({ name, internal }) => [name, { name, internal }])),
    volumes: Object.fromEntries(volumes.map((name) => [name, { name }])),
  };
}
