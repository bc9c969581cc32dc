import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

import { script } from "../../../../components/storage/volume-files";
import type { Answer } from "../../../../docker-api/get";
import { STACK_LABEL } from "../../../../docker-api/naming";
import { findDrift } from "../../../../preflight/drift/compare";
import { lookAt } from "../../../../preflight/drift/engine";
import {
  BUILT_IMAGE,
  CONTAINER,
  NETWORK,
  PULLED_IMAGE,
  SERVICE,
  VOLUME,
} from "../../../../preflight/drift/kinds";
import type { Made } from "../../../../preflight/drift/made";

const PREFIX = "hub-x";
const ID = `sha256:${"a".repeat(64)}`;
const OTHER_ID = `sha256:${"b".repeat(64)}`;
const MIB = 1024 * 1024;

type Fields = Record<string, unknown>;

/** An engine with these answers by path; a 404 for any other. */
const engine = (answers: Record<string, unknown>) =>
  lookAt((path): Promise<Answer> => {
    const found = answers[decodeURIComponent(path)];
    const body = Buffer.isBuffer(found) ? found : Buffer.from(JSON.stringify(found ?? {}));
    return Promise.resolve({ status: found === undefined ? 404 : 200, headers: {}, body });
  });

const proxy: Made = {
  type: CONTAINER,
  name: "proxy-container",
  outputs: {
    id: "c1",
    name: "hub-x-proxy",
    mustRun: true,
    memory: 256,
    memorySwap: 256,
    restart: "unless-stopped",
    networksAdvanced: [{ name: "hub-x-public" }, { name: "hub-x-control" }],
    volumes: [{ volumeName: "hub-x-settings", containerPath: "/srv/proxy", readOnly: true }],
  },
};

const inspected = (changes: Fields = {}): Fields => ({
  Id: "c1",
  Image: ID,
  State: { Status: "running", ExitCode: 0, Health: { Status: "healthy" } },
  Config: { Labels: { [STACK_LABEL]: PREFIX } },
  HostConfig: { Memory: 256 * MIB, MemorySwap: 256 * MIB, RestartPolicy: { Name: "unless-stopped" } },
  Mounts: [{ Name: "hub-x-settings", Source: "/var/lib/x", Destination: "/srv/proxy", RW: false }],
  NetworkSettings: { Networks: { "hub-x-public": {}, "hub-x-control": {} } },
  ...changes,
});

/** What is said of one resource on an engine with these answers. */
async function changes(made: Made, answers: Record<string, unknown>): Promise<string[]> {
  const drift = await findDrift([made], engine(answers), PREFIX);
  return drift.flatMap(({ object, changes: all }) => all.map((one) => `${object}: ${one}`));
}

const ofProxy = (found: Fields) => changes(proxy, { "/containers/c1/json": found });

