import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { service, uploads, type LogRotation } from "./container";
import { labels, physicalName } from "./naming";
import {
  API_ALIAS,
  containerPorts,
  DYNAMIC_DIRECTORY,
  tlsConfiguration,
  traefikFlags,
} from "./proxy/static-configuration";

/** User and group of the hub and of Traefik: each reads files that the other wrote for nobody else. */
const OWNER = "10001:10001";

export interface ReverseProxyArgs {
  /** Prefix of the stack's names. */
  readonly prefix: string;

  /** Name of Traefik's image, with a tag or digest. Changing it replaces the container. */
  readonly imageName: string;

  /** Platform of the Docker host, such as `linux/amd64`. */
  readonly platform: string;

  /** Ports published on the Docker host; `http` false for none. Changing one replaces the container. */
  readonly ports: { readonly https: number; readonly http: number | false; readonly address: string };

  /** Server certificate chain and key in PEM. New ones are served at once, without a restart. */
  readonly tls: { readonly certificate: pulumi.Input<string>; readonly key: pulumi.Input<string> };

  /** Networks, by name. */
  readonly networks: {
    readonly public: pulumi.Input<string>;
    readonly notebooks: pulumi.Input<string>;
    readonly control: pulumi.Input<string>;
  };

  /** Name of the volume for dynamic configuration, which the hub shares. */
  readonly volume: pulumi.Input<string>;

  /** Traefik's log level: DEBUG, INFO, WARN or ERROR. */
  readonly logLevel: string;

  /** Whether each request is logged. */
  readonly accessLog: boolean;

  /** Log rotation. */
  readonly logging: LogRotation;
}

/**
 * Traefik, which ends TLS and routes straight to the hub and to notebook servers. It has no access to Docker: the hub
 * writes its routes into a folder that both share.
 */
export class ReverseProxy extends pulumi.ComponentResource {
  readonly container: docker.Container;

  /** Address of Traefik's API, for the hub on the control network. */
  readonly apiUrl: string = `http://${API_ALIAS}:${containerPorts.api}`;

  constructor(name: string, args: ReverseProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:proxy:ReverseProxy", name, {}, opts);

    const image = new docker.RemoteImage(
      `${name}-image`,
      // Other stacks on the host may use it.
      { name: args.imageName, platform: args.platform, keepLocally: true },
      { parent: this },
    ).imageId;

    // A small container writes the certificate into the volume and ends. Traefik sees the new file and serves it.
    // It also gives the volume its owner, whoever mounts it first.
    const certificate = new docker.Container(
      `${name}-certificate`,
      {
        name: physicalName(args.prefix, "certificate"),
        image,
        entrypoints: ["/bin/sh", "-ec"],
        command: [
          [
            `chown ${OWNER} ${DYNAMIC_DIRECTORY}`,
            `chmod 0700 ${DYNAMIC_DIRECTORY}`,
            `cp /tls.yml ${DYNAMIC_DIRECTORY}/.tls.new`,
            `chown ${OWNER} ${DYNAMIC_DIRECTORY}/.tls.new`,
            `chmod 0600 ${DYNAMIC_DIRECTORY}/.tls.new`,
            `mv ${DYNAMIC_DIRECTORY}/.tls.new ${DYNAMIC_DIRECTORY}/tls.yml`,
          ].join(" && "),
        ],
        user: "0:0",
        networkMode: "none",
        labels: labels(args.prefix, "certificate"),
        // The engine reads these back with CAP_: without it, a refresh would see a difference.
        capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
        securityOpts: ["no-new-privileges:true"],
        logDriver: "json-file",
        logOpts: { "max-size": args.logging.maxSize, "max-file": String(args.logging.maxFiles) },
        restart: "no",
        volumes: [{ volumeName: args.volume, containerPath: DYNAMIC_DIRECTORY }],
        uploads: uploads([
          {
            path: "/tls.yml",
            content: pulumi.secret(
              pulumi
                .all([args.tls.certificate, args.tls.key])
                .apply(([pem, key]) => tlsConfiguration(pem, key)),
            ),
          },
        ]),
        // It runs once: that it has ended is as it should be, and the provider waits for the end.
        attach: true,
        mustRun: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );

    // The provider does not mind how such a container ended.
    certificate.exitCode.apply((code) => {
      if (code) {
        throw new pulumi.RunError(
          `The certificate could not be put in place (exit code ${code}). See: docker logs ${physicalName(args.prefix, "certificate")}`,
        );
      }
    });

    const http = args.ports.http;
    const publish = (internal: number, external: number): docker.types.input.ContainerPort => ({
      internal,
      external,
      ip: args.ports.address,
      protocol: "tcp",
    });
    this.container = new docker.Container(
      `${name}-container`,
      {
        ...service({ prefix: args.prefix, role: "proxy", logging: args.logging }),
        name: physicalName(args.prefix, "proxy"),
        image,
        command: traefikFlags({
          httpsPort: args.ports.https,
          redirect: http !== false,
          logLevel: args.logLevel,
          accessLog: args.accessLog,
        }),
        user: OWNER,
        readOnly: true,
        networksAdvanced: [
          { name: args.networks.public },
          { name: args.networks.notebooks },
          { name: args.networks.control, aliases: [API_ALIAS] },
        ],
        ports: [
          ...(http === false ? [] : [publish(containerPorts.http, http)]),
          publish(containerPorts.https, args.ports.https),
        ],
        volumes: [{ volumeName: args.volume, containerPath: DYNAMIC_DIRECTORY, readOnly: true }],
        healthcheck: {
          tests: [
            "CMD",
            "traefik",
            "healthcheck",
            "--ping",
            "--ping.entryPoint=ping",
            `--entryPoints.ping.address=127.0.0.1:${containerPorts.ping}`,
          ],
          interval: "2s",
          timeout: "5s",
          retries: 3,
        },
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck"],
        dependsOn: [certificate],
      },
    );
    this.registerOutputs({ apiUrl: this.apiUrl });
  }
}
