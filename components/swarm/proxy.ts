import * as pulumi from "@pulumi/pulumi";

import { USER } from "../hub/settings/paths";
import { API_USER, apiConfiguration } from "../proxy/api";
import { edgeConfiguration } from "../proxy/edge";
import { dynamicTls, type ProxyTls } from "../proxy/reverse-proxy";
import { API_ALIAS, PROXY_ALIAS, TRAEFIK_CHECK, type TraefikSettings } from "../proxy/static-configuration";
import type { SwarmCommonArgs } from "./common";
import { SwarmService } from "./service";
import { files, ports, staticConfiguration } from "./traefik";

/** What the entry nodes speak. All have one certificate, so none gets its own by ACME. */
export type SwarmProxyTls = Exclude<ProxyTls, { kind: "acme" }>;

/** `ports` are those of each entry node. */
export interface SwarmProxyArgs extends SwarmCommonArgs, TraefikSettings {
  readonly tls: SwarmProxyTls;
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
            content: dynamicTls(args),
          },
          {
            file: files.api,
            content: pulumi.output(args.api.password).apply((text) =>
              apiConfiguration({
                user: API_USER,
                password: text,
                sources: args.api.sources,
                metrics: args.edge.metrics,
              }),
            ),
          },
        ],
        configs: [
          { file: files.static, content: staticConfiguration({ ...args, listener: tls }) },
          { file: files.edge, content: edgeConfiguration(args.edge) },
        ],
        healthcheck: TRAEFIK_CHECK,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
