import * as pulumi from "@pulumi/pulumi";

import { generatedKey, generatedPassword, type Kept } from "../generated";

export interface CredentialsArgs {
  /**
   * Passwords that the login needs: `user` for all ordinary users, `admin` for all administrators (or their first one).
   *
   * @default none
   */
  readonly passwords?: readonly ("user" | "admin")[];

  /**
   * Secrets of the stack from before its state was lost.
   *
   * @default none
   */
  readonly kept?: Kept | undefined;
}

/** Secrets that the stack makes for itself once and keeps in its state, encrypted. */
export class Credentials extends pulumi.ComponentResource {
  /** Password that all ordinary users share, where the login has one. */
  readonly userPassword?: pulumi.Output<string>;

  /** Password that all administrators share or begin with, where the login has one. */
  readonly adminPassword?: pulumi.Output<string>;

  /** Signs login cookies: 32 bytes as hex. A new one logs everybody out. */
  readonly cookieSecret: pulumi.Output<string>;

  /** Encrypts authentication state in the hub's database: 32 bytes as hex. */
  readonly cryptKey: pulumi.Output<string>;

  /** Password of the reverse proxy's API, for the hub only. */
  readonly proxyApiPassword: pulumi.Output<string>;

  constructor(name: string, args: CredentialsArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:auth:Credentials", name, {}, opts);

    const password = (role: string, length: number): pulumi.Output<string> =>
      // Letters and digits only: people type these, and 16 of them are 95 bits.
      generatedPassword(`${name}-${role}`, length, this, args.kept);
    const key = (role: string): pulumi.Output<string> => generatedKey(`${name}-${role}`, this, args.kept);

    if (args.passwords?.includes("user")) {
      this.userPassword = password("user-password", 16);
    }
    // JupyterHub's SharedPasswordAuthenticator refuses an administrators' password under 32 characters.
    if (args.passwords?.includes("admin")) {
      this.adminPassword = password("admin-password", 32);
    }
    this.proxyApiPassword = password("proxy-api-password", 32);
    this.cookieSecret = key("cookie-secret");
    this.cryptKey = key("crypt-key");
    this.registerOutputs({
      userPassword: this.userPassword,
      adminPassword: this.adminPassword,
    });
  }
}
