/** Removing what has the name of something that is to be made. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import type { Address } from "../../docker-api/client";
import { ask, readJson } from "../../docker-api/get";

const attached = z.object({
  Name: z.string(),
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});

/** A request that changes something on the engine. @throws pulumi.RunError where it refuses; 404 is no refusal. */
export async function order(
  address: Address,
  method: "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<void> {
  const answer = await ask(address, path, {
    method,
    timeout: 60_000,
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status >= 300 && answer.status !== 404) {
    throw new pulumi.RunError(
      `${method} ${path}: HTTP ${answer.status} from the Docker Engine: ${answer.body.toString().trim()}`,
    );
  }
}

export const removeContainer = (address: Address, id: string): Promise<void> =>
  order(address, "DELETE", `/containers/${id}?force=1`);

/**
 * Removes a network that took the name of one of the stack's. Of two with one name containers would join either.
 *
 * @param own ids of the stack's containers, people's servers among them: these are taken off it
 */
export async function removeNetwork(address: Address, id: string, own: ReadonlySet<string>): Promise<void> {
  const found = await readJson((path) => ask(address, path), `/networks/${id}`, attached);
  if (found === undefined) {
    return;
  }
  const on = Object.entries(found.Containers ?? {});
  const strange = on.filter(([container]) => !own.has(container)).map(([, { Name }]) => Name);
  if (strange.length > 0) {
    throw new pulumi.RunError(
      `network ${found.Name}: another network has its name, which this stack did not make, and these containers are on ` +
        `it: ${strange.sort().join(", ")}. Disconnect each with: docker network disconnect ${found.Name} ${strange[0] ?? ""}`,
    );
  }
  for (const [container] of on) {
    await order(address, "POST", `/networks/${id}/disconnect`, { Container: container, Force: true });
  }
  await order(address, "DELETE", `/networks/${id}`);
}
