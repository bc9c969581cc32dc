import * as pulumi from "@pulumi/pulumi";

import { generatedPassword, type Kept } from "../generated";

export interface ServiceTokensArgs {
  /** Names of the services that need a token. */
  readonly services: readonly string[];

  /**
   * Secrets of the stack from before its state was lost.
   *
   * @default none
   */
  readonly kept?: Kept | undefined;
}

/** Tokens for services whose administrator gave none: made once and kept in the stack's state, encrypted. */
export class ServiceTokens extends pulumi.ComponentResource {
  /** The tokens by service: 48 letters and digits. */
  readonly tokens: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: ServiceTokensArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:hub:ServiceTokens", name, {}, opts);
    this.tokens = Object.fromEntries(
      [...args.services]
        .sort()
        .map((service) => [service, generatedPassword(`${name}-${service}`, 48, this, args.kept)]),
    );
    this.registerOutputs({ tokens: this.tokens });
  }
}
