/** A `name` that is not the one of what the stack has made: said before anything else is looked at. */
import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

import { fromShell, program } from "../config/commands";
import { keyName, setKeyCommand } from "../config/keys";
import { STACK_LABEL } from "../docker-api/naming";
import { isFields } from "./drift/fields";
import { KINDS_ON_ENGINE } from "./drift/kinds";
import type { Made } from "./drift/made";

/** The stack's label among those that the Docker provider notes: a list of `{ label, value }`. */
function prefixOf({ type, outputs }: Made): string | undefined {
  const list: unknown = KINDS_ON_ENGINE.has(type) ? outputs["labels"] : undefined;
  const label = (Array.isArray(list) ? (list as readonly unknown[]) : [])
    .filter(isFields)
    .find((one) => one["label"] === STACK_LABEL);
  const value = label?.["value"];
  return typeof value === "string" ? value : undefined;
}

/** The name of all that the stack has, unless anything has the configured one or there is nothing. */
export function nameBefore(configured: string, made: readonly Made[]): string | undefined {
  const names = new Set(made.flatMap((one) => prefixOf(one) ?? []));
  return names.has(configured) ? undefined : [...names][0];
}

/** What it means, with a command for each way. @param free whether a stack's name is nobody's yet */
export function changedNameProblem(
  stack: string,
  before: string,
  configured: string,
  free: (name: string) => boolean,
): string {
  const candidates = [configured, ...[2, 3, 4, 5, 6, 7, 8, 9].map((count) => `${configured}-${count}`)];
  const other = candidates.find(free) ?? "NEWNAME";
  const file = (name: string) => fromShell(`Pulumi.${name}.yaml`);
  const keep = setKeyCommand(stack, "name", before);
  return (
    `${keyName("name")}: expected ${JSON.stringify(before)}, the name of what stack "${stack}" has on the Docker host, got ` +
    `${JSON.stringify(configured)}. Homes and the hub's database are in volumes of that name: with another name everybody ` +
    "would start with an empty home. Nothing was changed. Do one of these:\n" +
    "- Keep the deployment and its name:\n" +
    `    ${keep}\n` +
    "- Bring up a second deployment, with empty homes and ports of its own:\n" +
    `    cp ${file(stack)} ${file(other)} && ${keep} && ${program("up")} ${other}\n` +
    "- Remove this one first; its volumes with data stay, under the old name:\n" +
    `    ${program("up")} ${stack} --destroy`
  );
}

/** @throws pulumi.RunError where the stack has a deployment of another name */
export function refuseChangedName(configured: string, made: readonly Made[]): void {
  const before = nameBefore(configured, made);
  if (before !== undefined) {
    const isFree = (name: string) => !existsSync(`Pulumi.${name}.yaml`);
    throw new pulumi.RunError(changedNameProblem(pulumi.getStack(), before, configured, isFree));
  }
}
