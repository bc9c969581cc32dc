/** The command provider: commands on the machine that runs Pulumi. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import {
  type CheckFailure,
  hasUnknown,
  type Log,
  type Props,
  type ProviderDefinition,
  type ResourceDefinition,
  UNKNOWN,
} from "../lib/serve";
import { diffInputs } from "./diff";
import { type CommandOutputs, runCommand } from "./run";

/** The version of the plugin that this one stands in for. */
export const VERSION = "1.2.1";

const isString = (value: unknown): boolean => typeof value === "string";
const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => known(item, isString));
const isStringMap = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((item) => known(item, isString));

/** What may be checked later, when it is known, passes for now. */
function known(value: unknown, test: (value: unknown) => boolean): boolean {
  return value === UNKNOWN || value === undefined || value === null || test(value);
}

const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"];

interface Input {
  expected: string;
  test: (value: unknown) => boolean;
}
const text: Input = { expected: "a string", test: isString };
const strings: Input = { expected: "a list of strings", test: isStrings };
const flag: Input = { expected: "true or false", test: (value) => typeof value === "boolean" };

const commandInputs: Readonly<Record<string, Input>> = {
  create: text,
  update: text,
  delete: text,
  triggers: { expected: "a list", test: (value) => Array.isArray(value) },
  stdin: text,
  logging: { expected: `one of ${LOGGING.join(", ")}`, test: (value) => LOGGING.includes(value as string) },
  interpreter: strings,
  dir: text,
  environment: { expected: "a map of strings", test: isStringMap },
  addPreviousOutputInEnv: flag,
};

function checkInputs(inputs: Props): CheckFailure[] {
  return Object.entries(inputs).flatMap(([property, value]) => {
    if (value === undefined || value === null) {
      return [];
    }
    const input = Object.hasOwn(commandInputs, property) ? commandInputs[property] : undefined;
    if (input === undefined) {
      const names = Object.keys(commandInputs).join(", ");
      return [{ property, reason: `the stand-in for the command plugin does not have it; it has ${names}` }];
    }
    return known(value, input.test)
      ? []
      : [{ property, reason: `expected ${input.expected}, got ${typeName(value)}` }];
  });
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const OUTPUT_NAMES = ["stdout", "stderr"] as const;

function outputsOf(state: Props): Partial<CommandOutputs> {
  return Object.fromEntries(OUTPUT_NAMES.flatMap((name) => (name in state ? [[name, state[name]]] : [])));
}

/** Cancelled with the update, or when the resource's custom timeout is over. */
function withTimeout(signal: AbortSignal, timeoutMs: number | undefined): AbortSignal {
  return timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}

interface Operation {
  log: Log;
  signal: AbortSignal;
  timeoutMs?: number;
}

async function run(
  command: unknown,
  inputs: Props,
  { log, signal, timeoutMs }: Operation,
  previous: Partial<CommandOutputs>,
): Promise<CommandOutputs | undefined> {
  if (typeof command !== "string") {
    return undefined;
  }
  return runCommand(command, inputs, {
    previous,
    showLine: (line) => {
      log.status(line);
    },
    signal: withTimeout(signal, timeoutMs),
  });
}

const localCommand: ResourceDefinition = {
  check: ({ news }) => Promise.resolve({ inputs: news, failures: checkInputs(news) }),

  diff({ olds, oldInputs, news, ignoreChanges }) {
    const kept = Object.fromEntries(
      ignoreChanges.filter((name) => name in olds).map((name) => [name, olds[name]]),
    );
    return Promise.resolve(diffInputs(oldInputs, { ...news, ...kept }, new Set(["triggers"])));
  },

  async create({ urn, inputs, preview, ...operation }) {
    const name = urn.split("::").at(-1) ?? "";
    const id = `${name}${randomBytes(4).toString("hex")}`;
    if (preview) {
      return { id, outputs: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
    }
    const outputs = await run(inputs.create, inputs, operation, {});
    return { id, outputs: { ...inputs, stdout: "", stderr: "", ...outputs } };
  },

  read: ({ id, inputs = {}, state = {} }) => Promise.resolve({ id, inputs, state }),

  async update({ olds, news, preview, ...operation }) {
    const previous = outputsOf(olds);
    if (preview) {
      const changed = Object.keys(commandInputs).some(
        (name) => hasUnknown(news[name]) || !isDeepStrictEqual(news[name], olds[name]),
      );
      const outputs = changed
        ? Object.fromEntries(Object.keys(previous).map((name) => [name, UNKNOWN]))
        : previous;
      return { outputs: { ...news, ...outputs } };
    }
    const outputs = await run(news.update ?? news.create, news, operation, previous);
    return { outputs: { ...news, ...previous, ...outputs } };
  },

  async delete({ state, ...operation }) {
    await run(state.delete, state, operation, outputsOf(state));
  },
};

/** The library that the real plugin is written with; it keeps its version in the provider's inputs. */
const GO_PROVIDER_VERSION = "v1.5.0";

export function commandProvider(): ProviderDefinition {
  return {
    name: "command",
    version: VERSION,
    handshake: true,
    acceptSecrets: true,
    acceptResources: true,
    acceptOutputs: true,
    supportsPreview: true,
    checkConfig: (news) =>
      Promise.resolve({ inputs: { ...news, "__pulumi-go-provider-version": GO_PROVIDER_VERSION } }),
    configure: () => Promise.resolve(),
    resources: { "command:local:Command": localCommand },
  };
}
