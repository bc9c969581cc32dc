import { parse } from "yaml";
import type { Machine } from "./machine";
import { fileBackend, readProject, readState, type Stack } from "./stack";

/** The first part of the names of all that a stack makes: what its state says, else its configuration. */
export function stackPrefix(machine: Machine, stack: Stack): string {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  const output = backend && readState(backend, project, stack.name)?.outputs.name;
  return typeof output === "string"
    ? output
    : (configuredName(stack.text) ?? `${project.name}-${stack.name}`);
}

/** `jupyterhub:name`, for a state that is kept elsewhere. */
export function configuredName(stackFile: string): string | undefined {
  const content = parse(stackFile) as { config?: Record<string, unknown> } | undefined;
  const name = content?.config?.["jupyterhub:name"];
  return typeof name === "string" && name !== "" ? name : undefined;
}
