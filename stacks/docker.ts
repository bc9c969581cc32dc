import type * as docker from "@pulumi/docker";

import type { DockerConfig } from "../config";

/** Arguments of the provider for a Docker host. The key is encrypted in the state. */
export function providerArgs({ host, tls }: DockerConfig): docker.ProviderArgs {
  return {
    ...(host === undefined ? {} : { host }),
    ...(tls === undefined
      ? {}
      : { caMaterial: tls.caPem, certMaterial: tls.certificatePem, keyMaterial: tls.keyPem }),
  };
}
