import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import type { Edge } from "../../../../components/proxy/edge";
import { type ProxyTls, ReverseProxy } from "../../../../components/proxy/reverse-proxy";
import { traefikFlags } from "../../../../components/proxy/static-configuration";
import { script } from "../../../../components/storage/volume-files";
import { edge } from "../edge";
import { run, urnName } from "../harness";
import type { Upload } from "../services";
import { logging, prefix, runOnce, service } from "../services";

describe("ReverseProxy", () => {
  const make = (
    over: { http?: number | false; certificate?: string; tls?: ProxyTls; edge?: Partial<Edge> } = {},
  ) =>
    run(
      () =>
        new ReverseProxy("proxy", {
          prefix,
          imageName: "traefik:v3.7.15",
          platform: "linux/amd64",
          ports: { https: 8443, http: over.http ?? 8080, address: "127.0.0.1" },
          tls: over.tls ?? {
            kind: "certificate",
            certificate: over.certificate ?? "CERTIFICATE",
            key: pulumi.secret("KEY"),
          },
          edge: { ...edge, ...over.edge },
          networks: { public: "pub", notebooks: "nb", address: "10.200.8.3", control: "ctl" },
          volume: "settings",
          apiPassword: pulumi.secret("PASSWORD"),
          logLevel: "INFO",
          accessLog: false,
          logging,
        }),
    );

  it("runs Traefik unprivileged on three networks, with no Docker socket", async () => {
    const { inputs, find } = await make();
    const { healthcheck, command, ...rest } = inputs("proxy-container");
    assert.deepEqual(rest, {
      ...service("proxy"),
      image: "sha256:pulled-proxy-image",
      user: "10001:10001",
      readOnly: true,
      memory: 1024,
      memorySwap: 1024,
      ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }],
      networksAdvanced: [
        { name: "pub" },
        { name: "nb", ipv4Address: "10.200.8.3" },
        { name: "ctl", aliases: ["proxy-api"] },
      ],
      ports: [
        { internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
        { internal: 8443, external: 8443, ip: "127.0.0.1", protocol: "tcp" },
      ],
      volumes: [{ volumeName: "settings", containerPath: "/srv/proxy", readOnly: true }],
    });
    assert.deepEqual(
      command,
      traefikFlags({
        listener: { kind: "certificate" },
        ports: { https: 8443, http: 8080 },
        edge,
        logLevel: "INFO",
        accessLog: false,
        pollInterval: "100ms",
      }),
    );
    assert.ok(healthcheck);
    const { options, parent } = find("proxy-container");
    assert.equal(urnName(parent), "proxy");
    assert.equal(options.deleteBeforeReplace, true);
    assert.deepEqual(options.replaceOnChanges, ["healthcheck"]);
    assert.deepEqual(options.dependencies.map(urnName).includes("proxy-settings-container"), true);
  });

  it("publishes no plain HTTP when it is off", async () => {
    const { inputs } = await make({ http: false });
    assert.deepEqual(inputs("proxy-container")["ports"], [
      { internal: 8443, external: 8443, ip: "127.0.0.1", protocol: "tcp" },
    ]);
    assert.ok(
      !(inputs("proxy-container")["command"] as string[]).some((flag) => flag.includes("entryPoints.web.")),
    );
  });

  it("puts certificate, key and limits, as secrets, into its own volume by a container that ends", async () => {
    const { inputs, find } = await make();
    const { uploads, command, ...rest } = inputs("proxy-settings-container");
    const contents = (uploads as Upload[]).map(({ file, content }) => {
      assert.equal(typeof content, "object", `${file} has to be secret`);
      return [file, JSON.parse((content as { secret: string }).secret) as Record<string, unknown>] as const;
    });
    assert.deepEqual(
      contents.map(([file, content]) => [file, Object.keys(content)]),
      [
        ["/in/0", ["http"]],
        ["/in/1", ["http"]],
        ["/in/2", ["tls"]],
      ],
    );
    assert.match(JSON.stringify(contents[0]), /"hub:\{SHA\}[A-Za-z0-9+/]{27}="/);
    assert.doesNotMatch(JSON.stringify(contents[0]), /PASSWORD/);
    assert.deepEqual((contents[2]?.[1]["tls"] as Record<string, unknown>)["stores"], {
      default: { defaultCertificate: { certFile: "CERTIFICATE", keyFile: "KEY" } },
    });
    assert.deepEqual(command, [
      script(["/srv/proxy"], ["/srv/proxy/api.yml", "/srv/proxy/edge.yml", "/srv/proxy/tls.yml"]),
    ]);
    assert.deepEqual(
      rest,
      runOnce("proxy-settings", [{ volumeName: "settings", containerPath: "/srv/proxy" }]),
    );
    assert.equal(find("proxy-settings-container").options.deleteBeforeReplace, true);
  });

  it("leaves Traefik as it is when the certificate or a limit changes", async () => {
    const before = await make({ certificate: "ONE" });
    for (const after of [
      await make({ certificate: "TWO" }),
      await make({ certificate: "ONE", edge: { maxBodySize: false } }),
    ]) {
      assert.notDeepEqual(
        after.inputs("proxy-settings-container"),
        before.inputs("proxy-settings-container"),
      );
      assert.deepEqual(after.inputs("proxy-container"), before.inputs("proxy-container"));
    }
  });

  const acme = (secret: string): ProxyTls => ({
    kind: "acme",
    resolver: {
      email: "admin@example.org",
      directory: "letsencrypt",
      domains: ["hub.example.org", "*.hub.example.org"],
      challenge: { kind: "dns-01", provider: "cloudflare", resolvers: [], delay: 0, checkNameservers: true },
    },
    environment: { CF_DNS_API_TOKEN: pulumi.secret(secret) },
    authority: "AUTHORITY",
    volumes: { state: "acme", files: "acme-files" },
  });

  it("gives Traefik the DNS provider's secrets in a file that nobody else reads", async () => {
    const { inputs, find } = await make({ tls: acme("TOKEN") });
    const { uploads, command, ...rest } = inputs("proxy-acme-container");
    assert.deepEqual(
      (uploads as Upload[]).map(({ content }) => content),
      [{ secret: "AUTHORITY" }, { secret: "# Variables of the DNS provider.\nCF_DNS_API_TOKEN='TOKEN'\n" }],
    );
    assert.doesNotMatch(String(command), /TOKEN/);
    assert.deepEqual(
      rest,
      runOnce("proxy-acme", [
        { volumeName: "acme", containerPath: "/srv/acme" },
        { volumeName: "acme-files", containerPath: "/srv/acme-files" },
      ]),
    );
    const proxy = inputs("proxy-container");
    assert.deepEqual(proxy["volumes"], [
      { volumeName: "settings", containerPath: "/srv/proxy", readOnly: true },
      { volumeName: "acme", containerPath: "/srv/acme" },
      { volumeName: "acme-files", containerPath: "/srv/acme-files", readOnly: true },
    ]);
    assert.deepEqual(proxy["entrypoints"], [
      "/bin/sh",
      "-ec",
      'set -a; . /srv/acme-files/environment; set +a; exec traefik "$@"',
      "traefik",
    ]);
    assert.doesNotMatch(JSON.stringify(proxy), /TOKEN'|AUTHORITY/);
    // Traefik reads them when it starts: the label has it replaced when they change.
    assert.deepEqual((proxy["labels"] as object[]).at(-1), {
      label: "org.jupyterhub.acme",
      value: "proxy-acme-container-id",
    });
    assert.ok(find("proxy-container").options.dependencies.map(urnName).includes("proxy-acme-container"));
  });

  it("publishes plain HTTP alone behind a load balancer", async () => {
    const { inputs } = await make({
      tls: { kind: "off" },
      edge: { ...edge, trustedProxies: ["10.0.0.0/8"] },
    });
    const { ports, command } = inputs("proxy-container");
    assert.deepEqual(ports, [{ internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" }]);
    const flags = command as string[];
    assert.ok(flags.includes("--entryPoints.websecure.address=:8080"));
    assert.ok(flags.includes("--entryPoints.websecure.forwardedHeaders.trustedIPs=10.0.0.0/8"));
    assert.ok(!flags.some((flag) => /entryPoints\.web\.|http\.tls/.test(flag)));
  });
});
