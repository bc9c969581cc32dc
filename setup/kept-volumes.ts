import { STACK_LABEL } from "../docker-api/naming";
import { client } from "./endpoint";
import type { FoundEngine } from "./engine";
import type { Machine } from "./machine";

/** A volume as the engine lists it. */
export interface Volume {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/**
 * Volumes of one stack. The label decides; homes that a hub made without one are told by their name.
 * @param prefix of the stack's names, for example `jupyterhub-dev`.
 */
export function volumesOf(volumes: readonly Volume[], prefix: string): string[] {
  return volumes
    .filter(({ Name, Labels }) => {
      const label = Labels?.[STACK_LABEL];
      return label === undefined ? Name.startsWith(`${prefix}-home-`) : label === prefix;
    })
    .map(({ Name }) => Name)
    .sort();
}

/** Asks the engine which of the stack's volumes are there, and how many images. */
export async function kept(
  machine: Machine,
  engine: FoundEngine,
  prefix: string,
): Promise<{ readonly volumes: string[]; readonly images: number }> {
  const docker = await client(engine.endpoint, machine);
  const [{ Volumes }, images] = await Promise.all([
    docker.listVolumes(),
    docker.listImages({ filters: JSON.stringify({ label: [`${STACK_LABEL}=${prefix}`] }) }),
  ]);
  return { volumes: volumesOf(Volumes, prefix), images: images.length };
}
