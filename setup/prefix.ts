import type { Machine } from "./machine";
import { fileBackend, readProject, readState, type Stack } from "./stack";

/** The first part of the names of all that a stack makes: what its state says, else its configuration. */
export function stackPrefix(machine: Machine, stack: Stack): string {
  const project = readProject(machine);
  const backend = fileBackend(machine, project);
  const name = backend && readState(backend, project, stack.name)?.outputs.name;
  const configured = /^\s*jupyterhub:name:\s*["']?([a-z0-9-]+)/m.exec(stack.text)?.[1];
  return typeof name === "string" ? name : (configured ?? `jupyterhub-${stack.name}`);
}
