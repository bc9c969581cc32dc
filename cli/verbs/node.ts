/** `./hub node`: what an administrator does with the nodes of a Swarm. */
import { type Command, InvalidArgumentError } from "commander";

import { keyName } from "../../config/keys";
import { print, wantsJson } from "../answer";
import { add, drain, type DrainOptions, list, move, remove } from "../node/commands";
import { TIMEOUT } from "../node/engines";
import { needSwarm, type Swarm } from "../node/stack-file";
import { withReport } from "../program";
import { openStack } from "../stack";

/** @throws InvalidArgumentError for what is no number of seconds */
export function parseSeconds(value: string): number {
  if (/^[0-9]+(\.[0-9]+)?$/.test(value)) {
    return Number(value);
  }
  throw new InvalidArgumentError("Expected a number of seconds.");
}

const open = async (self: Command): Promise<Swarm> => needSwarm(await openStack(self, TIMEOUT));

/** Does something with a node and prints how it goes; with `--json` what was done. */
async function act(
  self: Command,
  json: object,
  work: (stack: Swarm, say: (line: string) => void) => Promise<void>,
): Promise<void> {
  const to = wantsJson(self) ? process.stderr : process.stdout;
  await work(await open(self), (line) => to.write(`${line}\n`));
  print(self, { text: "", json });
}

const withTimeout = (command: Command): Command =>
  withReport(command).option("--timeout <seconds>", "how long to wait", parseSeconds, 120);

export function define(command: Command): void {
  withReport(command.command("list"))
    .description(
      "list nodes: role, address, state, whether they have the images, and whose servers they have",
    )
    .action(async (_options: object, self: Command) => {
      print(self, await list(await open(self)));
    });
  withTimeout(command.command("add"))
    .description(`join a machine of ${keyName("swarm.nodes")}, or reopen a drained one; wait for its images`)
    .argument("<name>", "the node")
    .action((node: string, options: DrainOptions, self: Command) =>
      act(self, { node, done: "added" }, (stack, say) => add(stack, node, options, say)),
    );
  withTimeout(command.command("drain"))
    .description(
      "notify people, close the node, wait for them to stop their servers, move the rest, check that it is empty",
    )
    .argument("<name>", "the node")
    .option("--wait <seconds>", "how long people have to stop their servers", parseSeconds, 0)
    .option("--notice <text>", "a notice for people with a server on the node")
    .action((node: string, options: DrainOptions, self: Command) =>
      act(self, { node, done: "drained" }, (stack, say) => drain(stack, node, options, say)),
    );
  withTimeout(command.command("remove"))
    .description("take an empty or dead node out of the Swarm")
    .argument("<name>", "the node")
    .action((node: string, options: DrainOptions, self: Command) =>
      act(self, { node, done: "removed" }, (stack, say) => remove(stack, node, options, say)),
    );
  withReport(command.command("move-home"))
    .description("move a person's home to another node, where homes are local to nodes")
    .argument("<user>", "the person; their server must be stopped")
    .requiredOption("--to <node>", "the node to move the home to")
    .action((user: string, { to }: { readonly to: string }, self: Command) =>
      act(self, { user, node: to, done: "moved" }, (stack, say) => move(stack, user, to, say)),
    );
}
