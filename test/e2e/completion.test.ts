/** `./hub completion` in the shells themselves, at a terminal, switched on as the documentation says. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { type Shell, SHELLS } from "../../cli/completion";

const ROOT = resolve(__dirname, "../..");
const HUB = join(ROOT, "hub");
const PROMPT = "ready-";

interface Kind {
  /** Starts it with the file below, and nothing else of the machine's. */
  readonly command: string;
  readonly file: string;
  /** What the file has before the completion. */
  readonly before: string;
  /** As many as show what there is to choose from. */
  readonly tabs: string;
  /** How it shows that: with what each is for, if it can. */
  readonly choice: RegExp;
}

const kinds: Readonly<Record<Shell, Kind>> = {
  bash: {
    command: "bash --noprofile -i",
    file: ".bashrc",
    before: `PS1='${PROMPT}'\n`,
    tabs: "\t\t",
    choice: /dump +help +restore/,
  },
  zsh: {
    command: "zsh -d -i",
    file: ".zshrc",
    before: `PS1='${PROMPT}'\n`,
    tabs: "\t",
    choice: /restore +-- \w+/,
  },
  fish: {
    command: "fish --interactive",
    file: ".config/fish/config.fish",
    before:
      `function fish_prompt; printf %s '${PROMPT}'; end\nset -g fish_greeting\n` +
      // What it proposes by itself would look as if it were completed.
      "set -g fish_autosuggestion_enabled 0\n",
    tabs: "\t",
    choice: /restore +\(\w+/,
  },
};

const has = (program: string): boolean => {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
};

/** Colours and movements of the cursor, after the escape character. */
const SEQUENCE = /^(?:\[[0-9;?<=>]*[A-Za-z]|[()][A-Z0-9]|[=>78])/;

/** A terminal's output as text. */
const plain = (output: string): string =>
  output
    .split("\u001b")
    .map((part, at) => (at === 0 ? part : part.replace(SEQUENCE, "")))
    .join("");

/** A shell at a terminal. */
class Terminal {
  #output = "";
  #changed: () => void = () => undefined;
  readonly #child: ChildProcess;

  constructor(command: string, home: string) {
    const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
    const line = `stty rows 50 cols 160; exec ${command}`;
    this.#child = spawn("script", ["-qec", line, "/dev/null"], { cwd: ROOT, env });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#changed();
    });
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Waits for an output, and forgets what came before. */
  async sees(wanted: RegExp): Promise<string> {
    for (;;) {
      const found = wanted.exec(plain(this.#output));
      if (found !== null) {
        this.#output = "";
        return found[0];
      }
      await new Promise<void>((resolved, failed) => {
        const late = setTimeout(() => {
          failed(new Error(`expected ${String(wanted)}, got ${JSON.stringify(plain(this.#output))}`));
        }, 20_000);
        this.#changed = () => {
          clearTimeout(late);
          resolved();
        };
      });
    }
  }

  /** Types what is begun, and waits for the rest of it. What is typed while a shell completes, fish may lose. */
  async completes(begun: string, rest: string): Promise<void> {
    this.type(`${begun}\t`);
    await this.sees(new RegExp(rest));
  }

  /** The words of the command line, as the shell hands them to a command. */
  async words(): Promise<string[]> {
    // Ctrl-A leads to the start of the line, where it is made another command's. What that prints is not what is typed.
    this.type("\u0001printf '<%s>' 'line''=' \r");
    // Up to the next prompt: it comes in pieces.
    const printed = await this.sees(new RegExp(`<line=>(<[^>]*>)+[^<]*${PROMPT}`));
    return printed.slice("<line=><".length, printed.lastIndexOf(">")).split("><");
  }

  /** Ends the shell, which may write its history after that. */
  async close(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

interface Completed {
  readonly words: readonly string[];
  /** How the shell showed a choice. */
  readonly choice: string;
}

/** What a shell makes of a few keys; undefined where it is not on this machine. */
async function completed(shell: Shell, home: string): Promise<Completed | undefined> {
  if (process.platform !== "linux" || !has(shell)) {
    return undefined;
  }
  const { command, file, before, tabs, choice } = kinds[shell];
  const script = execFileSync(HUB, ["completion", shell], { encoding: "utf8" });
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), before + script);
  const terminal = new Terminal(command, home);
  try {
    await terminal.sees(new RegExp(PROMPT));
    await terminal.completes("./hub ho", "me");
    await terminal.completes("lo", "ad");
    await terminal.completes("--stack=de", "v");
    await terminal.completes("alice ~/sav", "tar");
    await terminal.completes("--rep", "lace");
    const words = await terminal.words();
    // As it is called from another folder.
    terminal.type(`${HUB} database ${tabs}`);
    return { words, choice: await terminal.sees(choice) };
  } finally {
    await terminal.close();
  }
}

describe("./hub completion", () => {
  let home = "";
  let all: Partial<Record<string, Completed | undefined>> = {};
  before(async () => {
    home = mkdtempSync(join(tmpdir(), "hub-completion-"));
    writeFileSync(join(home, "saved home.tar"), "");
    // Without it fish starts a program that reads all manual pages, and goes on after it has ended.
    mkdirSync(join(home, ".local/share/fish/generated_completions"), { recursive: true });
    // Side by side: each waits for ./hub most of the time.
    const found = SHELLS.map(async (shell) => [shell, await completed(shell, home)] as const);
    all = Object.fromEntries(await Promise.all(found));
  });
  after(() => {
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  for (const shell of SHELLS) {
    it(`completes verbs, options, stacks and files in ${shell}`, function () {
      const { words } = all[shell] ?? this.skip();
      const saved = join(home, "saved home.tar");
      assert.deepEqual(words, ["./hub", "home", "load", "--stack=dev", "alice", saved, "--replace"]);
    });
  }
});