describe("findDrift", () => {
  it("finds nothing where all is as it was made", async () => {
    assert.deepEqual(await ofProxy(inspected()), []);
  });

  const states: [string, Fields, string][] = [
    [
      "stopped",
      { Status: "exited", ExitCode: 137, OOMKilled: true, FinishedAt: "2026-11-30T10:00:00.123456Z" },
      "it is stopped (exit code 137, out of memory, since 2026-11-30T10:00:00Z)",
    ],
    ["paused", { Status: "paused", ExitCode: 0 }, "it is paused"],
    ["never started", { Status: "created", ExitCode: 0 }, "it is created"],
    ["in a crash loop", { Status: "restarting", ExitCode: 1 }, "it keeps restarting (exit code 1)"],
    [
      "unhealthy",
      { Status: "running", ExitCode: 0, Health: { Status: "unhealthy", FailingStreak: 30 } },
      "it is unhealthy (30 checks failed in a row)",
    ],
  ];
  for (const [what, State, expected] of states) {
    it(`tells a container that is ${what}`, async () => {
      assert.deepEqual(await ofProxy(inspected({ State })), [`container hub-x-proxy: ${expected}`]);
    });
  }

  it("takes a container for well that is still starting, or has just failed a few checks", async () => {
    for (const Health of [{ Status: "starting" }, { Status: "unhealthy", FailingStreak: 4 }]) {
      const State = { Status: "running", ExitCode: 0, Health };
      assert.deepEqual(await ofProxy(inspected({ State })), []);
    }
  });

  const fields: [string, Fields, string][] = [
    [
      "a network that was taken from it",
      { NetworkSettings: { Networks: { "hub-x-public": {} } } },
      "networks: expected hub-x-control, hub-x-public, got hub-x-public",
    ],
    [
      "a network that was given to it",
      { NetworkSettings: { Networks: { "hub-x-public": {}, "hub-x-control": {}, open: {} } } },
      "networks: expected hub-x-control, hub-x-public, got hub-x-control, hub-x-public, open",
    ],
    [
      "another limit of memory",
      { HostConfig: { Memory: 100 * MIB, MemorySwap: 256 * MIB, RestartPolicy: { Name: "unless-stopped" } } },
      "memory: expected 256 MiB, got 100 MiB",
    ],
    [
      "no limit any more",
      { HostConfig: { Memory: 0, MemorySwap: 256 * MIB, RestartPolicy: { Name: "unless-stopped" } } },
      "memory: expected 256 MiB, got no limit",
    ],
    [
      "a restart policy that was taken away",
      { HostConfig: { Memory: 256 * MIB, MemorySwap: 256 * MIB, RestartPolicy: { Name: "" } } },
      "restart policy: expected unless-stopped, got no",
    ],
  ];
  for (const [what, found, expected] of fields) {
    it(`tells ${what}`, async () => {
      assert.deepEqual(await ofProxy(inspected(found)), [`container hub-x-proxy: ${expected}`]);
    });
  }

  it("expects no limit of swap where the kernel has none", async () => {
    const found = { Memory: 256 * MIB, MemorySwap: -1, RestartPolicy: { Name: "unless-stopped" } };
    assert.deepEqual(await ofProxy(inspected({ HostConfig: found })), []);
  });

  it("tells a container that is gone", async () => {
    assert.deepEqual(await changes(proxy, {}), ["container hub-x-proxy: it is gone"]);
  });

  it("tells another container of its name, with what is different, and how to be rid of a strange one", async () => {
    const taken = (labels: Fields) => ({
      "/containers/hub-x-proxy/json": inspected({
        Id: "d".repeat(64),
        Mounts: [],
        Config: { Labels: labels },
      }),
    });
    const own = await findDrift([proxy], engine(taken({ [STACK_LABEL]: PREFIX })), PREFIX);
    assert.deepEqual(own.at(0)?.changes, [
      "another container has its name (dddddddddddd)",
      "mounts: expected hub-x-settings:/srv/proxy:ro, got none",
    ]);
    const [strange] = await findDrift([proxy], engine(taken({})), PREFIX);
    assert.match(
      strange?.changes.at(-1) ?? "",
      /did not make: rename it, or remove it with: docker rm -f hub-x-proxy/,
    );
  });

  it("looks at the files that a container put into a volume, and shows none of them", async () => {
    const files = ["/srv/proxy/a.yml", "/srv/proxy/b.yml", "/srv/proxy/c.yml"];
    const settings: Made = {
      type: CONTAINER,
      name: "settings",
      outputs: {
        id: "s1",
        name: "hub-x-settings",
        mustRun: false,
        command: [script(["/srv/proxy"], files)],
        uploads: files.map((_, index) => ({ file: `/in/${index}`, content: `secret ${index}` })),
      },
    };
    const tar = async (text: string) => {
      const archive = pack();
      archive.entry({ name: "file" }, text);
      archive.finalize();
      return buffer(archive);
    };
    const State = { Status: "exited", ExitCode: 0 };
    assert.deepEqual(
      await changes(settings, {
        "/containers/s1/json": inspected({ Id: "s1", State, HostConfig: {}, Mounts: [] }),
        "/containers/s1/archive?path=/srv/proxy/a.yml": await tar("secret 0"),
        "/containers/s1/archive?path=/srv/proxy/b.yml": await tar("secret 1\nby hand"),
      }),
      [
        "container hub-x-settings: file /srv/proxy/b.yml: its content was changed",
        "container hub-x-settings: file /srv/proxy/c.yml: it is gone",
      ],
    );
  });

  it("tells networks and volumes that are gone", async () => {
    const network: Made = { type: NETWORK, name: "n", outputs: { id: "n1", name: "hub-x-control" } };
    const volume: Made = { type: VOLUME, name: "v", outputs: { id: "hub-x-data", name: "hub-x-data" } };
    assert.deepEqual(await changes(network, { "/networks/n1": { Id: "n1" } }), []);
    assert.deepEqual(await changes(network, {}), ["network hub-x-control: it is gone"]);
    assert.deepEqual(await changes(network, { "/networks/hub-x-control": { Id: "n2" } }), [
      "network hub-x-control: another network has its name (n2)",
    ]);
    assert.deepEqual(await changes(volume, { "/volumes/hub-x-data": {} }), []);
    assert.deepEqual(await changes(volume, {}), ["volume hub-x-data: it is gone, with all that was in it"]);
  });

  it("tells images that are gone, or whose name another one has", async () => {
    const built: Made = {
      type: BUILT_IMAGE,
      name: "b",
      outputs: { repoDigest: ID, imageName: "hub-x:current" },
    };
    const pulled: Made = { type: PULLED_IMAGE, name: "p", outputs: { imageId: ID, name: "traefik:v3" } };
    const images = (...list: [string, string[] | null][]) => ({
      "/images/json": list.map(([Id, RepoTags]) => ({ Id, RepoTags })),
    });
    assert.deepEqual(await changes(built, images([ID, ["hub-x:current"]])), []);
    assert.deepEqual(await changes(built, images([ID, null])), ["image hub-x:current: it is gone"]);
    assert.deepEqual(await changes(built, images([OTHER_ID, ["hub-x:current"]])), [
      "image hub-x:current: another image has its name (bbbbbbbbbbbb)",
    ]);
    assert.deepEqual(await changes(pulled, images([ID, null])), []);
    assert.deepEqual(await changes(pulled, images([OTHER_ID, ["traefik:v3"]])), [
      "image traefik:v3: it is gone",
    ]);
  });

  it("leaves images alone that nodes pull from a registry", async () => {
    const outputs = {
      repoDigest: `registry.example.org/hub@${ID}`,
      imageName: "registry.example.org/hub:current",
    };
    assert.deepEqual(await changes({ type: BUILT_IMAGE, name: "b", outputs }, { "/images/json": [] }), []);
  });

  it("compares what can be changed of a Swarm service", async () => {
    const made: Made = {
      type: SERVICE,
      name: "s",
      outputs: {
        id: "s1",
        name: "hub-x-hub",
        mode: { replicated: { replicas: 1 } },
        taskSpec: {
          containerSpec: { image: "registry.example.org/hub@sha256:1" },
          resources: { limits: { memoryBytes: 1024, nanoCpus: 0 } },
          placement: { constraints: ["node.role == manager"] },
          networksAdvanceds: [{ id: "n1" }],
        },
      },
    };
    const service = (Image: string, Replicas: number, Target: string) => ({
      "/services/s1": {
        ID: "s1",
        Spec: {
          Mode: { Replicated: { Replicas } },
          TaskTemplate: {
            ContainerSpec: { Image },
            Resources: { Limits: { MemoryBytes: 1024 } },
            Placement: { Constraints: ["node.role == manager"] },
            Networks: [{ Target }],
          },
        },
      },
    });
    assert.deepEqual(await changes(made, service("registry.example.org/hub@sha256:1", 1, "n1")), []);
    assert.deepEqual(await changes(made, service("other", 0, "n2")), [
      "service hub-x-hub: replicas: expected 1, got 0",
      "service hub-x-hub: image: expected registry.example.org/hub@sha256:1, got other",
      "service hub-x-hub: networks: expected n1, got n2",
    ]);
    assert.deepEqual(await changes(made, {}), ["service hub-x-hub: it is gone"]);
  });

  it("passes over what is no object of the engine", async () => {
    assert.deepEqual(await changes({ type: "command:local:Command", name: "c", outputs: {} }, {}), []);
  });

  it("says what an engine answered that is none", async () => {
    await assert.rejects(ofProxy({ Id: 7 }), /an answer of another form from \/containers\/c1\/json: Id: /);
  });
});
