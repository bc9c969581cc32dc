/**
 * Compares the engine with what the last update made there, so that what is gone or was changed by hand is shown at
 * preview and put right by the update: whoever runs it, and without a refresh, which sees no images.
 */
import * as pulumi from "@pulumi/pulumi";

import type { HubConfig } from "../../config";
import { ask, withConnection } from "../../docker-api/get";
import { dockerAddress } from "../docker-host";
import { type Drift, findDrift } from "./compare";
import { lookAt } from "./engine";
import { type Made, madeBefore } from "./made";
import { recreate } from "./recreate";

export interface Look {
  readonly made: readonly Made[];
  readonly drift: readonly Drift[];
}

/** @throws pulumi.RunError where the engine's answers cannot be read. */
export async function lookForDrift(config: HubConfig): Promise<Look> {
  const made = await madeBefore();
  if (made.length === 0) {
    return { made, drift: [] };
  }
  const address = dockerAddress(config.docker, process.env);
  return {
    made,
    drift: await withConnection(address, (get) => findDrift(made, lookAt(get), config.name)),
  };
}

/** Sees to it that the resources that follow are made again where the look found a difference. */
export async function correctDrift(config: HubConfig, { made, drift }: Look): Promise<void> {
  if (!pulumi.runtime.isDryRun()) {
    const address = dockerAddress(config.docker, process.env);
    // A container of the name that is to be used: Pulumi removes only the one that it knows.
    await Promise.all(
      drift.map(async ({ inTheWay }) =>
        inTheWay === undefined
          ? undefined
          : ask(address, `/containers/${inTheWay}?force=1`, { method: "DELETE", timeout: 60_000 }),
      ),
    );
  }
  recreate(made, drift, `${new Date().toISOString().slice(0, 19)}Z`);
}
