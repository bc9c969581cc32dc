/** The provider's functions. */
import { type Engine, reason } from "./engine";
import { demultiplex } from "../../../docker-api/logs";
import { networkState } from "./network";
import type { Props, ProviderDefinition } from "../lib/serve";

export function functions(engine: () => Engine): NonNullable<ProviderDefinition["functions"]> {
  return {
    async "docker:index/getNetwork:getNetwork"(args) {
      const found = await look(
        `network ${String(args.name)}`,
        engine().docker.getNetwork(String(args.name)).inspect(),
      );
      const network = found;
      const { name, driver, internal, ipamConfigs, options, scope } = networkState(network);
      const containers = Object.entries(network.Containers ?? {}).map(([containerId, endpoint]) => ({
        containerId,
        endpointId: endpoint.EndpointID,
        ipv4Address: endpoint.IPv4Address,
        ipv6Address: endpoint.IPv6Address,
        macAddress: endpoint.MacAddress,
        name: endpoint.Name,
      }));
      return { id: network.Id, name, driver, internal, ipamConfigs, options, scope, containers };
    },

    async "docker:index/getRemoteImage:getRemoteImage"(args) {
      const name = String(args.name);
      const found = await look(`image ${name}`, engine().docker.getImage(name).inspect());
      return { id: found.Id, name, repoDigest: found.RepoDigests[0] ?? "" };
    },

    async "docker:index/getLogs:getLogs"(args) {
      const name = String(args.name);
      const tail = args.tail === undefined ? {} : { tail: Number(args.tail) };
      const raw = await look(
        `container ${name}`,
        engine()
          .docker.getContainer(name)
          .logs({
            stdout: args.showStdout !== false,
            stderr: args.showStderr !== false,
            timestamps: args.timestamps === true,
            follow: false,
            ...tail,
          }),
      );
      return { ...args, id: name, logsListStrings: demultiplex(raw).trimEnd().split("\n") } satisfies Props;
    },
  };
}

async function look<T>(what: string, call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    throw new Error(`${what}: ${reason(error)}`, { cause: error });
  });
}
