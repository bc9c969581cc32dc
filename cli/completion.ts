/** Completion for shells, from what the program takes. Pure. */
import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** What may stand at the cursor. */
export interface Candidate {
  readonly word: string;
  /** One line on it, which zsh and fish show. */
  readonly about: string;
}

/** Candidates, or "files" where the shell is to propose names of files. */
export type Candidates = readonly Candidate[] | "files";

const candidate = (word: string, about = ""): Candidate => ({ word, about });
const isFile = (name: string): boolean => name === "file" || name === "arguments";

/** Options of a command; the two that may stand before the verb are among them there, though its help has them below. */
function optionsOf(command: Command): readonly Option[] {
  const help = command.createHelp().visibleOptions(command);
  return [...new Set([...command.options, ...help])];
}

/** An option by what is typed: one of the command's own, or of those above it, which may stand anywhere. */
function optionNamed(command: Command | null, name: string): Option | undefined {
  return command === null
    ? undefined
    : (optionsOf(command).find(({ short, long }) => name === short || name === long) ??
        optionNamed(command.parent, name));
}

function valuesOf(option: Option, stacks: readonly string[]): Candidates {
  if (option.long === "--stack") {
    return stacks.map((name) => candidate(name, "stack"));
  }
  return (option.argChoices ?? []).map((choice) => candidate(choice));
}

/** What the words before the cursor say. */
interface Line {
  readonly command: Command;
  readonly parent: Command;
  /** How many arguments of it there are already. */
  readonly given: number;
  /** The option whose value stands at the cursor. */
  readonly open: Option | undefined;
  readonly used: ReadonlySet<Option>;
  /** Whether all that follows is an argument. */
  readonly plain: boolean;
}

function readLine(program: Command, words: readonly string[]): Line {
  let command = program;
  let parent = program;
  let given = 0;
  let open: Option | undefined;
  let plain = false;
  const used = new Set<Option>();
  for (const word of words) {
    if (open !== undefined) {
      open = undefined;
    } else if (word === "--") {
      plain = true;
    } else if (word.startsWith("-") && !plain) {
      const [name = "", value] = word.split("=", 2);
      const option = optionNamed(command, name);
      if (option !== undefined) {
        used.add(option);
        open = option.required && value === undefined ? option : undefined;
      }
    } else {
      const below = given === 0 ? subcommands(command).find((one) => one.name() === word) : undefined;
      if (below === undefined) {
        given += 1;
      } else {
        parent = command;
        command = below;
      }
    }
  }
  return { command, parent, given, open, used, plain };
}

/** With `help`, which takes the name of another one. */
const subcommands = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);

const named = (commands: readonly Command[]): Candidate[] =>
  commands.map((one) => candidate(one.name(), one.description()));

/** What the next argument of a command may be; undefined where it takes none. */
function argumentsOf(command: Command, given: number, parent: Command): Candidates | undefined {
  const below = subcommands(command);
  if (below.length > 0) {
    return given === 0 ? named(below) : [];
  }
  if (command.name() === "help") {
    return given === 0 ? named(subcommands(parent).filter((one) => one.name() !== "help")) : undefined;
  }
  const last = command.registeredArguments.at(-1);
  const next = command.registeredArguments[given] ?? (last?.variadic ? last : undefined);
  if (next === undefined) {
    return undefined;
  }
  return isFile(next.name()) ? "files" : (next.argChoices ?? []).map((choice) => candidate(choice));
}

/**
 * What may stand at the cursor.
 *
 * @param program with all that the verbs among the words take
 * @param words those after `./hub` up to the cursor, the last of them begun or empty
 * @param stacks names for `--stack`
 */
