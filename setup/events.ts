/** What a run of pulumi met with, from its own log of events: what it prints goes to the terminal as it is. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The errors of a run. */
export interface RunErrors {
  /** Each once, in the order in which they came. Secrets are hidden by pulumi. */
  readonly messages: readonly string[];
  /** Whether a resource could not be made, changed or removed: then containers may have more to say. */
  readonly ofResources: boolean;
}

export const NO_ERRORS: RunErrors = { messages: [], ofResources: false };

interface Event {
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: string;
  };
  readonly resOpFailedEvent?: object;
}

// It says that there were others.
const EMPTY = /^(update|preview|destroy) failed$/;

/** Without colours, and without the provider's count; with the resource, where it is one's. */
function plain(message: string, urn = ""): string {
  const text = message
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .trim()
    .replace(/^1 error occurred:\s*\* /, "")
    // Of this program's own commands nobody has to know the line.
    .replace(/^exit status \d+: running "node tasks\/run\.cjs [^"]*":\n/, "");
  const [type = "", name = ""] = urn.split("::").slice(2);
  return name === "" || type === "pulumi:pulumi:Stack" ? text : `${name}: ${text}`;
}

/** Pure part. A line that is cut off is left out: the run was killed. */
export function errorsIn(log: string): RunErrors {
  const events = log.split("\n").flatMap((line): Event[] => {
    // Most lines are about resources, and long.
    if (!line.includes('"severity":"error"') && !line.includes('"resOpFailedEvent"')) {
      return [];
    }
    try {
      return [JSON.parse(line) as Event];
    } catch {
      return [];
    }
  });
  const messages = events
    .flatMap(({ diagnosticEvent: one }) => (one?.severity === "error" ? [plain(one.message, one.urn)] : []))
    .filter((message) => message !== "" && !EMPTY.test(message));
  return {
    messages: [...new Set(messages)],
    ofResources: events.some(({ resOpFailedEvent }) => resOpFailedEvent !== undefined),
  };
}

/** Options and variables with which pulumi logs its events, and what is in the log afterwards. */
export interface EventLog {
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Reads and removes it. */
  close(): RunErrors;
}

/** @param passed the person's options: their own log stays theirs */
export function openEventLog(passed: readonly string[]): EventLog {
  if (passed.some((option) => /^--event-log(=|$)/.test(option))) {
    return { options: [], env: {}, close: () => NO_ERRORS };
  }
  // For this user only, as the state is.
  const folder = mkdtempSync(join(tmpdir(), "jupyterhub-up-"));
  const file = join(folder, "events");
  return {
    options: ["--event-log", file],
    // Pulumi's Automation API does the same: it is no option without it.
    env: { PULUMI_DEBUG_COMMANDS: "true" },
    close: () => {
      try {
        return errorsIn(readFileSync(file, "utf8"));
      } catch {
        // It ended before it logged anything.
        return NO_ERRORS;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const TITLES = {
  up: "The update failed:",
  preview: "The preview failed:",
  destroy: "The removal failed:",
} as const;

/** In the error of a service whose new tasks failed, whichever plugin waited for it. */
const ROLLED_BACK = /rollback[_ ]completed/;

/** In the engine's error for a port that somebody else listens on. */
const PORT_TAKEN = /address already in use|port is already allocated/;

/** The end of a run that failed: what is wrong stands last, where it is seen. Empty where pulumi has said all there is. */
export function renderErrors(operation: keyof typeof TITLES, { messages }: RunErrors): string[] {
  const lines = messages.flatMap((message) => message.split("\n").map((line) => `  ${line}`.trimEnd()));
  if (messages.some((message) => ROLLED_BACK.test(message))) {
    lines.push(
      "  Swarm has rolled the service back: the one from before this update runs again. Correct the configuration, then " +
        "run ./up again.",
    );
  }
  if (messages.some((message) => PORT_TAKEN.test(message))) {
    lines.push(
      "  Another program took the port while ./up ran. Stop that program, then run ./up again: it goes on from here. If the " +
        "port is still taken, it says how to choose another one.",
    );
  }
  return lines.length === 0 ? [] : ["", TITLES[operation], ...lines];
}
