import { program } from "../config/commands";
import { nearest } from "../config/errors";
import type { Override } from "../config/stack-file";
import { SetupError } from "./errors";

export type Operation = "up" | "preview" | "destroy";
export const PARTS = ["engine", "images", "cli", "plugins"] as const;
export type Part = (typeof PARTS)[number];

/** What a command line of `./up` asks for. */
export interface Arguments {
  readonly action: Operation | "env" | "help" | "prepare";
  readonly stack: string;
  /** What is prepared when `action` is `prepare`. */
  readonly only: readonly Part[];
  /** Ask the network again for what could not be had before. */
  readonly retryOnline: boolean;
  /** Go on with a stack that is on the Docker host and not in the state. */
  readonly takeOver: boolean;
  /** Options for pulumi, in their order. */
  readonly passed: readonly string[];
}

export const USAGE = `Usage: ./up [STACK] [--preview | --destroy | --env | --help] [options of pulumi up]

Brings up the JupyterHub that Pulumi.STACK.yaml describes, after installing what this machine lacks:
Docker Engine, Pulumi CLI, Pulumi plugins, base images. STACK is "dev" by default.

  ./up                  pulumi up on the stack "dev"
  ./up prod             the same on the stack "prod" (Pulumi.prod.yaml)
  ./up --preview        show what would change; changes nothing
  ./up --destroy        remove what the stack created; volumes with people's data stay
  ./up --env            print shell lines for plain pulumi commands: eval "$(./up --env)"
  ./up --only LIST      prepare the machine only, LIST of ${PARTS.join(",")}; no stack is touched
  ./up --take-over      manage a stack that is on the Docker host and that this checkout's state does not know
  ./up --retry-online   try again to download what could not be downloaded before

All other options are passed on to pulumi, for example ./up prod --diff or ./up --refresh.
`;

// Options of pulumi up, preview and destroy that take the next argument as their value.
const takesValue = new Set(
  (
    "--attach-debugger --client --color --config --config-file --copilot-summary --cwd --event-log --exclude " +
    "--exec-agent --exec-kind --import-file --message --override-env --parallel --plan --policy-pack " +
    "--policy-pack-config --profiling --replace --save-plan --secrets-provider --stack --target " +
    "--target-replace --tracing --tracing-header --verbose --memprofilerate --otel-traces -C -c -m -p -s -t -v -x"
  ).split(" "),
);

// Those that take none, and those of ./up. Newer versions of pulumi may have others.
const TAKES_NONE = (
  "--clear-pending-creates --config-path --continue-on-error --debug --destroy --diff --disable-integrity-checking --emoji " +
  "--env --exclude-dependents --exclude-protected --expect-no-changes --fully-qualify-stack-names --help --ignore-protect " +
  "--import-pending-creates --json --logflow --logtostderr --neo --non-interactive --only --preview --preview-only " +
  "--refresh --remove --retry-online --run-program --show-config --show-full-output --show-policy-remediations " +
  "--show-reads --show-replacement-steps --show-sames --show-secrets --skip-config-validation --skip-pending-creates " +
  "--skip-plugin-pre-install --skip-preview --strict --suppress-outputs --suppress-permalink --suppress-progress " +
  "--target-dependents --urns --yes"
).split(" ");

/** Typing errors are told before anything is run; what is like nothing that is known, pulumi may know. */
const TYPING_ERRORS = 2;

/** @throws SetupError for what is nearly an option */
function refuseMistyped(argument: string): void {
  const [name = ""] = argument.split("=", 1);
  const known = [...takesValue, ...TAKES_NONE].filter((option) => option.startsWith("--"));
  if (!name.startsWith("--") || known.includes(name)) {
    return;
  }
  const meant = nearest(name, known, TYPING_ERRORS);
  if (meant !== undefined) {
    throw new SetupError(
      `${name}: expected ${meant} (the nearest known option), got an unknown option.`,
      `${program("up")} --help`,
    );
  }
}

