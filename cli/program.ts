/** The verbs of `./hub`, and what is the same for all of them. */
import { createRequire } from "node:module";
import { Command, Option } from "commander";

/** What there is, in the order of `./hub --help`: each is a file in `verbs/`, loaded when it is asked for. */
export const VERBS = {
  status: "show who runs what now, versions, days left of the certificate, and free disk space",
  check: "check whether people can log in and start servers, as ./up does at its end",
  logs: "show the log of the hub, of another part of the stack, or of a person's server",
  servers: "list people's servers with what they use now, or stop them",
  home: "list people's homes, save them to tar files and load them again",
  objects: "list or remove what the stack and its hub created on the Docker host",
  database: "save the hub's database to a file, or restore it from one",
  rollback: "go back to the hub of before the last update that replaced it",
  backup: "make a backup now, or list the backups that there are",
  restore: "restore a person's home, the hub's database, or all of it from a backup",
  probe: "test, from inside a notebook server, that it cannot reach or do what it must not",
  adopt: "take over another hub on the same Docker host, with its people and homes, without moving data",
  node: "list, add, drain and remove nodes of a Swarm; move homes between them",
  pulumi: "run a pulumi command on the stack, in the environment of ./up",
  completion: "print a script that completes ./hub in bash, zsh or fish",
} as const;

export type VerbName = keyof typeof VERBS;

/** What a file in `verbs/` exports. */
interface Verb {
  /** Adds arguments, options and what is done to the verb's command. */
  define(command: Command): void;
}

const load = createRequire(__filename);
const isVerb = (word: string): word is VerbName => Object.hasOwn(VERBS, word);

/** The verb of a command line, and where in it it is. */
export function verbIn(
  argv: readonly string[],
): { readonly name: VerbName; readonly at: number } | undefined {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--stack" || word === "-s") {
      at += 1;
    } else if (!word.startsWith("-")) {
      return isVerb(word) ? { name: word, at } : undefined;
    }
  }
  return undefined;
}

const stack = (): Option =>
  new Option("-s, --stack <name>", "the stack; you are asked if several are possible");
const json = (): Option => new Option("--json", "print the result as JSON; ask no questions");

/** Adds `--stack`. */
export const withStack = (command: Command): Command => command.addOption(stack());

/** Adds `--stack` and `--json`, as whatever lists or reports something has them. */
export const withReport = (command: Command): Command => withStack(command).addOption(json());

/**
 * The whole program.
 *
 * @param wanted verbs that are loaded with all that they take. The others are there by name: to be listed, and to be
 *   proposed to whoever mistypes one
 */
export function hub(wanted: readonly string[]): Command {
  const program = new Command("./hub")
    .description("Manages a JupyterHub that ./up has brought up.")
    .usage("VERB [arguments] [--stack NAME] [--json]")
    .exitOverride()
    .showHelpAfterError("Add --help to see the arguments and options.")
    // They may stand before the verb, too.
    .addOption(stack().hideHelp())
    .addOption(json().hideHelp())
    .addHelpText(
      "after",
      `
The stack is the one given with --stack, else in PULUMI_STACK, else selected with \`pulumi stack select\`, else the only
one that was brought up from this checkout. If that leaves a choice, you are asked, provided there is a terminal.

Exit codes: 0 success, 1 failure or a hole that probe found, 2 wrong usage. ./hub pulumi exits as pulumi does.`,
    )
    .hook("preAction", (_, command) => {
      const has = command.options.some(({ long }) => long === "--json");
      if (command.optsWithGlobals()["json"] === true && !has) {
        command.error("error: unknown option '--json'");
      }
    });
  for (const [name, summary] of Object.entries(VERBS)) {
    const command = program.command(name).description(summary);
    if (wanted.includes(name)) {
      (load(`./verbs/${name}`) as Verb).define(command);
    }
  }
  return program;
}
