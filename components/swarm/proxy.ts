import * as pulumi from "@pulumi/pulumi";

import { USER } from "../hub/settings/paths";
import { API_USER, apiConfiguration } from "../proxy/api";
import { type MinimumTls, tlsConfiguration } from "../proxy/dynamic-configuration";
import { type Edge, edgeConfiguration } from "../proxy/edge";
import type { ProxyTls } from "../proxy/reverse-proxy";
import { API_ALIAS, PROXY_ALIAS } from "../proxy/static-configuration";
import type { SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";
import { files, ports, staticConfiguration } from "./traefik";

/** What the entry nodes speak. All have one certificate, so none gets its own by ACME. */
export type SwarmProxyTls = Exclude<ProxyTls, { kind: "acme" }>;

export interface SwarmProxyArgs extends SwarmCommonArgs {
  /** Ports of each entry node; `http` false for none. */
  readonly ports: { readonly https: number; readonly http: number | false };
  readonly logLevel: string;
  readonly accessLog: boolean;
  /** Whether there are figures for Prometheus, for what is on the control network. */
  readonly metrics: boolean;
  readonly tls: SwarmProxyTls;
  /** Oldest TLS version that is spoken. */
  readonly minimumTls: MinimumTls;
  /** What requests go through. */
  readonly edge: Edge;
  /** Password of the hub for Traefik's API, and the networks from which it may be asked. */
  readonly api: { readonly password: pulumi.Input<string>; readonly sources: readonly string[] };
  /** Entry nodes: how many, and which may be. */
  readonly replicas: number;
  readonly constraints: readonly string[];
}

/** Traefik on the entry nodes, each with the nodes' own ports, so that it sees who calls. */
export class SwarmProxy extends pulumi.ComponentResource {
  constructor(name: string, args: SwarmProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("jupyterhub:swarm:SwarmProxy", name, {}, opts);
    const { http, https } = args.ports;
    const { tls } = args;
    const configuration = {
      listener: tls,
      trustedProxies: args.edge.trustedProxies,
      metrics: args.metrics,
      httpsPort: https,
      redirect: tls.kind !== "off" && http !== false,
      logLevel: args.logLevel,
      accessLog: args.accessLog,
    };
    new SwarmService(
      name,
      {
        ...args,
        role: "proxy",
        args: [`--configFile=${files.static}`],
        user: USER,
        // The other end of a connection may be on a node that has lost its power, and says nothing. The kernel would send
        // again for a quarter of an hour, and whoever asks would wait; with five times it is 13 s until another try.
        sysctls: { "net.ipv4.tcp_retries2": "5" },
        networks: [
          // The hub knows by this name which connections are the proxy's.
          { id: args.networks.notebooks.id, aliases: [PROXY_ALIAS] },
          { id: args.networks.control.id, aliases: [API_ALIAS] },
        ],
        ports: [
          ...(http === false ? [] : [{ target: ports.http, published: http }]),
          ...(tls.kind === "off" ? [] : [{ target: ports.https, published: https }]),
        ],
        secrets: [
          {
            file: files.tls,
            content:
              tls.kind === "off"
                ? tlsConfiguration(args.minimumTls)
                : pulumi
                    .all([tls.certificate, tls.key])
                    .apply(([certificate, key]) => tlsConfiguration(args.minimumTls, { certificate, key })),
          },
          {
            file: files.api,
            content: pulumi.output(args.api.password).apply((text) =>
              apiConfiguration({
                user: API_USER,
                password: text,
                sources: args.api.sources,
                metrics: args.metrics,
              }),
            ),
          },
        ],
        configs: [
          { file: files.static, content: staticConfiguration(configuration) },
          { file: files.edge, content: edgeConfiguration(args.edge) },
        ],
        healthcheck: [
          ...["traefik", "healthcheck", "--ping", "--ping.entryPoint=ping"],
          `--entryPoints.ping.address=127.0.0.1:${ports.ping}`,
        ],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
