import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

import { DockerFilter } from "../../../components/hub/docker-filter";
import { Hub } from "../../../components/hub/hub";
import type { Edge } from "../../../components/proxy/edge";
import { type ProxyTls, ReverseProxy } from "../../../components/proxy/reverse-proxy";
import { RoutesServer } from "../../../components/proxy/routes-server";
import { traefikFlags } from "../../../components/proxy/static-configuration";
import { script } from "../../../components/storage/volume-files";
import type { StorageConfig } from "../../../config";
import { edge } from "./edge";
import { run, urnName } from "./harness";
import { hubConfig } from "./hub-settings";

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

/** A container that writes files into volumes and ends. */
const runOnce = (role: string, volumes: object[]) => ({
  name: `${prefix}-${role}`,
  image: "sha256:pulled-proxy-image",
  entrypoints: ["/bin/sh", "-ec"],
  user: "0:0",
  networkMode: "none",
  labels: [
    { label: "org.jupyterhub.role", value: role },
    { label: "org.jupyterhub.stack", value: prefix },
  ],
  capabilities: { adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  logDriver: "json-file",
  logOpts: { "max-size": "10m", "max-file": "3" },
  restart: "no",
  volumes,
  attach: true,
  mustRun: false,
});

interface Upload {
  readonly file: string;
  readonly content: string | { readonly secret: string };
  readonly permissions: string;
}

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
          minimumTls: "1.2",
          edge: { ...edge, ...over.edge },
          networks: { public: "pub", notebooks: "nb", address: "10.200.8.3", control: "ctl" },
          volume: "settings",
          apiPassword: pulumi.secret("PASSWORD"),
          logLevel: "INFO",
          accessLog: false,
          metrics: true,
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
        trustedProxies: [],
        httpsPort: 8443,
        redirect: true,
        logLevel: "INFO",
        accessLog: false,
        metrics: true,
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

describe("RoutesServer", () => {
  it("reads the hub's volume and writes nothing, on the control network alone", async () => {
    const targets = {
      networks: ["10.200.12.0/22"],
      prefix: null,
      services: [{ url: "http://report:9000" }, { url: "http://[2001:db8::1]:80/x" }, {}],
    };
    const { inputs } = await run(
      () =>
        new RoutesServer("routes", {
          prefix,
          image: "sha256:hub",
          network: "ctl",
          volume: "noted",
          targets,
          logging,
        }),
    );
    const { uploads, healthcheck, ...rest } = inputs("routes-container");
    assert.ok(healthcheck);
    assert.deepEqual(rest, {
      ...service("routes"),
      image: "sha256:hub",
      command: ["jupyterhub-on-docker", "routes"],
      user: "10001:10001",
      memory: 256,
      memorySwap: 256,
      ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }],
      networksAdvanced: [{ name: "ctl", aliases: ["routes"] }],
      volumes: [{ volumeName: "noted", containerPath: "/srv/proxy", readOnly: true }],
    });
    const [upload] = uploads as Upload[];
    assert.deepEqual(JSON.parse(upload?.content as string), {
      version: 1,
      listen: "0.0.0.0:8096",
      entryPoint: "websecure",
      store: { kind: "file", path: "/srv/proxy/routes.json" },
      targets: { networks: ["10.200.12.0/22"], names: ["2001:db8::1", "hub", "report"], prefix: null },
    });
  });
});

