/** `npm run node`: what an administrator does with the nodes of a Swarm. */
import { parseArgs } from "node:util";

import { message } from "../../tasks/swarm/membership";
import { commands } from "../node/commands";
import { readStackFile } from "../node/stack-file";

const USAGE = `Usage: npm run node -- list
       npm run node -- add NAME
       npm run node -- drain NAME [--wait SECONDS] [--notice TEXT]
       npm run node -- remove NAME
       npm run node -- move-home USER --to NAME

list        nodes: role, address, state, whether they have the images, and whose servers they have
add         joins a machine of jupyterhub:swarm.nodes, or opens one that was drained; waits for its images
drain       tells people, closes the node, waits for them to stop their servers, moves the rest, sees that it is empty
remove      takes an empty or dead node out of the Swarm
move-home   copies the home of USER to a node and compares, where homes are local to nodes

--stack STACK and --timeout SECONDS (120) go with all.`;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string", default: process.env["PULUMI_STACK"] ?? "dev" },
      notice: { type: "string" },
      to: { type: "string" },
      wait: { type: "string", default: "0" },
      timeout: { type: "string", default: "120" },
    },
  });
  const [action = "", name = ""] = positionals;
  const command = commands[action];
  const [wait, timeout] = [Number(values.wait), Number(values.timeout)];
  const complete = command !== undefined && (action === "list" || name !== "");
  if (!complete || !Number.isFinite(wait) || !Number.isFinite(timeout)) throw new Error(USAGE);
  await command(
    readStackFile(process.cwd(), values.stack),
    name,
    { wait, timeout, notice: values.notice, to: values.to },
    (line) => {
      console.log(line);
    },
  );
}

main().catch((error: unknown) => {
  console.error(message(error));
  process.exitCode = 1;
});
