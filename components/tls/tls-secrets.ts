import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { AUTHORITY_SCRIPT, CERTIFICATE_SCRIPT, splitPem, subjectAltNames } from "./openssl";
import { renewal, startOf } from "./renewal";

/** A certificate signed by an authority of the stack's own, both made by openssl on the machine that runs Pulumi. */
export interface SelfSignedTls {
  readonly kind: "self-signed";

  /** Host names and addresses that the certificate is for; the first is its common name. */
  readonly names: readonly string[];

  /** Days that the certificate is valid. In the last third of them a new one is made, by the same authority. */
  readonly days: number;

  /** The moment that decides whether a new one is due. */
  readonly now: Date;
}

/** A certificate that somebody else issued. */
export interface GivenTls {
  readonly kind: "files";

  /** Certificate chain in PEM, the server's certificate first. */
  readonly certificate: pulumi.Input<string>;

  /** Private key in PEM. */
  readonly key: pulumi.Input<string>;
}

export type TlsSource = SelfSignedTls | GivenTls;

interface Material {
  readonly certificate: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;
  readonly caCertificate?: pulumi.Output<string>;
}

type Strategy<K extends TlsSource["kind"]> = (
  parent: TlsSecrets,
  name: string,
  source: Extract<TlsSource, { kind: K }>,
) => Material;

/** A shell script whose output is a private key and a certificate: nothing of it goes to a log or a diff. */
function opensslCommand(
  name: string,
  args: {
    create: string;
    stdin?: pulumi.Input<string>;
    environment?: Record<string, string>;
    triggers: pulumi.Input<string>[];
  },
  parent: TlsSecrets,
): command.local.Command {
  return new command.local.Command(
    name,
    { ...args, logging: command.local.Logging.None },
    { parent, additionalSecretOutputs: ["stdout", "stderr"] },
  );
}

const strategies: { readonly [K in TlsSource["kind"]]: Strategy<K> } = {
  "self-signed": (parent, name, { names, days, now }) => {
    const authority = opensslCommand(`${name}-authority`, { create: AUTHORITY_SCRIPT, triggers: [] }, parent);
    // Not a secret: how many renewals the authority has been there for.
    const due = pulumi.unsecret(
      authority.stdout.apply((text) => String(renewal(startOf(splitPem(text).certificate), days, now))),
    );
    const server = opensslCommand(
      `${name}-certificate`,
      {
        create: CERTIFICATE_SCRIPT,
        stdin: authority.stdout,
        environment: {
          COMMON_NAME: names[0] ?? "",
          DAYS: String(days),
          SUBJECT_ALT_NAMES: subjectAltNames(names),
        },
        // An update would run the script in place; a new certificate is a replacement, and is shown as one.
        triggers: [...names, String(days), due],
      },
      parent,
    );
    const authorityPem = authority.stdout.apply(splitPem);
    const serverPem = server.stdout.apply(splitPem);
    return {
      certificate: pulumi.unsecret(serverPem.apply((pem) => pem.certificate)),
      key: pulumi.secret(serverPem.apply((pem) => pem.key)),
      caCertificate: pulumi.unsecret(authorityPem.apply((pem) => pem.certificate)),
    };
  },
  files: (_parent, _name, { certificate, key }) => ({
    certificate: pulumi.output(certificate),
    key: pulumi.secret(key),
  }),
};

export interface TlsSecretsArgs {
  /** Where certificate and key come from. */
  readonly source: TlsSource;
}

/** The server's certificate and private key, wherever they come from. */
export class TlsSecrets extends pulumi.ComponentResource {
  /** Certificate chain in PEM, the server's certificate first. */
  readonly certificate: pulumi.Output<string>;

  /** Private key in PEM; secret. */
  readonly key: pulumi.Output<string>;

  /** Certificate of the stack's own authority in PEM, for browsers to trust; undefined for given certificates. */
  readonly caCertificate: pulumi.Output<string> | undefined;

  constructor(name: string, args: TlsSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:tls:TlsSecrets", name, {}, opts);

    const strategy = strategies[args.source.kind] as Strategy<TlsSource["kind"]>;
    const material = strategy(this, name, args.source);
    this.certificate = material.certificate;
    this.key = material.key;
    this.caCertificate = material.caCertificate;
    this.registerOutputs({ certificate: this.certificate });
  }
}