describe("DockerFilter", () => {
  const usual = hubConfig().storage;
  const make = (storage: StorageConfig = usual) =>
    run(
      () =>
        new DockerFilter("docker-filter", {
          prefix,
          image: "sha256:hub",
          network: "ctl",
          notebookNetwork: "nb",
          images: ["sha256:b", pulumi.output("sha256:a")],
          gpus: [{ count: 1, ids: [] }],
          firewall: "jupyterhub-test-firewall",
          dns: ["127.0.0.1"],
          storage,
          limits: { processes: 512, memory: 1024, swap: -1, cpus: 2 },
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
      volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/run/docker.sock" }],
    });
    const [upload] = uploads as Upload[];
    assert.equal(upload?.file, "/etc/jupyterhub/filter.json");
    assert.deepEqual(JSON.parse(upload.content as string), {
      version: 1,
      socket: "/run/docker.sock",
      listen: "0.0.0.0:2375",
      namePrefix: prefix,
      network: "nb",
      images: ["sha256:a", "sha256:b"],
      gpus: [{ count: 1, ids: [] }],
      uid: 1000,
      gid: 100,
      volumes: [
        { name: `${prefix}-home-{username}`, driver: "local", options: {}, readOnly: false },
        { name: `${prefix}-folder-{folder}`, driver: "local", options: {}, readOnly: false },
      ],
      folders: [],
      parents: [],
      limits: { cpus: 2, memory: 1024, processes: 512, swap: -1 },
      firewall: "jupyterhub-test-firewall",
      dns: ["127.0.0.1"],
    });
  });

  it("lets no homes be made where they are temporary", async () => {
    const { inputs } = await make({
      ...usual,
      homes: { kind: "temporary", mountPath: "/home/jovyan" },
      labSettings: { ...usual.labSettings, apart: true },
    });
    const [upload] = inputs("docker-filter-container")["uploads"] as Upload[];
    const { volumes } = JSON.parse(upload?.content as string) as { volumes: { name: string }[] };
    assert.deepEqual(
      volumes.map(({ name }) => name),
      [`${prefix}-settings-{username}`, `${prefix}-folder-{folder}`],
    );
  });

  it("sees a tree of homes, to tell folders from links, and lets through what of it may be mounted", async () => {
    const { inputs } = await make({
      ...usual,
      homes: { kind: "tree", root: "/srv/tree", mountPath: "/home/jovyan" },
      colab: true,
      users: true,
      volumes: {
        data: {
          mountPath: "/data",
          driver: "local",
          options: { type: "nfs", o: "addr=10.0.0.5" },
          readOnly: true,
        },
      },
    });
    const { uploads, volumes } = inputs("docker-filter-container");
    assert.deepEqual((volumes as unknown[])[1], {
      hostPath: "/srv/tree",
      containerPath: "/host/srv/tree",
      readOnly: true,
    });
    const filter = JSON.parse((uploads as Upload[])[0]?.content as string) as Record<string, unknown>;
    assert.deepEqual(filter["volumes"], [
      {
        name: `${prefix}-volume-data`,
        driver: "local",
        options: { o: "addr=10.0.0.5", type: "nfs" },
        readOnly: true,
      },
    ]);
    assert.deepEqual(filter["folders"], ["/srv/tree/colab", "/srv/tree/users"]);
    assert.deepEqual(filter["parents"], ["/srv/tree/groups", "/srv/tree/user-settings", "/srv/tree/users"]);
  });
});

describe("Hub", () => {
  const make = (settings = "{}", opts = {}) =>
    run(
      () =>
        new Hub("hub", {
          prefix,
          image: "sha256:hub",
          settings,
          secrets: {
            cookie_secret: "COOKIE",
            crypt_key: "CRYPT",
            proxy_api_password: "PROXY",
            user_password: "USER",
            admin_password: "ADMIN",
          },
          networks: { notebooks: "nb", address: "10.200.8.2", control: "ctl" },
          volumes: { data: "data", proxy: "routes" },
          startTimeout: 180,
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
      memory: 2048,
      memorySwap: 2048,
      ulimits: [{ name: "nproc", soft: 4096, hard: 4096 }],
      networksAdvanced: [{ name: "nb", ipv4Address: "10.200.8.2", aliases: ["hub"] }, { name: "ctl" }],
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
    const debug = await make('{"hub":{"logLevel":"DEBUG"}}');
    assert.notDeepEqual(debug.inputs("hub-container"), info.inputs("hub-container"));
  });
});
