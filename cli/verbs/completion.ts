/** `./hub completion`: a script that completes `./hub` in a shell, and what it asks at each Tab. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Argument, type Command } from "commander";

import { thisMachine } from "../../setup/machine";
import { stackNames } from "../../setup/stack";
import { answer, completionScript, type Shell, SHELLS } from "../completion";
import { hub } from "../program";

export function define(command: Command): void {
  command
    .usage("<shell>")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    // What the script asks: the words of the command line up to the cursor, after `--`.
    .addArgument(new Argument("[words...]"))
    .addHelpText(
      "after",
      `
For each new shell:    ./hub completion bash >>~/.bashrc
                       ./hub completion zsh >>~/.zshrc
                       ./hub completion fish >>~/.config/fish/config.fish
For one that runs:     source <(./hub completion bash), the same with zsh
                       ./hub completion fish | source`,
    )
    .action((shell: Shell, words: readonly string[]) => {
      const { root } = thisMachine();
      process.stdout.write(
        words.length === 0
          ? completionScript(shell, join(root, "hub"))
          : answer(hub(words), shell, words, stackNames(readdirSync(root))),
      );
    });
}
