import assert from "node:assert/strict";

import type { Facts } from "../../../../cli/status/facts";
import { bytes, daysUntil, render } from "../../../../cli/status/render";

const NOW = new Date("2026-12-01T12:00:00Z");
const GIB = 2 ** 30;

const facts = (more: Partial<Facts> = {}): Facts => ({
  stack: "dev",
  url: "https://hub.example.org/",
  variant: "single-host",
  hub: { since: "2026-11-28T11:00:00Z", version: "6.1.1" },
  proxy: { since: "2026-12-01T09:00:00Z", version: "3.7.15" },
  engine: { version: "28.5.1", memory: 16 * GIB, processors: 4 },
  images: [
    { name: "jupyterhub-dev-notebook:current", profiles: [], created: "2026-11-30T12:00:00Z" },
    { name: "sha256:beef", profiles: ["gpu", "big"], created: undefined },
  ],
  certificate: { until: "2026-12-31T23:59:59Z" },
  disk: { folder: "/srv/jupyterhub", size: 100 * GIB, free: 12.34 * GIB },
  backup: undefined,
  servers: [],
  unknown: [],
  ...more,
});

const server = (user: string, memory: number) => ({
  user,
  server: "",
  state: "running",
  since: "2026-12-01T09:00:00Z",
  image: "jupyterhub-dev-notebook:current",
  node: "",
  container: `jupyterhub-dev-user-${user}`,
  memory: memory * GIB,
  memoryLimit: 2 * GIB,
  processors: 0.5,
});

describe("./hub status", () => {
  it("says what runs, in which version, since when, and how long certificate and disk will do", () => {
    assert.equal(
      render(facts(), NOW).text,
      [
        "Stack:       dev (single-host), https://hub.example.org/",
        "JupyterHub:  6.1.1, running for 3 d",
        "Traefik:     3.7.15, running for 3 h",
        "Docker host: Docker 28.5.1, 4 processors, 16 GiB of memory",
        "Image:       jupyterhub-dev-notebook:current, 1 d old",
        "Image:       sha256:beef, not on this host, for gpu, big",
        "Certificate: valid for 30 more days, until 2026-12-31",
        "Disk:        12.3 GiB of 100 GiB are free where the hub's data are",
        "",
        "No servers.",
      ].join("\n"),
    );
  });

  it("says how old the last good backup is, and why the last one is none", () => {
    const line = (backup: Facts["backup"]) =>
      render(facts({ backup }), NOW)
        .text.split("\n")
        .find((one) => one.startsWith("Backup:"));
    const lastGood = "2026-12-01T03:00:00+00:00";
    assert.equal(
      line({ at: lastGood, lastGood, problem: null }),
      "Backup:      the last good one is 9 h old",
    );
    assert.equal(
      line({ at: "2026-12-01T11:00:00Z", lastGood, problem: "no such host" }),
      "Backup:      the last one failed: no such host (the last good one is 9 h old)",
    );
    assert.equal(
      line({ at: "2026-12-01T11:00:00Z", lastGood: null, problem: "x" }),
      "Backup:      the last one failed: x (none is good yet)",
    );
    assert.equal(line(undefined), undefined);
  });

  it("adds up what servers use and may use", () => {
    const { text } = render(facts({ servers: [server("alice", 1), server("bob", 0.5)] }), NOW);
    assert.match(
      text,
      /^bob .*\n2 servers run and use 1\.5 GiB and 100 % of a processor\. They may use up to 4 GiB; the host has 16 GiB\.$/m,
    );
    assert.match(
      render(facts({ servers: [{ ...server("alice", 1), memoryLimit: undefined }] }), NOW).text,
      /^1 server runs and uses 1 GiB and 50 % of a processor\.$/m,
    );
  });

  it("does not take what could not be looked at for well", () => {
    const { text, json } = render(
      facts({
        hub: undefined,
        certificate: undefined,
        disk: undefined,
        url: undefined,
        unknown: ["the certificate: no answer in 5 s\u001b[2J", "the hub: it is older. ./up updates it."],
      }),
      NOW,
    );
    assert.match(text, /^JupyterHub: {2}does not run$/m);
    assert.match(text, /address not known/);
    assert.match(text, /^Not known: {3}the certificate: no answer in 5 s/m);
    assert.match(text, /^Not known: {3}the hub: it is older\. \.\/up updates it\.$/m);
    assert.doesNotMatch(text, /\p{C}(?<!\n)/u);
    const { hub, disk, certificate, url } = JSON.parse(JSON.stringify(json)) as Record<string, unknown>;
    assert.deepEqual([hub ?? null, disk, certificate, url], [null, null, null, null]);
  });

  it("has the days of the certificate in JSON", () => {
    const { certificate, hub } = render(facts(), NOW).json as Record<string, unknown>;
    assert.deepEqual(certificate, { until: "2026-12-31T23:59:59Z", days: 30 });
    assert.deepEqual(hub, { since: "2026-11-28T11:00:00Z", version: "6.1.1" });
    assert.match(
      render(facts({ certificate: { until: "2026-11-30T00:00:00Z" } }), NOW).text,
      /^Certificate: expired on 2026-11-30$/m,
    );
    assert.equal(daysUntil("2026-12-01T11:00:00Z", NOW), -1);
  });

  it("has sizes for people", () => {
    assert.deepEqual([512, 5 * 2 ** 20, 1.25 * GIB, 250 * GIB, 2 ** 41].map(bytes), [
      "0.5 KiB",
      "5 MiB",
      "1.3 GiB",
      "250 GiB",
      "2 TiB",
    ]);
  });
});
