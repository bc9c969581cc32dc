/**
 * What `./up` and the tools have to know of a stack before Pulumi runs. Refused is what the program would refuse, in the
 * program's words; zod is loaded only where something is wrong, as `./up` starts without it.
 */
import { DOCKER_HOST, POSTGRES_IMAGE, PREFIX } from "../constants";
import { formatKey, setCommand } from "../errors";
import { isMap } from "../values/decode";
import { Encrypted, type StackFile } from ".";
import type * as StackValues from "./values";
import { StackFileError } from "./yaml";

/** The engine, as the program would be given it. */
export interface DockerSettings {
  readonly host?: string | undefined;
  readonly tls?: { readonly ca: string; readonly certificate: string; readonly key: string } | undefined;
}

/** @throws StackFileError as the program would fail, or where the address is encrypted */
export function dockerOf(file: StackFile): DockerSettings {
  const { docker } = file.values;
  if (docker === undefined) {
    return {};
  }
  refuseEncrypted(docker, ["docker"], file);
  if (!isMap(docker)) {
    throw refusal(file, "docker");
  }
  const { host, tls, ...others } = docker;
  const isHost = host === undefined || (typeof host === "string" && DOCKER_HOST.test(host));
  if (!isHost || Object.keys(others).length > 0) {
    throw refusal(file, "docker");
  }
  if (tls === undefined) {
    return { host };
  }
  const { ca, certificate, key, ...more } = isMap(tls) ? tls : {};
  const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
  if (!isText(ca) || !isText(certificate) || !isText(key) || Object.keys(more).length > 0) {
    throw refusal(file, "docker");
  }
  return { host, tls: { ca, certificate, key } };
}

/** The prefix of the names of all that the stack makes. @throws StackFileError as the program would fail */
export function prefixOf(file: StackFile): string {
  const { name } = file.values;
  refuseEncrypted(name, ["name"], file);
  if (name === undefined) {
    return `${file.project}-${file.stack}`;
  }
  if (typeof name !== "string" || !PREFIX.test(name)) {
    throw refusal(file, "name");
  }
  return name;
}

/** PostgreSQL's official image, where the stack runs that. */
export function databaseImage({ values: { database } }: StackFile): typeof POSTGRES_IMAGE | undefined {
  if (!isMap(database) || database["kind"] !== "postgres") {
    return undefined;
  }
  return (database["image"] ?? POSTGRES_IMAGE) === POSTGRES_IMAGE ? POSTGRES_IMAGE : undefined;
}

function refuseEncrypted(value: unknown, path: readonly string[], file: StackFile): void {
  if (value instanceof Encrypted) {
    throw new StackFileError(
      `${formatKey(file.project, path)}: expected a value in clear text, got an encrypted one: it is read before Pulumi runs, and is not a secret.`,
      `Set it with: ${setCommand(file, path, undefined)}`,
    );
  }
  if (isMap(value)) {
    for (const [name, below] of Object.entries(value)) {
      refuseEncrypted(below, [...path, name], file);
    }
  }
}

/** What the program would say of a key's value. */
function refusal(file: StackFile, name: "docker" | "name"): StackFileError {
  // Here only: it takes longer to load than all else that ./up does before it asks an engine.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { problemsOf } = require("./values") as typeof StackValues;
  return new StackFileError(problemsOf(file, [name]));
}
