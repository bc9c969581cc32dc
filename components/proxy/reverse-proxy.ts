import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { physicalName } from "../../docker-api/naming";
import { healthcheck, limits, type LogRotation, service, serviceOptions } from "../container";
import { USER } from "../hub/settings/paths";
import { VolumeFiles } from "../storage/volume-files";
import { ACME_DIRECTORY, ACME_FILES, acmeFiles, type AcmeResolver, environmentFile } from "./acme";
import { API_USER, apiConfiguration } from "./api";
import { tlsConfiguration } from "./dynamic-configuration";
import { edgeConfiguration } from "./edge";
import {
  API_ALIAS,
  containerPorts,
  DYNAMIC_DIRECTORY,
  type Listener,
  TRAEFIK_CHECK,
  traefikFlags,
  type TraefikSettings,
} from "./static-configuration";

/** What the proxy speaks to browsers, and where its certificates come from. */
export type ProxyTls =
  /** TLS with this chain and key in PEM. New ones are served at once, without a restart. */
  | {
      readonly kind: "certificate";
      readonly certificate: pulumi.Input<string>;
      readonly key: pulumi.Input<string>;
    }
  /** TLS with certificates that Traefik gets by itself. Changing anything replaces the container. */
  | {
      readonly kind: "acme";
      readonly resolver: Omit<AcmeResolver, "ownAuthority">;
      /** Variables of the DNS provider. */
      readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
      /** Authority of the directory's own certificate, in PEM. */
      readonly authority: string | undefined;
      /** Volumes, by name: `state` for accounts and certificates, `files` for what is written for Traefik to read. */
      readonly volumes: { readonly state: pulumi.Input<string>; readonly files: pulumi.Input<string> };
    }
  /** Plain HTTP, behind load balancers that end TLS. */
  | { readonly kind: "off" };

export interface ReverseProxyArgs extends TraefikSettings {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Name of Traefik's image, with a tag or digest. Changing it replaces the container. */
  readonly imageName: string;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /** Ports published on an address of the Docker host. Changing one replaces the container. */
  readonly ports: TraefikSettings["ports"] & { readonly address: string };

  readonly tls: ProxyTls;

  /** Networks, by name, and the fixed address on the notebooks' one. */
  readonly networks: {
    readonly public: pulumi.Input<string>;
    readonly notebooks: pulumi.Input<string>;
    readonly address: string;
    readonly control: pulumi.Input<string>;
  };

  /** Name of the volume for dynamic configuration, which has the key of TLS: nothing else mounts it. */
  readonly volume: pulumi.Input<string>;

  /** Password of the hub for Traefik's API. */
  readonly apiPassword: pulumi.Input<string>;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/** Reads the variables of the DNS provider, then becomes Traefik. */
const WITH_ENVIRONMENT = `set -a; . ${ACME_FILES}/${acmeFiles.environment}; set +a; exec traefik "$@"`;

/** Address of Traefik's API, for the hub on the control network of one host. */
export const PROXY_API_URL = `http://${API_ALIAS}:${containerPorts.api}`;

/**
 * Traefik, which ends TLS and routes straight to the hub and to notebook servers. It has no access to Docker: it asks the
 * server of routes, which has them from the hub.
 */
export class ReverseProxy extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(name: string, args: ReverseProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:proxy:ReverseProxy", name, {}, opts);

    const image = new docker.RemoteImage(
      `${name}-image`,
      // Other stacks on the host may use it.
      { name: args.imageName, platform: args.platform, keepLocally: true },
      { parent: this },
    ).imageId;
    const written = { prefix: args.prefix, image, logging: args.logging };

    // Traefik sees new files and takes them over: a new certificate or another limit cuts no connection.
    const settings = new VolumeFiles(
      `${name}-settings`,
      {
        ...written,
        role: "proxy-settings",
        volumes: { [DYNAMIC_DIRECTORY]: args.volume },
        files: {
          [`${DYNAMIC_DIRECTORY}/tls.yml`]: dynamicTls(args),
          [`${DYNAMIC_DIRECTORY}/edge.yml`]: edgeConfiguration(args.edge),
          [`${DYNAMIC_DIRECTORY}/api.yml`]: pulumi
            .output(args.apiPassword)
            .apply((password) => apiConfiguration({ user: API_USER, password, metrics: false })),
        },
      },
      { parent: this },
    );
    const acme = args.tls.kind === "acme" ? acmeContainer(this, name, args.tls, written) : undefined;

    const base = service({ prefix: args.prefix, role: "proxy", logging: args.logging });
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...base,
        ...acmeStart(base.labels, acme),
        name: physicalName(args.prefix, "proxy"),
        image,
        command: traefikFlags({
          ...args,
          listener: listener(args.tls),
          // The server holds its answer back until there is something new.
          pollInterval: "100ms",
        }),
        user: USER,
        readOnly: true,
        ...limits(1024),
        networksAdvanced: [
          { name: args.networks.public },
          { name: args.networks.notebooks, ipv4Address: args.networks.address },
          { name: args.networks.control, aliases: [API_ALIAS] },
        ],
        ports: publishedPorts(args),
        volumes: [
          { volumeName: args.volume, containerPath: DYNAMIC_DIRECTORY, readOnly: true },
          ...(args.tls.kind === "acme"
            ? [
                { volumeName: args.tls.volumes.state, containerPath: ACME_DIRECTORY },
                { volumeName: args.tls.volumes.files, containerPath: ACME_FILES, readOnly: true },
              ]
            : []),
        ],
        healthcheck: healthcheck(TRAEFIK_CHECK),
      },
      serviceOptions(this, { dependsOn: [settings] }),
    );
    this.registerOutputs({ apiUrl: PROXY_API_URL });
  }
}

