import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Attempt } from "../../tasks/self-check/list";
import type { Outcome } from "../../tasks/self-check/report";
import type { Deployment } from "./deployment";
import { HubClient } from "./hub-client";
import { RunningKernel } from "./kernel";
import { RunningTerminal } from "./terminal";

const probe = join(__dirname, "..", "..", "tasks", "self-check", "probe.py");

/** A person who is logged in, with a server and a kernel in it. */
export class Notebook {
  private constructor(
    readonly client: HubClient,
    readonly kernel: RunningKernel,
  ) {}

  static async open(deployment: Deployment, user: string): Promise<Notebook> {
    const client = new HubClient(deployment.url, await deployment.caCertificate(), user);
    assert.equal(await client.login(await deployment.output("userPassword")), true);
    // A busy machine takes its time.
    await client.startServer(240_000);
    return new Notebook(client, await RunningKernel.start(client.serverSettings()));
  }

  /** Runs Python in the kernel; gives what it printed. */
  python(code: string): Promise<string> {
    return this.kernel.run(code);
  }

  /** Runs a shell command: both streams and the exit code. */
  async shell(command: string): Promise<{ code: number; output: string; seconds: number }> {
    const printed = await this.kernel.run(
      [
        "import json, subprocess, time",
        "_start = time.monotonic()",
        `_run = subprocess.run(["bash", "-c", ${JSON.stringify(command)}], stdout=subprocess.PIPE, ` +
          "stderr=subprocess.STDOUT, text=True)",
        'print(json.dumps({"code": _run.returncode, "output": _run.stdout, "seconds": time.monotonic() - _start}))',
      ].join("\n"),
    );
    return JSON.parse(printed) as { code: number; output: string; seconds: number };
  }

  /** Tries the list from here, in a process of its own. */
  async attack(list: readonly Attempt[]): Promise<Record<string, Outcome>> {
    const script = (await readFile(probe)).toString("base64");
    const attempts = Buffer.from(JSON.stringify(list)).toString("base64");
    const printed = await this.kernel.run(
      [
        "import base64, subprocess, sys",
        `_script = base64.b64decode("${script}").decode()`,
        `_list = base64.b64decode("${attempts}").decode()`,
        '_run = subprocess.run([sys.executable, "-c", _script, "attack", _list], capture_output=True, text=True)',
        "print(_run.stdout if _run.returncode == 0 else _run.stderr)",
      ].join("\n"),
    );
    return JSON.parse(printed) as Record<string, Outcome>;
  }

  /** The same, typed into a terminal of JupyterLab. */
  async attackFromTerminal(list: readonly Attempt[]): Promise<Record<string, Outcome>> {
    const files = { probe: await readFile(probe, "utf8"), list: JSON.stringify(list) };
    // A line of a terminal has 4,096 characters at most.
    const encoded = Buffer.from(JSON.stringify(files)).toString("base64");
    await this.kernel.run(
      [
        "import base64, json, pathlib",
        `for _name, _text in json.loads(base64.b64decode("${encoded}")).items():`,
        '    pathlib.Path("/tmp", f"attack-{_name}").write_text(_text)',
      ].join("\n"),
    );
    const terminal = await RunningTerminal.start(this.client.serverSettings());
    try {
      const printed = await terminal.run('python3 /tmp/attack-probe attack "$(cat /tmp/attack-list)"');
      return JSON.parse(printed) as Record<string, Outcome>;
    } finally {
      await terminal.close();
    }
  }

  async close(): Promise<void> {
    this.kernel.leave();
    await this.client.close();
  }
}
