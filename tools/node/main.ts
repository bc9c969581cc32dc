/**
 * npm run node -- list | add NAME | drain NAME [--wait SECONDS] | remove NAME   [--stack STACK] [--timeout SECONDS]
 */
import { parseArgs } from "node:util";

import { message } from "../../components/swarm/membership";
import { commands } from "./commands";
import { readStackFile } from "./stack-file";

const USAGE =
  "npm run node -- list | add NAME | drain NAME [--wait SECONDS] | remove NAME   [--stack STACK] [--timeout SECONDS]";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string", default: process.env["PULUMI_STACK"] ?? "dev" },
      wait: { type: "string", default: "0" },
      timeout: { type: "string", default: "120" },
    },
  });
  const [action = "", name = ""] = positionals;
  const command = commands[action];
  const [wait, timeout] = [Number(values.wait), Number(values.timeout)];
  const complete = command !== undefined && (action === "list" || name !== "");
  if (!complete || !Number.isFinite(wait) || !Number.isFinite(timeout)) throw new Error(`Usage: ${USAGE}`);
  await command(readStackFile(process.cwd(), values.stack), name, { wait, timeout }, (line) => {
    console.log(line);
  });
}

main().catch((error: unknown) => {
  console.error(message(error));
  process.exitCode = 1;
});
