/** The docker provider: its configuration and resources. */
import type { ProviderDefinition } from "../lib/serve";
import { connect, type Connection } from "./connection";
import { container } from "./container";
import { image } from "./image";
import { network } from "./network";
import { remoteImage } from "./remote-image";
import { secret, serviceConfig } from "./swarm/secret";
import { service } from "./swarm/service";
import { volume } from "./volume";

/** The version of the plugin that this one stands in for. */
export const VERSION = "5.2.0";

export function dockerProvider(): ProviderDefinition {
  let connected: Connection | undefined;
  const engine = (): Connection => {
    if (connected === undefined) {
      throw new Error("the docker provider is not configured yet");
    }
    return connected;
  };
  return {
    name: "docker",
    version: VERSION,
    supportsPreview: true,
    supportsAutonamingConfiguration: true,
    async configure(config) {
      connected = await connect(config);
    },
    resources: {
      "docker:index/container:Container": container(engine),
      "docker:index/image:Image": image(engine),
      "docker:index/network:Network": network(engine),
      "docker:index/remoteImage:RemoteImage": remoteImage(engine),
      "docker:index/secret:Secret": secret(engine),
      "docker:index/service:Service": service(engine),
      "docker:index/serviceConfig:ServiceConfig": serviceConfig(engine),
      "docker:index/volume:Volume": volume(engine),
    },
    secretOutputs: {
      "docker:index/image:Image": ["__inputs"],
      "docker:index/secret:Secret": ["data"],
    },
  };
}