/** @throws SetupError for what cannot be meant. */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Arguments {
  const actions = new Set<Arguments["action"]>();
  const stacks: string[] = [];
  const passed: string[] = [];
  let only: Part[] = [];
  let retryOnline = false;
  let takeOver = false;
  const rest = [...argv];
  const valueOf = (option: string): string => {
    const value = rest.shift();
    if (value === undefined) {
      throw new SetupError(`${option}: expected a value after it, got none.`, `${program("up")} --help`);
    }
    return value;
  };
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === "--preview" || argument === "--destroy" || argument === "--env") {
      actions.add(argument.slice(2) as Arguments["action"]);
    } else if (argument === "--help" || argument === "-h") {
      return { action: "help", stack: "dev", only: [], retryOnline: false, takeOver: false, passed: [] };
    } else if (argument === "--retry-online") {
      retryOnline = true;
    } else if (argument === "--take-over") {
      takeOver = true;
    } else if (argument === "--only" || argument.startsWith("--only=")) {
      actions.add("prepare");
      only = parseParts(argument === "--only" ? valueOf(argument) : argument.slice("--only=".length));
    } else if (argument === "--stack" || argument === "-s") {
      stacks.push(valueOf(argument));
    } else if (argument.startsWith("--stack=")) {
      stacks.push(argument.slice("--stack=".length));
    } else if (!argument.startsWith("-")) {
      stacks.push(argument);
    } else {
      refuseMistyped(argument);
      passed.push(argument);
      if (takesValue.has(argument)) {
        passed.push(valueOf(argument));
      }
    }
  }
  if (actions.size > 1) {
    throw new SetupError(`Expected one of --preview, --destroy, --env, --only; got ${actions.size}.`);
  }
  if (new Set(stacks).size > 1) {
    throw new SetupError(
      `Expected the name of one stack, got ${stacks.join(" and ")}.`,
      `${program("up")} --help`,
    );
  }
  const stack = stacks[0] ?? (env.PULUMI_STACK || "dev");
  // Names reach file paths.
  if (!/^[A-Za-z0-9._-]+$/.test(stack)) {
    throw new SetupError(
      `Stack name: expected letters, digits, ".", "_" and "-", got ${JSON.stringify(stack)}.`,
    );
  }
  return { action: [...actions][0] ?? "up", stack, only, retryOnline, takeOver, passed };
}

function parseParts(list: string): Part[] {
  return list.split(",").map((name) => {
    const part = PARTS.find((known) => known === name);
    if (!part) {
      throw new SetupError(`--only: expected a list of ${PARTS.join(",")}; got ${JSON.stringify(name)}.`);
    }
    return part;
  });
}

/** The options that a run of pulumi gets, besides those of the person. */
export function pulumiArguments(
  operation: Operation,
  stack: string,
  configFile: string | undefined,
  passed: readonly string[],
  interactive: boolean,
): string[] {
  const has = (...options: readonly string[]): boolean =>
    passed.some((given) => options.some((option) => given === option || given.startsWith(`${option}=`)));
  const args: string[] = [operation, "--stack", stack];
  if (configFile !== undefined && !has("--config-file")) {
    args.push("--config-file", configFile);
  }
  if (operation === "up" && !has("--yes", "-y")) {
    args.push("--yes");
  }
  if (operation === "up" && !has("--skip-preview", "-f", "--plan", "--strict")) {
    args.push("--skip-preview");
  }
  if (operation === "up" && !has("--suppress-outputs")) {
    // The report has what a person needs of them, and comes when all was looked at.
    args.push("--suppress-outputs");
  }
  if (operation === "destroy") {
    // At a terminal pulumi shows what goes and asks; elsewhere nobody could answer.
    if (!interactive && !has("--yes", "-y", "--preview-only")) {
      args.push("--yes", "--skip-preview");
    }
    if (!has("--exclude-protected", "--ignore-protect", "--target", "-t", "--exclude", "-x")) {
      args.push("--exclude-protected");
    }
  }
  if (!interactive && !has("--suppress-progress")) {
    // Dots that say nothing but that time passes.
    args.push("--suppress-progress");
  }
  return [...args, ...passed];
}

/** What options for Pulumi say of the stack's configuration. */
export interface ConfigOptions {
  readonly overrides: readonly Override[];
  /** In the place of the stack's own file. */
  readonly file: string | undefined;
}

/** `-c key=value`, `--config-path`, `--config-file`: ./up looks at what Pulumi will be given. */
export function configOptions(passed: readonly string[]): ConfigOptions {
  const valuesOf = (...names: readonly string[]): string[] =>
    passed.flatMap((option, index) => {
      const name = names.find((one) => option === one || option.startsWith(`${one}=`));
      if (name === undefined) {
        return [];
      }
      return [option === name ? (passed[index + 1] ?? "") : option.slice(name.length + 1)];
    });
  const isPath = passed.some((option) => /^--config-path(=true)?$/.test(option));
  return {
    overrides: valuesOf("-c", "--config").map((pair) => {
      const end = pair.indexOf("=");
      return end < 0
        ? { key: pair, value: "", isPath }
        : { key: pair.slice(0, end), value: pair.slice(end + 1), isPath };
    }),
    file: valuesOf("--config-file").at(-1),
  };
}

/** The stack that a plain pulumi command names. */
export function namedStack(argv: readonly string[]): string | undefined {
  for (const [i, argument] of argv.entries()) {
    const value =
      argument === "--stack" || argument === "-s" ? argv[i + 1] : /^--stack=(.+)$/.exec(argument)?.[1];
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

// Commands that read the stack's configuration from a file of choice. The others work on the tracked file.
const takesConfigFile = new Set([
  "up",
  "update",
  "preview",
  "pre",
  "destroy",
  "refresh",
  "import",
  "watch",
  "logs",
]);

/** Whether a plain pulumi command reads the stack's configuration and names no file for it. */
export function wantsConfigFile(argv: readonly string[]): boolean {
  const command = argv.find((argument) => !argument.startsWith("-")) ?? "";
  const refused = argv.some((argument) => /^(--config-file(=.*)?|--help|-h)$/.test(argument));
  return takesConfigFile.has(command) && !refused;
}
