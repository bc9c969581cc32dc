import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

import { entriesOf } from "../../../docker-api/archive";
import { runningHub } from "../../../preflight/running-hub";

/** What an engine answers, by path without the query; a function sees the whole address. */
type Answers = Readonly<Record<string, unknown>>;

async function withEngine<T>(answers: Answers, use: (host: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://engine");
    const found =
      answers[`${pathname}${searchParams.has("path") ? `:${searchParams.get("path") ?? ""}` : ""}`];
    if (found === undefined) {
      return response.writeHead(404).end('{"message":"no such thing"}');
    }
    const stat = Buffer.from(JSON.stringify({ size: 5, mtime: "2026-11-30T07:00:00Z" })).toString("base64");
    response.setHeader("X-Docker-Container-Path-Stat", stat);
    return response.end(Buffer.isBuffer(found) ? found : JSON.stringify(found));
  });
  const path = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    return await use(`unix://${path}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  }
}

async function tar(name: string, content: string): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  archive.entry({ name }, content);
  archive.finalize();
  return whole;
}

const labels = (role: string, user?: string) => ({
  "org.jupyterhub.stack": "jh",
  "org.jupyterhub.role": role,
  ...(user === undefined ? {} : { "org.jupyterhub.user": user }),
});
const SETTINGS = "/etc/jupyterhub/config.json";
const look = (host: string, swarm = false) => runningHub({ address: { host }, prefix: "jh", swarm });

describe("runningHub", () => {
  it("reads people's settings from the last file that the hub worked with, and before that from their file", async () => {
    const own = { people: "/srv/people/people.json", auth: { kind: "native" } };
    const answers = {
      "/containers/json": [{ Id: "h", State: "running", Labels: labels("hub") }],
      [`/containers/h/archive:${SETTINGS}`]: await tar("config.json", JSON.stringify(own)),
      "/containers/h/archive:/srv/people/people.json": await tar(
        "people.json",
        '{"auth":{"users":["ann"]},"groups":{}}',
      ),
      "/containers/h/archive:/srv/jupyterhub/people-last.json": await tar(
        "people-last.json",
        '{"auth":{"users":["bob"]}}',
      ),
    };
    await withEngine(answers, async (host) => {
      assert.deepEqual((await look(host))?.settings, { auth: { kind: "native", users: ["bob"] } });
    });
    const { "/containers/h/archive:/srv/jupyterhub/people-last.json": _, ...first } = answers;
    await withEngine(first, async (host) => {
      assert.deepEqual((await look(host))?.settings, {
        auth: { kind: "native", users: ["ann"] },
        groups: {},
      });
    });
  });

  it("reads a stopped hub's settings, and who has a running server", async () => {
    const answers = {
      "/containers/json": [
        { Id: "h", State: "exited", Labels: labels("hub") },
        { Id: "p", State: "running", Labels: labels("proxy") },
        { Id: "1", State: "running", Labels: labels("user", "zoë") },
        { Id: "2", State: "running", Labels: labels("user", "ann") },
        { Id: "3", State: "running", Labels: labels("user", "ann") },
        { Id: "4", State: "exited", Labels: labels("user", "bob") },
      ],
      [`/containers/h/archive:${SETTINGS}`]: await tar("config.json", '{"auth":{"users":["ann"]}}'),
      "/containers/h/archive:/srv/jupyterhub/note": await tar("note", "hello"),
    };
    await withEngine(answers, async (host) => {
      const hub = await look(host);
      assert.deepEqual(hub?.settings, { auth: { users: ["ann"] } });
      assert.deepEqual(hub.servers, ["ann", "zoë"]);
      assert.equal(hub.running, false);
      assert.equal((await hub.file("/srv/jupyterhub/note"))?.toString(), "hello");
      assert.equal(await hub.file("/srv/jupyterhub/other"), undefined);
      assert.deepEqual(await hub.facts("/srv/jupyterhub/note"), {
        size: 5,
        changed: new Date("2026-11-30T07:00:00Z"),
      });
      assert.equal(await hub.facts("/srv/jupyterhub/other"), undefined);
    });
  });

  it("reads them in a Swarm from the service's config", async () => {
    const service = (role: string, user?: string, Configs: unknown[] = []) => ({
      Spec: { Labels: labels(role, user), TaskTemplate: { ContainerSpec: { Configs } } },
    });
    const answers = {
      "/containers/json": [],
      "/services": [
        service("proxy"),
        service("hub", undefined, [
          { ConfigID: "c0", File: { Name: "/etc/jupyterhub/logo" } },
          { ConfigID: "c1", File: { Name: SETTINGS } },
        ]),
        service("user", "ann"),
      ],
      "/configs/c1": { Spec: { Data: Buffer.from('{"version":1}').toString("base64") } },
    };
    await withEngine(answers, async (host) => {
      const hub = await look(host, true);
      assert.deepEqual(hub?.settings, { version: 1 });
      assert.deepEqual(hub.servers, ["ann"]);
      assert.equal(await hub.file("/srv/jupyterhub/note"), undefined);
    });
  });

  it("finds none where there is none, or nothing to be read", async () => {
    await withEngine({ "/containers/json": [] }, async (host) => {
      assert.equal(await look(host), undefined);
    });
    const broken = {
      "/containers/json": [{ Id: "h", State: "running", Labels: labels("hub") }],
      [`/containers/h/archive:${SETTINGS}`]: await tar("config.json", "{"),
    };
    await withEngine(broken, async (host) => {
      assert.equal(await look(host), undefined);
    });
    assert.equal(await look("unix:///nonexistent/docker.sock"), undefined);
  });

  it("passes over an archive's extended headers", async () => {
    const long = "x".repeat(150);
    assert.equal(entriesOf(await tar(`${long}/${long}`, "deep"))[0]?.content.toString(), "deep");
    assert.deepEqual(entriesOf(Buffer.alloc(1024)), []);
  });
});
