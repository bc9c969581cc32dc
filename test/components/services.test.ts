import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { DockerFilter } from "../../components/docker-filter";
import { Hub } from "../../components/hub";
import type { HubSettings } from "../../components/hub/settings";
import { ReverseProxy } from "../../components/reverse-proxy";
import { traefikFlags } from "../../components/proxy/static-configuration";
import { run, urnName } from "./harness";
import { hubSettings as settings } from "./hub-settings";

const prefix = "jupyterhub-test";
const logging = { maxSize: "10m", maxFiles: 3 };

/** What all services have in common. */
const service = (role: string) => ({
  name: `${prefix}-${role}`,
  labels: [
    { label: "org.jupyterhub.role", value: role },
    { label: "org.jupyterhub.stack", value: prefix },
  ],
  restart: "unless-stopped",
  init: true,
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  networkMode: "bridge",
  wait: true,
});

interface Upload {
  readonly file: string;
  readonly content: string | { readonly secret: string };
  readonly permissions: string;
}

describe("ReverseProxy", () => {
  const make = (over: { http?: number | false; certificate?: string } = {}) =>
    run(
      () =>
        new ReverseProxy("proxy", {
          prefix,
          imageName: "traefik:v3.7.15",
          platform: "linux/amd64",
          ports: { https: 8443, http: over.http ?? 8080, address: "127.0.0.1" },
          tls: { certificate: over.certificate ?? "CERTIFICATE", key: pulumi.secret("KEY") },
          networks: { public: "pub", notebooks: "nb", control: "ctl" },
          volume: "routes",
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
      networksAdvanced: [{ name: "pub" }, { name: "nb" }, { name: "ctl", aliases: ["proxy-api"] }],
      ports: [
        { internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
        { internal: 8443, external: 8443, ip: "127.0.0.1", protocol: "tcp" },
      ],
      volumes: [{ volumeName: "routes", containerPath: "/srv/proxy", readOnly: true }],
    });
    assert.deepEqual(
      command,
      traefikFlags({ httpsPort: 8443, redirect: true, logLevel: "INFO", accessLog: false }),
    );
    assert.ok(healthcheck);
    const { options, parent } = find("proxy-container");
    assert.equal(urnName(parent), "proxy");
    assert.equal(options.deleteBeforeReplace, true);
    assert.deepEqual(options.replaceOnChanges, ["healthcheck"]);
    assert.deepEqual(options.dependencies.map(urnName).includes("proxy-certificate"), true);
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

  it("puts certificate and key, as a secret, into the shared volume by a container that ends", async () => {
    const { inputs, find } = await make();
    const { uploads, command, ...rest } = inputs("proxy-certificate");
    const [upload] = uploads as Upload[];
    assert.equal(upload?.file, "/tls.yml");
    assert.equal(typeof upload.content, "object", "the upload has to be secret");
    const tls = JSON.parse((upload.content as { secret: string }).secret) as Record<string, unknown>;
    assert.deepEqual(tls["tls"], {
      stores: { default: { defaultCertificate: { certFile: "CERTIFICATE", keyFile: "KEY" } } },
      options: { default: { minVersion: "VersionTLS12" } },
    });
    assert.doesNotMatch(String(command), /KEY/);
    assert.deepEqual(rest, {
      name: `${prefix}-certificate`,
      image: "sha256:pulled-proxy-image",
      entrypoints: ["/bin/sh", "-ec"],
      user: "0:0",
      networkMode: "none",
      labels: [
        { label: "org.jupyterhub.role", value: "certificate" },
        { label: "org.jupyterhub.stack", value: prefix },
      ],
      capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      restart: "no",
      volumes: [{ volumeName: "routes", containerPath: "/srv/proxy" }],
      attach: true,
      mustRun: false,
    });
    assert.equal(find("proxy-certificate").options.deleteBeforeReplace, true);
  });

  it("leaves Traefik as it is when the certificate changes", async () => {
    const before = await make({ certificate: "ONE" });
    const after = await make({ certificate: "TWO" });
    assert.notDeepEqual(after.inputs("proxy-certificate"), before.inputs("proxy-certificate"));
    assert.deepEqual(after.inputs("proxy-container"), before.inputs("proxy-container"));
  });
});

describe("traefikFlags", () => {
  const flags = (over = {}) =>
    traefikFlags({ httpsPort: 8443, redirect: true, logLevel: "WARN", accessLog: false, ...over });

  it("binds the API to its own address on the control network, and has no dashboard", () => {
    assert.ok(flags().includes("--entryPoints.api.address=proxy-api:8099"));
    assert.ok(flags().includes("--api.dashboard=false"));
    assert.ok(!flags().some((flag) => flag.startsWith("--api.insecure")));
  });
  it("redirects to the port that browsers use", () => {
    assert.ok(flags().includes("--entryPoints.web.http.redirections.entryPoint.to=:8443"));
  });
  it("logs requests only when asked to", () => {
    assert.ok(!flags().some((flag) => flag.startsWith("--accessLog")));
    assert.ok(flags({ accessLog: true }).some((flag) => flag.startsWith("--accessLog")));
  });
  it("talks to nobody but its neighbours", () => {
    assert.ok(flags().includes("--global.checkNewVersion=false"));
    assert.ok(flags().includes("--global.sendAnonymousUsage=false"));
  });
});

describe("DockerFilter", () => {
  const make = () =>
    run(
      () =>
        new DockerFilter("docker-filter", {
          prefix,
          image: "sha256:hub",
          network: "ctl",
          notebookNetwork: "nb",
          images: ["sha256:b", pulumi.output("sha256:a")],
          gpus: [{ count: 1, ids: [] }],
          logging,
        }),
    );

  it("alone has the engine's socket, and is on the control network only", async () => {
    const { inputs } = await make();
    const { uploads, healthcheck, ...rest } = inputs("docker-filter-container");
    assert.ok(healthcheck);
    assert.deepEqual(rest, {
      ...service("docker-filter"),
      image: "sha256:hub",
      command: ["jupyterhub-on-docker", "docker-filter"],
      user: "0:0",
      memory: 256,
      memorySwap: 256,
      networksAdvanced: [{ name: "ctl", aliases: ["docker-filter"] }],
      volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
    });
    const [upload] = uploads as Upload[];
    assert.equal(upload?.file, "/etc/jupyterhub/filter.json");
    assert.deepEqual(JSON.parse(upload.content as string), {
      version: 1,
      socket: "/var/run/docker.sock",
      listen: "0.0.0.0:2375",
      namePrefix: prefix,
      network: "nb",
      images: ["sha256:a", "sha256:b"],
      gpus: [{ count: 1, ids: [] }],
      volumePrefix: `${prefix}-home-`,
      binds: [],
    });
  });
});

describe("Hub", () => {
  const make = (over: Partial<HubSettings["hub"]> = {}, opts = {}) =>
    run(
      () =>
        new Hub("hub", {
          prefix,
          image: "sha256:hub",
          settings: { ...settings, hub: { ...settings.hub, ...over } },
          secrets: {
            cookie_secret: "COOKIE",
            crypt_key: "CRYPT",
            proxy_api_password: "PROXY",
            user_password: "USER",
            admin_password: "ADMIN",
          },
          networks: { notebooks: "nb", control: "ctl" },
          volumes: { data: "data", proxy: "routes" },
          logging,
        }),
      opts,
    );

  it("is an ordinary user on two networks, with its two volumes and no Docker socket", async () => {
    const { inputs, find } = await make();
    const { uploads, healthcheck, ...rest } = inputs("hub-container");
    assert.ok(uploads);
    assert.ok(healthcheck);
    assert.deepEqual(rest, {
      ...service("hub"),
      image: "sha256:hub",
      networksAdvanced: [{ name: "nb", aliases: ["hub"] }, { name: "ctl" }],
      volumes: [
        { volumeName: "data", containerPath: "/srv/jupyterhub" },
        { volumeName: "routes", containerPath: "/srv/proxy" },
      ],
      waitTimeout: 180,
      stopTimeout: 20,
    });
    assert.equal(find("hub-container").options.deleteBeforeReplace, true);
    assert.deepEqual(find("hub-container").options.replaceOnChanges, ["healthcheck"]);
  });

  it("gets each secret as a file, and as a secret to the engine", async () => {
    const { inputs } = await make();
    const uploads = inputs("hub-container")["uploads"] as Upload[];
    assert.deepEqual(
      uploads.slice(1).map(({ file, content, permissions }) => [file, content, permissions]),
      [
        ["/run/secrets/admin_password", { secret: "ADMIN" }, "0444"],
        ["/run/secrets/cookie_secret", { secret: "COOKIE" }, "0444"],
        ["/run/secrets/crypt_key", { secret: "CRYPT" }, "0444"],
        ["/run/secrets/proxy_api_password", { secret: "PROXY" }, "0444"],
        ["/run/secrets/user_password", { secret: "USER" }, "0444"],
      ],
    );
    assert.equal(uploads[0]?.file, "/etc/jupyterhub/config.json");
    assert.doesNotMatch(JSON.stringify(uploads[0]), /COOKIE|CRYPT|PROXY|USER|ADMIN/);
  });

  it("is made anew when a setting changes", async () => {
    const info = await make();
    const debug = await make({ logLevel: "DEBUG" });
    assert.notDeepEqual(debug.inputs("hub-container"), info.inputs("hub-container"));
  });
});