export function complete(program: Command, words: readonly string[], stacks: readonly string[]): Candidates {
  const current = words.at(-1) ?? "";
  const { command, parent, given, open, used, plain } = readLine(program, words.slice(0, -1));
  const begun = (found: Candidates): Candidates =>
    found === "files" ? found : found.filter(({ word }) => word.startsWith(current));
  if (open !== undefined) {
    return begun(valuesOf(open, stacks));
  }
  const options = optionsOf(command);
  const [name = "", value] = current.split("=", 2);
  if (current.startsWith("-") && !plain && value !== undefined) {
    const option = optionNamed(command, name);
    const values = option === undefined ? [] : valuesOf(option, stacks);
    return values === "files"
      ? []
      : begun(values.map(({ word, about }) => ({ word: `${name}=${word}`, about })));
  }
  const wanted = argumentsOf(command, given, parent);
  // Options where one is begun, or nothing else can follow.
  if ((current.startsWith("-") || wanted === undefined) && !plain) {
    return begun(
      options
        .filter((option) => !used.has(option))
        .map(({ long, flags, description }) => candidate(long ?? flags, description)),
    );
  }
  return begun(wanted ?? []);
}

/** `--stack=dev` as bash hands it over: it breaks words at `=`, and takes what follows for the word at the cursor. */
export function joined(words: readonly string[]): { readonly words: string[]; readonly kept: string } {
  const whole: string[] = [];
  for (const word of words) {
    const before = whole.at(-1) ?? "";
    if (before.startsWith("--") && (word === "=" || before.endsWith("="))) {
      whole[whole.length - 1] = before + word;
    } else {
      whole.push(word);
    }
  }
  const current = whole.at(-1) ?? "";
  const broken = current !== words.at(-1) || current.endsWith("=");
  return { words: whole, kept: broken ? current.slice(0, current.indexOf("=") + 1) : "" };
}

/** The answer for a shell's script: a line for each candidate. */
export function answer(
  program: Command,
  shell: Shell,
  words: readonly string[],
  stacks: readonly string[],
): string {
  const { words: whole, kept } = shell === "bash" ? joined(words) : { words, kept: "" };
  const found = complete(program, whole, stacks);
  if (found === "files") {
    return "/\n";
  }
  const line = ({ word, about }: Candidate): string =>
    shell === "bash" || about === "" ? word.slice(kept.length) : `${word}\t${about}`;
  return found.map((one) => `${line(one)}\n`).join("");
}

/** A script for a shell to read: it asks the `./hub` of the command line, or else the one that printed it. */
export function completionScript(shell: Shell, program: string): string {
  return scripts[shell](`'${program.replaceAll("'", shell === "fish" ? "\\'" : "'\\''")}'`);
}

const scripts: Readonly<Record<Shell, (program: string) => string>> = {
  bash: (program) => `# Completion of ./hub
_jupyterhub_hub() {
  local IFS=$'\\n' program="\${COMP_WORDS[0]/#\\~\\//$HOME/}"
  case "$program" in
    */*) [ -x "$program" ] || program=${program} ;;
    *) program=${program} ;;
  esac
  COMPREPLY=($("$program" completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ "\${COMPREPLY[0]-}" = / ]; then
    COMPREPLY=()
    compopt -o default 2>/dev/null
  fi
}
complete -F _jupyterhub_hub hub
`,
  zsh: (program) => `# Completion of ./hub
_jupyterhub_hub() {
  local program=\${~words[1]} line
  local -a lines candidates
  [[ $program == */* && -x $program ]] || program=${program}
  lines=("\${(@f)$("$program" completion zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ $lines[1] == / ]]; then
    _files
    return
  fi
  for line in $lines; do
    candidates+=("\${line/$'\\t'/:}")
  done
  _describe 'hub' candidates
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
compdef _jupyterhub_hub hub
`,
  fish: (program) => `# Completion of ./hub
function __jupyterhub_hub
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
  if not string match -q '*/*' -- $program; or not test -x $program
    set program ${program}
  end
  set -l lines ($program completion fish -- $words[2..] $current 2>/dev/null)
  if test "$lines[1]" = /
    # As for a command that fish knows nothing of.
    complete -C "'' $current"
  else
    printf '%s\\n' $lines
  end
end
complete -c hub -f -a '(__jupyterhub_hub)'
`,
};
