/**
 * All that each stack registers: types, names, parents, inputs and options, as people's states hold them. A change here
 * is a change of what is on people's hosts: an update or a replacement, or a resource that is made or removed.
 */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

import { splitPem } from "../../../components/tls/openssl";
import { compareWithFixture } from "../../fixtures";
import { type Registration, urnName, value } from "../components/harness";
import { authority, type StackRunner, stackRunner } from "./stack-run";
import { files, least, logins, rich } from "./written";

const FOLDER = "stacks";

const USUAL: Registration["options"] = {
  protect: false,
  retainOnDelete: false,
  deleteBeforeReplace: false,
  replaceOnChanges: [],
  ignoreChanges: [],
  additionalSecretOutputs: [],
  provider: "",
  dependencies: [],
  importId: "",
};

/** Values as people read them, without what is of one run of the tests: keys, certificates, the engine's socket. */
class Reader {
  readonly #ofThisRun: readonly (readonly [string, string])[];

  constructor(socket: string) {
    const { key, certificate } = splitPem(authority);
    this.#ofThisRun = [
      [authority, "<authority>"],
      [key, "<key>"],
      [certificate, "<certificate>"],
      [socket, "/run/docker.sock"],
    ];
  }

  /** Keys in the order that they have: where the value is the text of a file, it is part of it. */
  read(item: unknown): unknown {
    if (Array.isArray(item)) {
      return item.map((one) => this.read(one));
    }
    if (typeof item === "string") {
      return this.#readText(item);
    }
    if (typeof item !== "object" || item === null) {
      return item;
    }
    return Object.fromEntries(Object.entries(item).map(([name, one]) => [name, this.read(one)]));
  }

  /** JSON as what it says, and texts of several lines as lists. */
  #readText(item: string): unknown {
    const text = this.#ofThisRun.reduce((rest, [one, word]) => rest.replaceAll(one, word), item);
    const parsed = text.startsWith("{") ? asJson(text) : undefined;
    if (parsed !== undefined) {
      return { json: this.read(parsed) };
    }
    return text.includes("\n") ? { lines: text.split("\n") } : text;
  }

  /** What a secret or configuration of a Swarm holds. */
  readBase64(item: unknown): unknown {
    if (typeof item === "string") {
      return this.#readText(Buffer.from(item, "base64").toString());
    }
    const { secret } = item as { secret: string };
    return { secret: this.readBase64(secret) };
  }
}

/** The value that a text stands for, where the text is what `JSON.stringify` makes of it. */
function asJson(text: string): unknown {
  try {
    const found: unknown = JSON.parse(text);
    return JSON.stringify(found) === text ? found : undefined;
  } catch {
    return undefined;
  }
}

/** One resource: options only where they are not the usual ones, others by their names. */
function shown({ type, name, inputs, parent, options }: Registration, reader: Reader): unknown {
  const special = Object.entries(options).filter(
    ([option, set]) => JSON.stringify(set) !== JSON.stringify(USUAL[option as keyof typeof USUAL]),
  );
  const named = special.map(([option, set]) => [
    option,
    option === "dependencies"
      ? (set as string[]).map(urnName).sort()
      : option === "provider"
        ? urnName(String(set).replace(/::[^:]*$/, ""))
        : set,
  ]);
  return {
    type,
    name,
    parent: urnName(parent),
    inputs: Object.fromEntries(
      Object.entries(inputs)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([input, given]) => [
          input,
          input === "data" ? { base64: reader.readBase64(given) } : reader.read(given),
        ]),
    ) as unknown,
    options: Object.fromEntries(named) as unknown,
  };
}

/** An output with the word of whether it is secret. What is left of days is another number each day. */
async function shownOutput(name: string, given: unknown, reader: Reader): Promise<unknown> {
  const output = pulumi.output(given);
  const found = await value(output);
  const plain =
    name === "certificateExpiry" || name === "certificateDaysLeft" ? typeof found : reader.read(found);
  return (await pulumi.isSecret(output)) ? { secret: plain } : plain;
}

describe("what is registered", () => {
  let runner: StackRunner;
  before(async () => {
    runner = await stackRunner();
  });
  after(() => runner.close());

  const cases = {
    "single-host": { ...least["single-host"], auth: logins["shared-password"] },
    "single-host-rich": rich["single-host"],
    lockdown: { ...least.lockdown, auth: logins.github },
    "lockdown-rich": rich.lockdown,
    swarm: { ...least.swarm, auth: logins.native },
    "swarm-rich": rich.swarm,
  };
  for (const [name, written] of Object.entries(cases)) {
    it(`is as it was: ${name}`, async () => {
      // Else the addresses of this machine.
      const { registrations, result } = await runner.make(
        { dns: { addresses: ["192.0.2.7"] }, ...written },
        files,
      );
      const reader = new Reader(runner.socket);
      const resources = registrations
        .map((one) => shown(one, reader) as { type: string; name: string })
        .sort((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
      const outputs: Record<string, unknown> = {};
      for (const [output, given] of Object.entries(result).sort()) {
        outputs[output] = await shownOutput(output, given, reader);
      }
      compareWithFixture(join(FOLDER, `${name}.json`), { resources, outputs });
    });
  }
});
