import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { SetupError } from "../../../setup/errors";
import {
  judge,
  type Kernel,
  type Lock,
  noteRun,
  removeCutNotes,
  removeStaleLocks,
  type Run,
  thisKernel,
} from "../../../setup/locks";

const project = { name: "jupyterhub", backendUrl: undefined };

describe("a lock's process", () => {
  const at = "2026-11-30T08:00:00.000Z";
  const run: Run = { pid: 42, hostname: "ci", boot: "b1", namespace: "pid:[1]", started: "100", at };
  const lock: Lock = { pid: 42, hostname: "ci", username: "ada", timestamp: "2026-11-30T08:00:01.5Z" };
  const here: Kernel = { boot: "b1", namespace: "pid:[1]", started: () => "gone" };
  const cases: [string, Partial<Lock>, readonly Run[], Kernel | undefined, string][] = [
    ["is gone: nobody has its number", {}, [run], here, "gone"],
    ["is gone: a later process has its number", {}, [run], { ...here, started: () => "777" }, "gone"],
    ["lives: it started when it did", {}, [run], { ...here, started: () => "100" }, "alive"],
    ["may live: it is hidden", {}, [run], { ...here, started: () => "hidden" }, "unknown"],
    ["may live: another machine of that name", {}, [run], { ...here, boot: "b2" }, "unknown"],
    ["may live: another container of that name", {}, [run], { ...here, namespace: "pid:[2]" }, "unknown"],
    ["may live: a kernel that says nothing", {}, [run], undefined, "unknown"],
    ["may live: a lock that nobody noted, as earlier versions left", {}, [], here, "unknown"],
    ["may live: the note is another process's", { pid: 43 }, [run], here, "unknown"],
    ["may live: the note is another host's", { hostname: "ci2" }, [run], here, "unknown"],
    [
      "may live: the lock is from before the note",
      { timestamp: "2026-11-30T07:59:58Z" },
      [run],
      here,
      "unknown",
    ],
    [
      "may live: the lock is from long after the note",
      { timestamp: "2026-11-30T09:00:00Z" },
      [run],
      here,
      "unknown",
    ],
    ["may live: no date", { timestamp: "" }, [run], here, "unknown"],
    ["may live: one of two that fit is elsewhere", {}, [run, { ...run, boot: "b2" }], here, "unknown"],
  ];
  for (const [what, differs, runs, kernel, verdict] of cases) {
    it(what, () => {
      assert.equal(judge({ ...lock, ...differs }, runs, kernel), verdict);
    });
  }
});

describe("locks of a state", () => {
  let folder: string;
  let locks: string;
  let children: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "setup-locks-"));
    locks = join(folder, ".pulumi/locks/organization/jupyterhub/dev");
    mkdirSync(locks, { recursive: true });
    children = [];
  });
  afterEach(() => {
    for (const child of children) {
      child.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true });
  });

  const start = (): { child: ChildProcess; pid: number; forget: () => void } => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    children.push(child);
    assert.ok(child.pid !== undefined);
    return { child, pid: child.pid, forget: noteRun({ folder }, project, "dev", child.pid) };
  };
  const lockOf = (pid: number): string => {
    const file = join(locks, `${pid}.json`);
    const lock = { pid, hostname: hostname(), username: "ada", timestamp: new Date().toISOString() };
    writeFileSync(file, JSON.stringify(lock));
    writeFileSync(`${file}.attrs`, "{}");
    return file;
  };
  const notes = (): string[] => readdirSync(join(folder, ".runs/jupyterhub/dev"));
  const refuses = (message: RegExp, kernel = thisKernel()): void => {
    assert.throws(
      () => removeStaleLocks({ folder }, project, "dev", kernel),
      (error) => error instanceof SetupError && message.test(error.message) && !error.message.includes("\n"),
    );
  };

  before(function () {
    if (process.platform !== "linux") {
      this.skip();
    }
  });

  it("are removed once the process that was noted is killed, not while it lives", async () => {
    const { child, pid, forget } = start();
    const file = lockOf(pid);
    refuses(/is changing it\. Wait until it has finished\.$/);
    assert.equal(existsSync(file), true);
    child.kill("SIGKILL");
    await once(child, "close");
    forget();
    assert.equal(notes().length, 1, "the note of a lock that is left stays");
    assert.deepEqual(
      removeStaleLocks({ folder }, project, "dev").map((lock) => lock.pid),
      [pid],
    );
    assert.deepEqual(readdirSync(locks), []);
    assert.deepEqual(notes(), []);
  });

  it("of a dead process are not touched from another machine or container of the same name", async () => {
    const { child, pid } = start();
    const file = lockOf(pid);
    child.kill("SIGKILL");
    await once(child, "close");
    const kernel = thisKernel();
    assert.ok(kernel);
    const away =
      /cannot tell whether that process is still running.*with: \.\/hub pulumi cancel --yes --stack dev$/;
    refuses(away, { ...kernel, boot: "another" });
    refuses(away, { ...kernel, namespace: "pid:[1]" });
    assert.equal(existsSync(file), true);
    assert.equal(notes().length, 1);
  });

  it("that nobody noted, or that cannot be read, are left to a person", () => {
    const file = lockOf(2 ** 30);
    refuses(/^Stack "dev": pulumi of ada on .* \(process 1073741824, since .*\) has locked it/);
    assert.equal(existsSync(file), true);
    rmSync(file);
    writeFileSync(join(locks, "odd.json"), "");
    refuses(/odd\.json cannot be read\. .*remove it with: \.\/hub pulumi cancel/);
  });

  it("and states are readable again after a kill that cut off what is noted beside them", () => {
    const states = join(folder, ".pulumi/stacks/jupyterhub");
    mkdirSync(states, { recursive: true });
    const cut = [
      join(states, "dev.json.attrs"),
      join(states, "dev.json.bak.attrs"),
      join(locks, "x.json.attrs"),
    ];
    const kept = [
      join(states, "dev.json"),
      join(states, "other.json.attrs"),
      join(states, "dev.json.gz.attrs"),
    ];
    for (const file of [...cut, ...kept]) {
      writeFileSync(file, file.endsWith("gz.attrs") ? "{}" : "");
    }
    removeCutNotes({ folder }, project, "dev");
    assert.deepEqual([...cut, ...kept].filter(existsSync), kept);
  });

  it("leave no note behind when there are none", async () => {
    const { child, forget } = start();
    assert.equal(notes().length, 1);
    child.kill();
    await once(child, "close");
    forget();
    assert.deepEqual(notes(), []);
    assert.deepEqual(removeStaleLocks({ folder }, project, "other"), []);
  });
});
