/** `./hub completion`: a script that completes `./hub` in a shell. */
import { Argument, type Command } from "commander";

import { completionScript, type Shell, SHELLS } from "../completion";
import { hub, VERBS } from "../program";

export function define(command: Command): void {
  command
    .addArgument(new Argument("<shell>").choices(SHELLS))
    .addHelpText(
      "after",
      '\nFor the shell that runs: eval "$(./hub completion bash)", or the same in ~/.bashrc with the path of hub.',
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(hub(Object.keys(VERBS)), shell));
    });
}
