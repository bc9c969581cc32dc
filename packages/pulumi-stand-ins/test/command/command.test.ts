/** Local commands: what they get, what they give, how they fail and how they are ended. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { diffInputs } from "../../command/diff";
import { commandProvider } from "../../command/provider";
import { type JsonObject, SIGNATURE_KEY, SIGNATURES, UNKNOWN_TEXT } from "../../lib/marshal";
import type { MessageSink } from "../../lib/protocol";
import { providerService } from "../../lib/serve";

const type = "command:local:Command";
const urn = `urn:pulumi:dev::project::${type}::cmd`;
const secret = (value: string): JsonObject => ({ [SIGNATURE_KEY]: SIGNATURES.secret, value });

/** What has ended may still be waiting for its parent to take notice. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("local commands of the stand-in plugin", () => {
  let folder: string;
  let said: string[];
  const messages: MessageSink = {
    send: ({ severity, text, ephemeral }) => said.push(`${severity}${ephemeral ? "?" : ""} ${text}`),
    flush: () => Promise.resolve(),
  };
  // One a test: a cancelled service starts nothing any more.
  let service: ReturnType<typeof providerService>;
  const create = async (properties: JsonObject, more: { preview?: boolean; timeout?: number } = {}) =>
    (await service.create({ urn, type, properties, ...more })).properties;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "command-"));
    said = [];
    service = providerService(commandProvider(), messages);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("get directory, environment, stdin and interpreter", async () => {
    const made = await create({
      create: 'import os, sys; print(os.getcwd(), os.environ["A"], sys.stdin.read())',
      interpreter: ["python3", "-c"],
      dir: folder,
      environment: { A: "1" },
      stdin: "in",
    });
    assert.equal(made.stdout, `${folder} 1 in`);
    assert.equal(made.stderr, "");
  });

  it("lose one line end and no more", async () => {
    assert.equal((await create({ create: "printf 'a\\n\\n'" })).stdout, "a\n");
  });

  it("show their lines while they run, as far as `logging` wants it", async () => {
    const both = "echo out; echo err >&2";
    await create({ create: both });
    assert.deepEqual(said.sort(), ["info? err", "info? out"]);
    said = [];
    await create({ create: both, logging: "stderr" });
    assert.deepEqual(said, ["info? err"]);
    said = [];
    const made = await create({ create: both, logging: "none" });
    assert.deepEqual(said, []);
    assert.deepEqual([made.stdout, made.stderr], ["out", "err"]);
  });

  it("see what the command before them said, unless they do not want to", async () => {
    const olds = { create: "true", stdout: "before", stderr: "" };
    const update = { update: "echo [$PULUMI_COMMAND_STDOUT]" };
    const run = async (news: JsonObject) =>
      (await service.update({ urn, type, id: "x", olds, news })).properties.stdout;
    assert.equal(await run(update), "[before]");
    assert.equal(await run({ ...update, addPreviousOutputInEnv: false }), "[]");
  });

  it("are run by create, update (else create) and delete", async () => {
    const file = join(folder, "log");
    const props = (extra: JsonObject): JsonObject => ({
      create: "echo create >> log",
      dir: folder,
      ...extra,
    });
    await create(props({}));
    await service.update({ urn, type, id: "x", olds: props({}), news: props({}) });
    await service.update({
      urn,
      type,
      id: "x",
      olds: props({}),
      news: props({ update: "echo update >> log" }),
    });
    await service.delete({ urn, type, id: "x", properties: props({}) });
    await service.delete({ urn, type, id: "x", properties: props({ delete: "echo delete >> log" }) });
    assert.equal(readFileSync(file, "utf8"), "create\ncreate\nupdate\ndelete\n");
  });

  it("are not run in previews, where what they will say is unknown", async () => {
    const properties = { create: "touch ran", dir: folder };
    assert.equal((await create(properties, { preview: true })).stdout, UNKNOWN_TEXT);
    const olds = { ...properties, stdout: "x", stderr: "" };
    const same = await service.update({ urn, type, id: "x", olds, news: properties, preview: true });
    assert.equal(same.properties.stdout, "x");
    const news = { ...properties, create: "touch other" };
    const other = await service.update({ urn, type, id: "x", olds, news, preview: true });
    assert.equal(other.properties.stdout, UNKNOWN_TEXT);
    assert.ok(!existsSync(join(folder, "ran")));
  });

  it("keep secrets marked where they came in, and use them in clear", async () => {
    const made = await create({ create: "echo ${#A}", environment: { A: secret("four"), B: "1" } });
    assert.deepEqual(made.environment, { A: secret("four"), B: "1" });
    assert.equal(made.stdout, "4");
    assert.deepEqual((await create({ create: secret("echo x") })).create, secret("echo x"));
  });

  it("fail with the exit status, the command and all they said", async () => {
    await assert.rejects(create({ create: "echo out; echo err >&2; exit 3" }), {
      message: 'exit status 3: running "echo out; echo err >&2; exit 3":\nout\nerr\n',
    });
    await assert.rejects(
      create({ create: "x", interpreter: ["/no/such"] }),
      /^Error: fork\/exec \/no\/such: no such/,
    );
    await assert.rejects(
      create({ create: "x", interpreter: ["nosuch"] }),
      /executable file not found in \$PATH/,
    );
  });

  it("end with all their children when the update is cancelled", async () => {
    const running = create({ create: "sleep 300 & echo $! > pid; wait", dir: folder });
    const failed = assert.rejects(running, /signal: terminated/);
    while (!existsSync(join(folder, "pid")) || readFileSync(join(folder, "pid"), "utf8") === "") {
      await sleep(10);
    }
    const child = Number(readFileSync(join(folder, "pid"), "utf8"));
    await service.cancel();
    await failed;
    await sleep(50);
    assert.ok(!isRunning(child));
  });

  it("end when their custom timeout is over", async () => {
    await assert.rejects(create({ create: "sleep 300" }, { timeout: 0.1 }), /signal: terminated/);
  });

  it("refuse inputs of the wrong type", async () => {
    const { failures = [] } = await service.check({
      urn,
      type,
      news: { create: 1, logging: "all", dir: UNKNOWN_TEXT },
    });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["create", "logging"],
    );
    assert.match(failures[1]?.reason ?? "", /expected one of stdout, stderr, stdoutAndStderr, none/);
  });

  it("refuse inputs that they do not have, and say what there is", async () => {
    const { failures = [] } = await service.check({ urn, type, news: { create: "true", assetPaths: ["*"] } });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["assetPaths"],
    );
    assert.match(failures[0]?.reason ?? "", /does not have it; it has create, update, delete, triggers,/);
  });

  it("differ by leaf, and are replaced when triggers come or go", () => {
    const { detailedDiff, replaces } = diffInputs(
      { environment: { A: "1", B: "1" }, interpreter: ["a"], dir: "x" },
      { environment: { A: "2", "C D": "1" }, interpreter: ["a", "b"], triggers: [1] },
      new Set(["triggers"]),
    );
    assert.deepEqual(detailedDiff, {
      dir: { kind: "DELETE" },
      "environment.A": { kind: "UPDATE" },
      "environment.B": { kind: "DELETE" },
      'environment["C D"]': { kind: "ADD" },
      "interpreter[1]": { kind: "ADD" },
      triggers: { kind: "ADD_REPLACE" },
    });
    assert.deepEqual(replaces, ["triggers"]);
  });
});
