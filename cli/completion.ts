/** Completion for shells, from what the program takes. Pure. */
import type { Command } from "commander";

export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command and what may stand behind it. */
interface Words {
  /** `home save`; empty for `./hub` itself. */
  readonly path: string;
  readonly words: readonly string[];
}

const visible = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);

function wordsOf(command: Command, path: readonly string[] = []): Words[] {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long ?? []);
  const below = visible(command);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [
    { path: path.join(" "), words: [...below.map((one) => one.name()), ...choices, ...options] },
    ...below.filter((one) => one.name() !== "help").flatMap((one) => wordsOf(one, [...path, one.name()])),
  ];
}

/** A script for `eval`: verbs, options, names of stacks, else names of files. */
export function completionScript(program: Command, shell: Shell): string {
  const all = wordsOf(program);
  const cases = all.map(({ path, words }) => `    '${path}') words='${words.join(" ")}' ;;`);
  // A path leads on only where a command of that name is there.
  const paths = all.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of ./hub: eval "$(./hub completion ${shell})"
${shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : ""}_jupyterhub_hub() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word next file at
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in
      -s | --stack) at=$((at + 1)) ; continue ;;
      -*) continue ;;
    esac
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.map((path) => `'${path}'`).join(" | ")}) path="$next" ;;
    esac
  done
  case "$previous" in
    -s | --stack)
      for file in "$(dirname -- "\${COMP_WORDS[0]}")"/Pulumi.*.yaml; do
        file="\${file##*/Pulumi.}"
        words="$words \${file%.yaml}"
      done
      COMPREPLY=($(compgen -W "$words" -- "$current"))
      return
      ;;
  esac
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _jupyterhub_hub hub
`;
}
