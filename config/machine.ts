/** What the configuration asks of the machine that Pulumi runs on: files, and Python where there is one. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";

import type { ParseContext } from "./context";

export const machine: Pick<ParseContext, "readFile" | "readBytes" | "listFolder" | "pythonProblem"> = {
  readFile: (path) => readFileSync(path, "utf8"),
  readBytes: (path) => readFileSync(path),
  listFolder: (path) =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => statSync(file).isFile())
      .map((file) => relative(path, file).split(sep).join("/"))
      .sort(),
  pythonProblem,
};

/** Prints `line N: what is wrong`. Older versions than 3.11 refuse what the hub's takes: they are not asked. */
const CHECK = `
import sys
if sys.version_info < (3, 11):
    sys.exit()
try:
    compile(sys.stdin.buffer.read(), "extra configuration", "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    print(f"line {getattr(error, 'lineno', None) or 1}: {getattr(error, 'msg', error)}")
`;

/** What is wrong with the syntax of a Python source; undefined if nothing is, or no python3 is there to tell. */
export function pythonProblem(source: string): string | undefined {
  const { status, stdout } = spawnSync("python3", ["-I", "-W", "ignore", "-c", CHECK], {
    input: source,
    encoding: "utf8",
    timeout: 10_000,
  });
  return status === 0 && stdout.trim() !== "" ? stdout.trim() : undefined;
}
