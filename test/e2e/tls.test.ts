import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";

import { Bind } from "./bind";
import { screenshotOfLab } from "./browser";
import { Deployment, execa } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { Pebble } from "./pebble";
import { certificateOf, handshake } from "./tls-client";
import { until } from "./until";
import { attempts, provesNotebooks, provesTakeover, provesVisitors } from "./visitors";

const artifacts = join(__dirname, "artifacts");
const LOOPBACK = "127.0.0.1";

/** One deployment goes from certificate to certificate, as an administrator's does over the years. */
describe("TLS and the edge, on a real Docker Engine", function () {
  this.bail(true);
  this.timeout(300_000);

  let deployment: Deployment;
  let bind: Bind;
  let pebble: Pebble;
  let ca: string;
  let alice: HubClient;
  let kernel: RunningKernel | undefined;

  const edge = {
    redirectedDomains: ["old.test"],
    loginRate: { perMinute: 600, burst: 20 },
    maxBodySize: "30m",
    hsts: { subdomains: true },
  };
  const base = (over: Record<string, unknown> = {}) => ({
    domain: "hub.test",
    proxy: { accessLog: true },
    // Other suites may run beside this one.
    servers: { startTimeout: "5m", httpTimeout: "5m" },
    edge,
    ...over,
  });
  const url = (domain: string) => `https://${domain}:${deployment.ports.https}/`;
  const person = (domain: string, authority = ca) => new HubClient(url(domain), authority, "alice", LOOPBACK);
  const roles = ["hub", "proxy", "docker-filter", "routes"];
  const ids = () => Promise.all(roles.map((role) => deployment.containerId(role)));
  const unchanged = async () => {
    await deployment.up(["--expect-no-changes"]);
    await deployment.pulumi(["refresh", "--yes", "--expect-no-changes"]);
  };
  /** Runs Python in the hub's container, on the networks that it is on. */
  const inHub = async (code: string): Promise<string> => {
    const { stdout } = await deployment.run("docker", [
      "exec",
      `${deployment.name}-hub`,
      "python",
      "-c",
      code,
    ]);
    return stdout;
  };
  const proxyLog = async () => {
    const { output } = await deployment.run("docker", ["logs", `${deployment.name}-proxy`]);
    return output;
  };

  before(async () => {
    bind = await Bind.start("test", [`* IN A ${LOOPBACK}`]);
    deployment = await Deployment.create(base(), { installed: true });
    pebble = await Pebble.start({
      address: bind.address,
      dns: `${bind.address}:${bind.port}`,
      ports: deployment.ports,
    });
    await writeFile(join(deployment.folder, "acme-ca.pem"), pebble.authority);
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") {
      return;
    }
    await deployment.keepLogs(artifacts);
    await writeFile(join(artifacts, "pebble.log"), pebble.log());
  });

  after(async () => {
    kernel?.leave();
    if (alice as HubClient | undefined) {
      await alice.close();
    }
    if (pebble as Pebble | undefined) {
      await pebble.stop();
    }
    if (bind as Bind | undefined) {
      await bind.stop();
    }
    if (deployment as Deployment | undefined) {
      await deployment.remove();
    }
  });

  it("comes up with a certificate of its own authority, and a second up has nothing to do", async function () {
    this.timeout(900_000);
    await deployment.up();
    ca = await deployment.caCertificate();
    alice = person("hub.test");
    assert.equal(await alice.login(await deployment.output("userPassword")), true);
    const { valid_to } = await certificateOf(deployment.ports.https, "hub.test");
    assert.equal(await deployment.output("certificateExpiry"), new Date(valid_to).toISOString());
    await unchanged();
    assert.equal(await deployment.output("certificateDaysLeft"), 364);
  });

  it("speaks TLS 1.2 and 1.3 with forward secrecy, and nothing older or weaker", async () => {
    const port = deployment.ports.https;
    const speaks = (...args: string[]) => handshake(port, "hub.test", args);
    // openssl itself offers the old ones at security level 0 only.
    const old = ["-cipher", "ALL:@SECLEVEL=0"];
    assert.deepEqual(
      {
        tls13: await speaks("-tls1_3"),
        tls12: await speaks("-tls1_2"),
        tls11: await speaks("-tls1_1", ...old),
        tls10: await speaks("-tls1", ...old),
        gcm: await speaks("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        chacha: await speaks("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        cbc: await speaks("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
        cbc256: await speaks("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0"),
        noForwardSecrecy: await speaks("-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"),
      },
      {
        tls13: true,
        tls12: true,
        tls11: false,
        tls10: false,
        gcm: true,
        chacha: true,
        cbc: false,
        cbc256: false,
        noForwardSecrecy: false,
      },
    );
  });

  it("sends headers that protect, and none that tell what runs", async () => {
    const { headers } = await alice.visit("hub/login");
    assert.equal(headers["strict-transport-security"], "max-age=31536000; includeSubDomains");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "SAMEORIGIN");
    assert.equal(headers["referrer-policy"], "strict-origin-when-cross-origin");
    assert.match(String(headers["content-security-policy"]), /frame-ancestors/);
    assert.equal(headers["server"], undefined);
    assert.equal(headers["x-jupyterhub-version"], undefined);
  });

  it("sends visitors of another name, and of plain HTTP, to its own", async () => {
    const other = await person("old.test").visit("user/alice/lab?x=1");
    assert.equal(other.status, 301);
    assert.equal(other.headers["location"], `${url("hub.test")}user/alice/lab?x=1`);
    const http = await fetch(`http://${LOOPBACK}:${deployment.ports.http}/hub/login`, { redirect: "manual" });
    assert.ok([301, 308].includes(http.status));
    assert.match(http.headers.get("location") ?? "", /^https:/);
  });

  it("refuses a body over the limit before it is sent, and takes JupyterLab's uploads of any size", async () => {
    await alice.startServer(300_000);
    kernel = await RunningKernel.start(alice.serverSettings());
    const refused = await alice.visit("user/alice/api/contents/large.bin", {
      method: "POST",
      body: "x".repeat(30 * 1024 ** 2 + 1),
    });
    assert.equal(refused.status, 413);
    assert.match(refused.text, /edge\.maxBodySize/);
    // Clients that send all before they read: the answer is there for them, too.
    const big = join(deployment.folder, "large.bin");
    await writeFile(big, Buffer.alloc(150 * 1024 ** 2));
    const place = `${url("hub.test")}user/alice/files/large.bin`;
    const authority = join(deployment.folder, "authority.pem");
    await writeFile(authority, ca);
    const where = ["--cacert", authority, "--resolve", `hub.test:${deployment.ports.https}:${LOOPBACK}`];
    const status = async (more: readonly string[], to = place) => {
      const arguments_ = [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        ...where,
        "-H",
        "Expect:",
        ...more,
        to,
      ];
      return (await execa("curl", arguments_)).stdout;
    };
    assert.equal(await status(["--http1.1", "--data-binary", `@${big}`]), "413");
    assert.equal(await status(["--http2", "--data-binary", `@${big}`]), "413");
    // Of a length that is not told.
    const chunked = ["--http1.1", "-H", "Transfer-Encoding: chunked", "--data-binary", `@${big}`];
    for (const path of ["hub/login", "hub/api/users"]) {
      assert.equal(await status(chunked, `${url("hub.test")}${path}`), "413", path);
    }
    const python = `
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.check_hostname = False
connection = http.client.HTTPSConnection("${LOOPBACK}", ${deployment.ports.https}, context=context)
headers = {"Host": "hub.test", "Content-Length": "${150 * 1024 ** 2}"}
connection.request("POST", "/user/alice/files/large.bin", open(sys.argv[2], "rb"), headers)
print(connection.getresponse().status)`;
    assert.equal((await execa("python3", ["-c", python, authority, big])).stdout, "413");
    // As JupyterLab does it: pieces of 1 MiB in base64, the last one numbered -1. 40 MiB are over the limit in all.
    const piece = Buffer.alloc(1024 ** 2, 7).toString("base64");
    const pieces = 40;
    for (let index = 1; index <= pieces; index++) {
      const answer = await alice.api("user/alice/api/contents/large.bin", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          type: "file",
          format: "base64",
          content: piece,
          chunk: index === pieces ? -1 : index,
        }),
      });
      const text = await answer.text();
      assert.ok([200, 201].includes(answer.status), `${index}: ${answer.status} ${text}`);
    }
    assert.equal(
      await kernel.run("import os; print(os.stat('large.bin').st_size)"),
      `${pieces * 1024 ** 2}\n`,
    );
  });

  it("lets nobody guess passwords quickly, and does not cut a kernel's WebSocket", async () => {
    assert.ok(kernel);
    const reconnects = kernel.watchReconnects();
    const mallory = person("hub.test");
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => mallory.visit("hub/login", { method: "POST" })),
    );
    await mallory.close();
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 20, answers.map(({ status }) => status).join(" "));
    for (const { text, headers } of refused) {
      assert.match(text, /<html[^]*Too many attempts to log in from your network/);
      assert.equal(headers["retry-after"], "60");
    }
    assert.equal((await alice.visit("hub/login")).status, 302, "pages are not limited");
    assert.equal(await kernel.run("print(1)"), "1\n");
    assert.equal(reconnects(), 0);
  });

  it("takes another limit over at once, and counts requests but not a WebSocket's messages", async () => {
    assert.ok(kernel);
    const before = await ids();
    const reconnects = kernel.watchReconnects();
    await deployment.configure(base({ edge: { ...edge, requestRate: { average: 5, burst: 10 } } }));
    await deployment.up();
    assert.deepEqual(await ids(), before, "a limit replaced a container");
    await until("requests are limited", async () => {
      const statuses = await Promise.all(
        Array.from({ length: 40 }, async () => (await alice.visit("hub/static/favicon.ico")).status),
      );
      return statuses.includes(429);
    });
    for (let index = 0; index < 40; index++) {
      assert.equal(await kernel.run("print(2)"), "2\n");
    }
    assert.equal(reconnects(), 0);
    await deployment.configure(base({ edge: { ...edge, allow: ["192.0.2.1"] } }));
    await deployment.up();
    await until("strangers are refused", async () => (await alice.visit("hub/login")).status === 403);
    assert.equal(await kernel.run("print(3)"), "3\n");
    await deployment.configure(base());
    await deployment.up();
    await until("all are let in again", async () => (await alice.visit("hub/login")).status !== 403);
  });

  it("does not let a notebook server choose where it comes from", async () => {
    assert.ok(kernel);
    await provesNotebooks(deployment, kernel);
  });

  it("keeps the key of TLS and the settings of the edge from whoever takes over the hub", async () => {
    await provesTakeover(deployment);
    assert.equal(await kernel?.run("print(4)"), "4\n");
  });

  it("takes a visitor's address from a trusted load balancer, with TLS to Traefik, and nothing else", async () => {
    assert.ok(kernel);
    const { NetworkSettings } = await deployment.docker.getContainer(`${deployment.name}-proxy`).inspect();
    const gateways = Object.values(NetworkSettings.Networks).flatMap(({ Gateway }) => Gateway || []);
    // Without: what the load balancer says is what anybody could say.
    const visit = { domain: "hub.test", ca, name: "somebody" };
    const lines = (attempt: number) => [`203.0.113.${attempt}`];
    assert.equal((await attempts(deployment, { ...visit, lines }, 11)).at(-1), 429);
    await deployment.configure(base({ tls: { kind: "self-signed", trustedProxies: gateways } }));
    await deployment.up();
    await provesVisitors(deployment, { domain: "hub.test", ca });
    await unchanged();
    await deployment.configure(base());
    await deployment.up();
    assert.equal(await kernel.run("print(5)"), "5\n");
  });

  it("has no API or dashboard for browsers and notebooks, and figures for the control network only", async () => {
    assert.ok(kernel);
    for (const path of ["api/rawdata", "dashboard/", "metrics", "ping"]) {
      const { status, text } = await alice.visit(path);
      assert.ok(!/traefik|entryPoints/i.test(text) && [302, 404].includes(status), `${path}: ${status}`);
    }
    const ports = "[8097, 8098, 8099]";
    const names = `['${deployment.name}-proxy', 'proxy-api']`;
    const reach = `
import socket
def reach(name, port):
    try:
        socket.create_connection((name, port), 2).close()
        return True
    except OSError:
        return False
print([(name, port) for name in ${names} for port in ${ports} if reach(name, port)], reach('hub', 8081))`;
    // The control: what it may reach, it does.
    assert.equal(await kernel.run(reach), "[] True\n");
    const figures = await inHub(
      "import urllib.request; print(urllib.request.urlopen('http://proxy-api:8097/metrics').read().decode())",
    );
    assert.match(figures, /traefik_entrypoint_requests_total\{[^}]*entrypoint="websecure"/);
    assert.match(
      await inHub(
        "import urllib.request, urllib.error\ntry: urllib.request.urlopen('http://proxy-api:8099/api/rawdata')\nexcept urllib.error.HTTPError as e: print(e.code)",
      ),
      /401/,
    );
  });

  it("writes requests down without what is secret in them", async () => {
    await alice.visit("hub/api/users?token=in-the-query", {
      headers: { authorization: "token in-a-header", referer: "https://hub.test/?t=in-the-referer" },
    });
    await until("the request is in the log", async () => (await proxyLog()).includes("/hub/api/users"));
    const log = await proxyLog();
    assert.doesNotMatch(log, /in-the-query|in-a-header|in-the-referer|jupyterhub-session|_xsrf/);
  });

  it("serves a new certificate within 5 s of the up that made it; nothing restarts, and a kernel does not notice", async () => {
    assert.ok(kernel);
    const before = {
      ids: await ids(),
      serial: (await certificateOf(deployment.ports.https, "hub.test")).serialNumber,
    };
    const reconnects = kernel.watchReconnects();
    await kernel.run("counter = 41");
    await deployment.configure(base({ tls: { kind: "self-signed", days: 90 } }));
    await deployment.up();
    const ended = Date.now();
    const serial = async () => (await certificateOf(deployment.ports.https, "hub.test")).serialNumber;
    await until("the new certificate is served", async () => (await serial()) !== before.serial, 5_000);
    console.log(`        new serial served ${Date.now() - ended} ms after the up`);
    assert.deepEqual(await ids(), before.ids);
    assert.equal(await kernel.run("counter += 1; print(counter)"), "42\n");
    assert.equal(reconnects(), 0);
    assert.equal(await deployment.caCertificate(), ca, "the authority that browsers trust is the same");
    await unchanged();
    assert.equal(await deployment.output("certificateDaysLeft"), 89);
  });

  it("works in a real browser, which has nothing to complain of", async () => {
    const password = await deployment.output("userPassword");
    const problems = await screenshotOfLab(
      url("hub.test"),
      ca,
      "bob",
      password,
      join(artifacts, "lab-edge.png"),
      {
        resolver: `MAP *.test ${LOOPBACK}`,
      },
    );
    assert.deepEqual(problems, []);
  });

  const acme = (challenge: Record<string, unknown>) => ({
    kind: "acme",
    email: "admin@example.org",
    directory: pebble.directory,
    caCertificate: "acme-ca.pem",
    challenge,
  });

  /** Waits until a certificate of Pebble's is served, and proves it to a client that trusts Pebble alone. */
  async function served(domain: string): Promise<HubClient> {
    await until(
      `Pebble's certificate for ${domain}`,
      async () => /Pebble/.test(String((await certificateOf(deployment.ports.https, domain)).issuer.CN)),
      150_000,
      1_000,
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await proxyLog()).slice(-3000)}`);
    });
    const client = person(domain, await pebble.root());
    assert.equal((await client.visit("hub/login")).status, 200);
    return client;
  }

  for (const kind of ["http-01", "tls-alpn-01"]) {
    it(`gets a certificate by ACME with ${kind}`, async () => {
      kernel?.leave();
      kernel = undefined;
      const domain = `${kind}.test`;
      await deployment.configure(
        base({ domain, edge: { ...edge, redirectedDomains: [`old-${kind}.test`] }, tls: acme({ kind }) }),
      );
      await deployment.up();
      await (await served(domain)).close();
      const { subjectaltname } = await certificateOf(deployment.ports.https, domain);
      assert.equal(subjectaltname, `DNS:${domain}, DNS:old-${kind}.test`);
      await unchanged();
    });
  }

  it("keeps certificates over destroy and up: the authority is not asked again", async () => {
    const { serialNumber } = await certificateOf(deployment.ports.https, "tls-alpn-01.test");
    const { output } = await deployment.up(["--destroy"]);
    assert.ok(output.includes(`${deployment.name}-acme`), "the volume is kept and not named");
    await deployment.up();
    await (await served("tls-alpn-01.test")).close();
    assert.equal(
      (await certificateOf(deployment.ports.https, "tls-alpn-01.test")).serialNumber,
      serialNumber,
    );
    const mode = await deployment.run("docker", [
      "exec",
      `${deployment.name}-proxy`,
      "/bin/sh",
      "-c",
      "stat -c '%a %u' /srv/acme/*.json",
    ]);
    assert.match(mode.stdout, /^600 10001$/m);
  });

  it("gets a wildcard by ACME with DNS-01 from BIND, and gives each person a name", async () => {
    const { key } = bind;
    const environment = {
      // Seconds between the two names' challenges; usually a minute.
      DNSUPDATE_SEQUENCE_INTERVAL: "1",
      DNSUPDATE_NAMESERVER: `${bind.address}:${bind.port}`,
      DNSUPDATE_TSIG_KEY: key.name,
      DNSUPDATE_TSIG_ALGORITHM: `${key.algorithm}.`,
      DNSUPDATE_TSIG_SECRET: key.secret,
    };
    const challenge = {
      kind: "dns-01",
      provider: "rfc2136",
      environment,
      resolvers: [`${bind.address}:${bind.port}`],
      // They are asked on port 53, which is not this test's.
      checkNameservers: false,
    };
    await deployment.configure(
      base({
        domain: "lab.test",
        edge: { ...edge, redirectedDomains: [], userSubdomains: true },
        tls: acme(challenge),
      }),
    );
    const { output } = await deployment.up(["--diff"]);
    assert.ok(!output.includes(key.secret), "the secret is shown");
    const inspected = await deployment.run("docker", [
      "inspect",
      `${deployment.name}-proxy`,
      `${deployment.name}-hub`,
    ]);
    assert.ok(!inspected.stdout.includes(key.secret), "docker inspect shows the secret");
    await (await served("lab.test")).close();
    const { subjectaltname } = await certificateOf(deployment.ports.https, "alice.lab.test");
    assert.deepEqual(subjectaltname?.split(", ").sort(), ["DNS:*.lab.test", "DNS:lab.test"]);
    assert.deepEqual(
      await bind.dig("_acme-challenge.lab.test", "TXT"),
      [],
      "the challenge's record is still there",
    );
    await unchanged();

    const password = await deployment.output("userPassword");
    const problems = await screenshotOfLab(
      url("lab.test"),
      await pebble.root(),
      "bob",
      password,
      join(artifacts, "lab-subdomain.png"),
      { resolver: `MAP *.test ${LOOPBACK}`, lab: `${url("bob.lab.test")}user/bob/lab` },
    );
    assert.deepEqual(problems, []);
  });

  it("serves plain HTTP behind a load balancer, and takes the hub for one at https", async () => {
    // What comes from the host itself comes from the address that the host has on one of the proxy's networks.
    const { NetworkSettings } = await deployment.docker.getContainer(`${deployment.name}-proxy`).inspect();
    const gateways = Object.values(NetworkSettings.Networks).flatMap(({ Gateway }) => Gateway || []);
    await deployment.configure(
      base({
        edge: { ...edge, userSubdomains: false },
        tls: { kind: "off", trustedProxies: gateways },
      }),
    );
    await deployment.up();
    assert.equal(await deployment.output("url"), "https://hub.test/");
    await assert.rejects(certificateOf(deployment.ports.https, "hub.test"), /ECONNREFUSED/);
    // Not fetch: it says that it is no navigation, and the hub then sets no cookie.
    const answer = await request(`http://${LOOPBACK}:${deployment.ports.http}/hub/login`, {
      headers: { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9" },
    });
    await answer.body.dump();
    assert.equal(answer.statusCode, 200);
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    assert.ok(
      cookies.some((cookie) => /^_xsrf=.*; Secure/i.test(cookie)),
      cookies.join("\n"),
    );
    await until("the visitor's address is in the log", async () =>
      (await proxyLog()).includes("203.0.113.9"),
    );
    await unchanged();
  });
});
