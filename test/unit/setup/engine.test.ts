import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Answer, ask, type Endpoint, endpoints } from "../../../setup/endpoint";
import { decide, type EngineFacts, wentAway } from "../../../setup/engine";
import { machine } from "./machine";

const local: Endpoint = { host: "unix:///var/run/docker.sock", source: "default" };
const silent: Answer = { kind: "silent", reason: "connect ENOENT" };
const ok: Answer = { kind: "ok", version: "29.0.0", architecture: "arm64", os: "linux" };

function facts(overrides: Partial<EngineFacts>): EngineFacts {
  return {
    answers: [{ endpoint: local, answer: silent }],
    platform: "linux",
    isRoot: true,
    hasSystemd: false,
    hasDockerd: true,
    user: "ada",
    ...overrides,
  };
}

describe("where an engine is looked for", () => {
  it("is only where the stack's configuration says", () => {
    const env = { DOCKER_HOST: "tcp://other:2375" };
    assert.deepEqual(endpoints(machine({ env }), { host: "ssh://ada@host" }), [
      { host: "ssh://ada@host", source: "configuration" },
    ]);
  });

  it("hold no login, which would be shown", () => {
    const host = "tcp://ada:hunter2@host:2376";
    const shown = /^(jupyterhub:docker\.host|DOCKER_HOST): expected (?!.*hunter2).*with a password/;
    assert.throws(() => endpoints(machine({ env: {} }), { host }), { message: shown });
    assert.throws(() => endpoints(machine({ env: { DOCKER_HOST: host } })), { message: shown });
  });

  it("is else only where DOCKER_HOST says", () => {
    const env = { DOCKER_HOST: "tcp://other:2375" };
    assert.deepEqual(endpoints(machine({ env }), undefined), [
      { host: "tcp://other:2375", source: "DOCKER_HOST" },
    ]);
  });

  it("is else the default socket and those of a person's own engine", () => {
    const env = { XDG_RUNTIME_DIR: "/run/user/1000" };
    assert.deepEqual(
      endpoints(machine({ env }), undefined).map(({ host }) => host),
      [
        "unix:///var/run/docker.sock",
        "unix:///run/user/1000/docker.sock",
        "unix:///home/ada/.docker/run/docker.sock",
      ],
    );
  });
});

describe("what is done about the engine", () => {
  it("uses the first that answers", () => {
    const own: Endpoint = { host: "unix:///run/user/1000/docker.sock", source: "found" };
    const answers = [
      { endpoint: local, answer: { kind: "denied" } as const },
      { endpoint: own, answer: ok },
    ];
    assert.deepEqual(decide(facts({ answers, isRoot: false })), {
      endpoint: own,
      version: "29.0.0",
      architecture: "arm64",
    });
  });

  it("starts an installed one, and installs one where there is none", () => {
    assert.equal(decide(facts({})), "start by hand");
    assert.equal(decide(facts({ hasSystemd: true })), "start with systemd");
    assert.equal(decide(facts({ hasDockerd: false, hasSystemd: true })), "install");
  });

  const refused: [string, Partial<EngineFacts>, RegExp][] = [
    [
      "no right to the socket",
      { answers: [{ endpoint: local, answer: { kind: "denied" } }], isRoot: false },
      /ada has no permission to use unix.*\n {2}sudo usermod -aG docker ada/,
    ],
    [
      "no engine and no root",
      { isRoot: false, hasDockerd: false },
      /only root can.*\n {2}sudo \.\/up --only engine/,
    ],
    [
      "a stopped service and no root",
      { isRoot: false, hasSystemd: true },
      /only root can.*\n {2}sudo systemctl enable --now docker/,
    ],
    ["a machine that is no Linux", { platform: "darwin" }, /Start Docker Desktop/],
    [
      "a silent DOCKER_HOST, even as root",
      { answers: [{ endpoint: { host: "tcp://a:1", source: "DOCKER_HOST" }, answer: silent }] },
      /none answers at tcp:\/\/a:1 \(connect ENOENT\)\.\n.*unset DOCKER_HOST/,
    ],
    [
      "a silent host of the configuration",
      { answers: [{ endpoint: { host: "ssh://a", source: "configuration" }, answer: silent }] },
      /jupyterhub:docker\.host/,
    ],
    [
      "an engine for another system",
      { answers: [{ endpoint: local, answer: { ...ok, os: "windows" } }] },
      /Linux containers, found windows/,
    ],
  ];
  for (const [name, overrides, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => decide(facts(overrides)), message);
    });
  }
});

describe("asking an address", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-test-"));
  });
  afterEach(() => {
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  const reasonOf = (answer: Answer): string =>
    answer.kind === "silent" ? answer.reason : `is ${answer.kind}`;

  async function answerWith(body: string): Promise<Answer> {
    const socket = join(folder, "docker.sock");
    server = createServer((_, response) => response.end(body));
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    return ask({ host: `unix://${socket}`, source: "default" }, machine());
  }

  it("tells an engine", async () => {
    const answer = await answerWith('{"Version":"28.5.1","Arch":"amd64","Os":"linux"}');
    assert.deepEqual(answer, { kind: "ok", version: "28.5.1", architecture: "amd64", os: "linux" });
  });

  it("tells something else that listens there", async () => {
    const answer = await answerWith("<html>");
    assert.match(reasonOf(answer), /not like a Docker Engine/);
  });

  it("tells that nobody listens", async () => {
    const answer = await ask({ host: `unix://${folder}/none.sock`, source: "default" }, machine());
    assert.match(reasonOf(answer), /ENOENT/);
  });

  it("tells after a run that it went away, and how to go on; nothing while it answers", async () => {
    await answerWith('{"Version":"28.5.1","Arch":"amd64","Os":"linux"}');
    const at = (name: string) => {
      const endpoint = { host: `unix://${folder}/${name}`, source: "default" } as const;
      return wentAway(machine(), { endpoint, version: "28.5.1", architecture: "amd64" }, "./up dev");
    };
    assert.equal(await at("docker.sock"), undefined);
    assert.match(
      (await at("none.sock")) ?? "",
      /^Docker Engine: unix:.*none\.sock does not answer any more \(.*ENOENT.*\)\.\nStart it .* with: \.\/up dev$/,
    );
  });
});