/** The file with what TLS is spoken, and the certificate where it is the stack's. */
export function dynamicTls({
  tls,
  edge: { minimumTls },
}: Pick<ReverseProxyArgs, "tls" | "edge">): pulumi.Input<string> {
  if (tls.kind !== "certificate") {
    return tlsConfiguration(minimumTls);
  }
  return pulumi
    .all([tls.certificate, tls.key])
    .apply(([certificate, key]) => tlsConfiguration(minimumTls, { certificate, key }));
}

function listener(tls: ProxyTls): Listener {
  return tls.kind === "acme"
    ? { kind: tls.kind, resolver: { ...tls.resolver, ownAuthority: tls.authority !== undefined } }
    : tls;
}

function publishedPorts({ tls, ports }: ReverseProxyArgs): docker.types.input.ContainerPort[] {
  const publish = (internal: number, external: number) => ({
    internal,
    external,
    ip: ports.address,
    protocol: "tcp",
  });
  return [
    ...(ports.http === false ? [] : [publish(containerPorts.http, ports.http)]),
    ...(tls.kind === "off" ? [] : [publish(containerPorts.https, ports.https)]),
  ];
}

/** Gives Traefik's folders their owner, and puts its secrets where it alone reads them. */
function acmeContainer(
  parent: ReverseProxy,
  name: string,
  { environment, authority, volumes }: Extract<ProxyTls, { kind: "acme" }>,
  written: Pick<ReverseProxyArgs, "prefix" | "logging"> & { image: pulumi.Input<string> },
): docker.Container {
  return new VolumeFiles(
    `${name}-acme`,
    {
      ...written,
      role: "proxy-acme",
      volumes: { [ACME_DIRECTORY]: volumes.state, [ACME_FILES]: volumes.files },
      files: {
        // Never empty: the provider takes no empty file.
        [`${ACME_FILES}/${acmeFiles.environment}`]: pulumi
          .output(environment)
          .apply((variables) => `# Variables of the DNS provider.\n${environmentFile(variables)}`),
        ...(authority === undefined ? {} : { [`${ACME_FILES}/${acmeFiles.authority}`]: authority }),
      },
    },
    { parent },
  ).container;
}

/** Traefik reads its variables when it starts: where they change, it is replaced, as the label then does. */
function acmeStart(
  labels: readonly docker.types.input.ContainerLabel[],
  acme: docker.Container | undefined,
): Pick<docker.ContainerArgs, "labels" | "entrypoints"> {
  if (acme === undefined) {
    return {};
  }
  return {
    labels: [...labels, { label: "org.jupyterhub.acme", value: acme.id }],
    entrypoints: ["/bin/sh", "-ec", WITH_ENVIRONMENT, "traefik"],
  };
}
