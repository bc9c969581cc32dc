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
  CONFIG,
  CONTAINER,
  NETWORK,
  PULLED_IMAGE,
  SECRET,
  SERVICE,
  VOLUME,
} from "../../../../preflight/drift/kinds";
import type { Made } from "../../../../preflight/drift/made";

const PREFIX = "hub-x";
const ID = `sha256:${"a".repeat(64)}`;
const OTHER_ID = `sha256:${"b".repeat(64)}`;
const MIB = 1024 * 1024;

type Fields = Record<string, unknown>;

/** What an engine has of a file: it is asked for the facts first. */
interface File {
  readonly archive: Buffer;
  readonly facts: string;
}

async function file(content: string, mtime: string): Promise<File> {
  const archive = pack();
  archive.entry({ name: "file" }, content);
  archive.finalize();
  const facts = JSON.stringify({ size: Buffer.byteLength(content), mtime });
  return { archive: await buffer(archive), facts: Buffer.from(facts).toString("base64") };
}

const isFile = (found: unknown): found is File =>
  typeof found === "object" && found !== null && "archive" in found;

/** An engine with these answers by path; a 404 for any other. */
const engine = (answers: Record<string, unknown>) =>
  lookAt((path, method): Promise<Answer> => {
    const found = answers[decodeURIComponent(path)];
    const status = found === undefined ? 404 : 200;
    if (isFile(found)) {
      const read = method === "HEAD" ? Buffer.alloc(0) : found.archive;
      return Promise.resolve({
        status,
        headers: { "x-docker-container-path-stat": found.facts },
        body: read,
      });
    }
    return Promise.resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(found ?? {})) });
  });

const control: Made = { type: NETWORK, name: "n", outputs: { id: "n1", name: "hub-x-control" } };

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
    capabilities: { drops: ["ALL"] },
    networksAdvanced: [{ name: "hub-x-public" }, { name: "hub-x-control" }],
    volumes: [{ volumeName: "hub-x-settings", containerPath: "/srv/proxy", readOnly: true }],
  },
};

const CREATED = "2026-11-30T09:00:00.5Z";

