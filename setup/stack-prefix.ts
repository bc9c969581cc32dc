import { prefixOf } from "../config/stack-file/settings";
import type { Machine } from "./machine";
import { fileBackend, readProject, readState, type Stack } from "./stack";

/** The prefix of the names of all that a stack makes: what its state says, else its configuration. */
export function stackPrefix(machine: Machine, stack: Stack): string {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  const output = backend && readState(backend, project, stack.name)?.outputs.name;
  return typeof output === "string" ? output : prefixOf(stack.content);
}
