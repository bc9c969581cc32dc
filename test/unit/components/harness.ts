import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";

/** What a component registered with the engine. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** Inputs as the engine gets them; a secret is `{ secret: value }`. */
  readonly inputs: Record<string, unknown>;
  readonly custom: boolean;
  /** URN of the parent. */
  readonly parent: string;
  readonly options: {
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deleteBeforeReplace: boolean;
    readonly replaceOnChanges: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly provider: string;
    readonly dependencies: readonly string[];
    /** Empty unless it is imported. */
    readonly importId: string;
  };
}

/** What each kind of resource answers: its id and what it adds to its inputs. Anything else is refused. */
const answers: Record<string, (name: string, inputs: Record<string, unknown>) => Record<string, unknown>> = {
  "pulumi:providers:docker": () => ({}),
  "docker:index/network:Network": (_name, inputs) => ({ name: inputs["name"] }),
  "docker:index/volume:Volume": (_name, inputs) => ({ name: inputs["name"] }),
  "docker:index/container:Container": () => ({}),
  "docker:index/image:Image": (name) => ({ repoDigest: `sha256:built-${name}` }),
  "docker:index/remoteImage:RemoteImage": (name) => ({ imageId: `sha256:pulled-${name}` }),
  "docker:index/secret:Secret": (name, inputs) => ({ name: inputs["name"] ?? `${name}-1234567` }),
  "docker:index/serviceConfig:ServiceConfig": (name, inputs) => ({
    name: inputs["name"] ?? `${name}-1234567`,
  }),
  "docker:index/service:Service": (_name, inputs) => ({ name: inputs["name"] }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `password-of-${name}` }),
  "random:index/randomBytes:RandomBytes": (name) => ({ hex: `hex-of-${name}` }),
  "command:local:Command": (name) => ({
    stdout: name.endsWith("-commit")
      ? "0123456789abcdef0123456789abcdef01234567\n"
      : name === "firewall-host-network"
        ? "hostnetwork00000000000000\n"
        : `-----BEGIN PRIVATE KEY-----\nkey-of-${name}\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\ncertificate-of-${name}\n-----END CERTIFICATE-----\n`,
  }),
};

/** Outputs that the real plugins mark as secret. */
const secretOutputs: Record<string, readonly string[]> = {
  "random:index/randomPassword:RandomPassword": ["result"],
  "random:index/randomBytes:RandomBytes": ["hex"],
};

interface WireOptions {
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getReplaceonchangesList(): string[];
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getProvider(): string;
  getDependenciesList(): string[];
  getImportid(): string;
  getParent(): string;
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Turns the wire's secrets into `{ secret: value }`. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(readable);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) {
    return { secret: readable(object["value"]) };
  }
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, readable(item)]));
}

/** What a run of a program registered, and what it returned. */
export interface Run<T> {
  readonly result: T;
  readonly registrations: readonly Registration[];
  /** The one registration of a name; fails when there is none. */
  readonly find: (name: string) => Registration;
  /** Inputs of the one registration of a name. */
  readonly inputs: (name: string) => Record<string, unknown>;
  /** Registrations of a type. */
  readonly ofType: (type: string) => readonly Registration[];
}

export interface RunOptions {
  /** @default false */
  readonly preview?: boolean;
  /** Outputs of resources, by name, in the place of the usual ones. */
  readonly outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Runs a program against mocks that record each registration as it goes over the wire, and waits for all of it.
 * A resource without an answer fails the run.
 */
export async function run<T>(
  program: () => T,
  { preview = false, outputs: given = {} }: RunOptions = {},
): Promise<Run<T>> {
  const registrations: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        throw new Error(`a call to ${token} is not expected`);
      },
      newResource: ({ type, name, inputs, custom }) => {
        if (custom === false) {
          return { id: undefined, state: {} };
        }
        const answer = answers[type];
        if (answer === undefined) {
          throw new Error(`no answer for ${type} (${name})`);
        }
        const plain = inputs as Record<string, unknown>;
        const outputs = { ...plain, ...(preview ? {} : { ...answer(name, plain), ...given[name] }) };
        for (const key of secretOutputs[type] ?? []) {
          if (key in outputs) {
            outputs[key] = { [SIGNATURE]: SECRET, value: outputs[key] };
          }
        }
        return { id: preview ? undefined : `${name}-id`, state: outputs };
      },
    },
    "jupyterhub",
    "test",
    preview,
  );

  // The mocks hand over inputs with secrets removed; the request as it goes over the wire still has them.
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: WireOptions, callback: unknown): unknown;
  };
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    registrations.push({
      type: request.getType(),
      name: request.getName(),
      inputs: readable(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      custom: request.getCustom(),
      parent: request.getParent(),
      options: {
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
        deleteBeforeReplace: request.getDeletebeforereplace(),
        replaceOnChanges: request.getReplaceonchangesList(),
        ignoreChanges: request.getIgnorechangesList(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        provider: request.getProvider(),
        dependencies: request.getDependenciesList(),
        importId: request.getImportid(),
      },
    });
    return registerResource(request, callback);
  };

  let result: T | undefined;
  await pulumi.runtime.runInPulumiStack(() => {
    result = program();
    return Promise.resolve({});
  });
  await pulumi.runtime.disconnect();

  assert.ok(registrations.length > 0, "the program registered nothing");
  const find = (name: string): Registration => {
    const found = registrations.filter((one) => one.name === name);
    assert.equal(
      found.length,
      1,
      `expected one resource ${name} among ${registrations.map((r) => r.name).join(", ")}`,
    );
    return found[0] as Registration;
  };
  return {
    result: result as T,
    registrations,
    find,
    inputs: (name) => find(name).inputs,
    ofType: (type) => registrations.filter((one) => one.type === type),
  };
}

/** The last part of a URN: the resource's name. */
export function urnName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** The value of an output. */
export function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Whether an output has a value yet; at preview some have none. */
export function isKnown(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isKnown: Promise<boolean> }).isKnown;
}