const inspected = (changes: Fields = {}): Fields => ({
  Id: "c1",
  Name: "/hub-x-proxy",
  Created: CREATED,
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

  const limits = { Memory: 256 * MIB, MemorySwap: 256 * MIB, RestartPolicy: { Name: "unless-stopped" } };
  const fields: [string, Fields, string][] = [
    ["another name", { Name: "/proxy" }, "name: expected hub-x-proxy, got proxy"],
    [
      "a limit of processor time",
      { HostConfig: { ...limits, NanoCpus: 5e8 } },
      "processors: expected no limit, got 0.5",
    ],
    [
      "a limit of processes",
      { HostConfig: { ...limits, PidsLimit: 3 } },
      "processes: expected no limit, got 3",
    ],
    [
      "processors that it is bound to",
      { HostConfig: { ...limits, CpusetCpus: "0" } },
      "processor set: expected no limit, got 0",
    ],
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
      "dropped capabilities: expected ALL, got none",
      "mounts: expected hub-x-settings:/srv/proxy:ro, got none",
    ]);
    const [strange] = await findDrift([proxy], engine(taken({})), PREFIX);
    assert.match(
      strange?.changes.at(-1) ?? "",
      /did not make: rename it, or remove it with: docker rm -f hub-x-proxy/,
    );
  });

  it("tells what is different of its place in a network", async () => {
    const hub: Made = {
      type: CONTAINER,
      name: "h",
      outputs: {
        ...proxy.outputs,
        networksAdvanced: [{ name: "hub-x-control", ipv4Address: "10.0.0.2", aliases: ["hub"] }],
      },
    };
    const on = async (endpoint: Fields) => {
      const found = inspected({ NetworkSettings: { Networks: { "hub-x-control": endpoint } } });
      const answers = { "/containers/c1/json": found, "/networks/n1": { Id: "n1" } };
      const drift = await findDrift([hub, control], engine(answers), PREFIX);
      return drift.flatMap(({ changes: all }) => all);
    };
    const right = { NetworkID: "n1", IPAddress: "10.0.0.2", Aliases: ["c1", "hub"] };
    assert.deepEqual(await on(right), []);
    assert.deepEqual(await on({ ...right, IPAddress: "10.0.0.9", Aliases: null }), [
      "address on hub-x-control: expected 10.0.0.2, got 10.0.0.9",
      "aliases on hub-x-control: expected hub, got none",
    ]);
    assert.deepEqual(await on({ ...right, NetworkID: "n2" }), [
      "network hub-x-control: it is on another network of that name",
    ]);
  });

  it("tells each setting of another container of its name, and no value of a variable", async () => {
    const made: Made = {
      type: CONTAINER,
      name: "proxy",
      outputs: {
        ...proxy.outputs,
        image: ID,
        command: ["traefik", "--ping"],
        entrypoints: ["/entry"],
        user: "10001",
        envs: ["TOKEN=secret", "MODE=a"],
        capabilities: { drops: ["ALL"], adds: ["CAP_NET_ADMIN"] },
        devices: [{ hostPath: "/dev/fuse" }],
        ports: [{ internal: 443, external: 8443, ip: "127.0.0.1", protocol: "tcp" }],
        dns: ["10.0.0.53"],
      },
    };
    const as = async (settings: { Image: string; Config: Fields; HostConfig: Fields }) => {
      const other = inspected({ Id: "d".repeat(64), ...settings });
      return (await changes(made, { "/containers/hub-x-proxy/json": other })).map((one) =>
        one.replace(/^container hub-x-proxy: /, ""),
      );
    };
    const Labels = { [STACK_LABEL]: PREFIX };
    const limits = { Memory: 256 * MIB, MemorySwap: 256 * MIB, RestartPolicy: { Name: "unless-stopped" } };
    const same = {
      Image: ID,
      Config: {
        Labels,
        Cmd: ["traefik", "--ping"],
        Entrypoint: ["/entry"],
        User: "10001",
        Env: ["MODE=a", "PATH=/bin", "TOKEN=secret"],
      },
      HostConfig: {
        ...limits,
        CapAdd: ["NET_ADMIN"],
        CapDrop: ["ALL"],
        Devices: [{ PathOnHost: "/dev/fuse" }],
        Dns: ["10.0.0.53"],
        PortBindings: { "443/tcp": [{ HostIp: "127.0.0.1", HostPort: "8443" }] },
      },
    };
    const taken = "another container has its name (dddddddddddd)";
    assert.deepEqual(await as(same), [taken]);
    const different = {
      Image: OTHER_ID,
      Config: { Labels, Cmd: ["sh"], User: "", Env: ["TOKEN=other", "MODE=a"] },
      HostConfig: { ...limits, Privileged: true, ReadonlyRootfs: true },
    };
    assert.deepEqual(await as(different), [
      taken,
      "image: expected aaaaaaaaaaaa, got bbbbbbbbbbbb",
      "command: it is another one",
      "entrypoint: it is another one",
      "user: expected 10001, got root",
      "environment: TOKEN missing or different",
      "privileged: expected false, got true",
      "read-only: expected false, got true",
      "added capabilities: expected NET_ADMIN, got none",
      "dropped capabilities: expected ALL, got none",
      "devices: expected /dev/fuse, got none",
      "ports: expected 127.0.0.1:8443->443/tcp, got none",
      "name servers: expected 10.0.0.53, got none",
    ]);
  });

  it("looks at the files that a container put into a volume, and shows none of them", async () => {
    const files = ["a", "b", "c", "d"].map((name) => `/srv/proxy/${name}.yml`);
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
    const State = { Status: "exited", ExitCode: 0, FinishedAt: "2026-11-30T09:00:01Z" };
    const later = "2026-11-30T09:00:05Z";
    assert.deepEqual(
      await changes(settings, {
        "/containers/s1/json": inspected({
          Id: "s1",
          Name: "/hub-x-settings",
          State,
          HostConfig: {},
          Mounts: [],
        }),
        "/containers/s1/archive?path=/srv/proxy/a.yml": await file("secret 0", "2026-11-30T09:00:01Z"),
        "/containers/s1/archive?path=/srv/proxy/b.yml": await file("secret 1\nby hand", CREATED),
        "/containers/s1/archive?path=/srv/proxy/c.yml": await file("by hand!", later),
      }),
      [
        "container hub-x-settings: file /srv/proxy/b.yml: its content was changed",
        "container hub-x-settings: file /srv/proxy/c.yml: its content was changed",
        "container hub-x-settings: file /srv/proxy/d.yml: it is gone",
      ],
    );
  });

  it("looks at the files that the provider put into a container that runs", async () => {
    const uploads = [
      { file: "/etc/a", content: "secret" },
      { file: "/etc/b", contentBase64: Buffer.from([0, 255]).toString("base64") },
    ];
    const hub: Made = { ...proxy, outputs: { ...proxy.outputs, uploads } };
    const untouched = {
      "/containers/c1/json": inspected(),
      // Whatever the clock of the machine said from which it was put there.
      "/containers/c1/archive?path=/etc/a": await file("secret", "2026-12-24T00:00:00Z"),
    };
    const binary = await file("\0", CREATED);
    assert.deepEqual(await changes(hub, { ...untouched, "/containers/c1/archive?path=/etc/b": binary }), [
      "container hub-x-proxy: file /etc/b: its content was changed",
    ]);
    assert.deepEqual(await changes(hub, untouched), ["container hub-x-proxy: file /etc/b: it is gone"]);
  });

  it("tells networks that are gone, and in which fields another one of the name is different", async () => {
    assert.deepEqual(await changes(control, { "/networks/n1": { Id: "n1" } }), []);
    assert.deepEqual(await changes(control, {}), ["network hub-x-control: it is gone"]);
    const outputs = {
      ...control.outputs,
      driver: "bridge",
      internal: true,
      options: { "com.docker.network.bridge.name": "br-x" },
      ipamConfigs: [{ subnet: "10.0.0.0/24" }],
    };
    const other = {
      Id: "n2",
      Driver: "macvlan",
      IPAM: { Config: [{ Subnet: "10.1.0.0/24" }] },
    };
    const [drift] = await findDrift(
      [{ ...control, outputs }],
      engine({ "/networks/hub-x-control": other }),
      PREFIX,
    );
    assert.deepEqual(drift?.changes, [
      "another network has its name (n2)",
      "driver: expected bridge, got macvlan",
      "internal: expected true, got false",
      "subnet: expected 10.0.0.0/24, got 10.1.0.0/24",
      "options: expected com.docker.network.bridge.name=br-x, got none",
    ]);
    assert.equal(drift.inTheWay, "n2");
  });

  it("tells volumes that are gone, and leaves one of another kind as it is", async () => {
    const outputs = {
      id: "hub-x-data",
      name: "hub-x-data",
      driver: "local",
      driverOpts: { type: "nfs", o: "a" },
    };
    const volume: Made = { type: VOLUME, name: "v", outputs };
    const look = (found: Fields) => findDrift([volume], engine({ "/volumes/hub-x-data": found }), PREFIX);
    assert.deepEqual(await look({ Driver: "local", Options: { type: "nfs", o: "a" } }), []);
    assert.deepEqual(await changes(volume, {}), ["volume hub-x-data: it is gone, with all that was in it"]);
    const [drift] = await look({ Driver: "rclone", Options: { o: "password=x" } });
    assert.deepEqual(drift?.changes, [
      "driver: expected local, got rclone",
      "options: expected o, type, got o",
      "option o: it was changed",
    ]);
    assert.match(drift.left ?? "", /^It stays as it is, .* docker volume rm hub-x-data$/);
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

  it("tells a service, secret or config that is gone, and a service that has another's name", async () => {
    const service: Made = { type: SERVICE, name: "s", outputs: { id: "s1", name: "hub-x-hub" } };
    assert.deepEqual(await changes(service, {}), ["service hub-x-hub: it is gone"]);
    const other = { ID: "s2", Spec: { Mode: {}, TaskTemplate: {} } };
    assert.deepEqual(await changes(service, { "/services/hub-x-hub": other }), [
      "service hub-x-hub: another service has its name (s2)",
    ]);
    for (const [type, kind] of [
      [SECRET, "secret"],
      [CONFIG, "config"],
    ] as const) {
      const made: Made = { type, name: "o", outputs: { id: "o1", name: "hub-x-key-1" } };
      assert.deepEqual(await changes(made, { [`/${kind}s/o1`]: {} }), []);
      assert.deepEqual(await changes(made, {}), [`${kind} hub-x-key-1: it is gone`]);
    }
  });

  it("passes over what is no object of the engine", async () => {
    assert.deepEqual(await changes({ type: "command:local:Command", name: "c", outputs: {} }, {}), []);
  });

  it("says what an engine answered that is none", async () => {
    await assert.rejects(ofProxy({ Id: 7 }), /an answer of another form from \/containers\/c1\/json: Id: /);
  });
});
