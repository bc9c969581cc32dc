import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface ServiceTokensArgs {
  /** Names of the services that need a token. */
  readonly services: readonly string[];
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
        .map((service) => [
          service,
          new random.RandomPassword(`${name}-${service}`, { length: 48, special: false }, { parent: this })
            .result,
        ]),
    );
    this.registerOutputs({ tokens: this.tokens });
  }
}
