/** Commands in containers that run. */
import type { Agent } from "node:http";

import type { Address } from "./client";
import { ask } from "./get";
import { demultiplex } from "./logs";

/** An engine, and the connection to it where there is one already. */
export interface Reached {
  readonly address: Address;
  readonly agent?: Agent | undefined;
}

/**
 * Runs a command in a container, as the container's user.
 *
 * @param timeout in milliseconds
 * @returns its standard output
 */
export async function outputOf(
  { address, agent }: Reached,
  container: string,
  command: readonly string[],
  timeout: number,
): Promise<string> {
  const { status, body } = await ask(address, `/containers/${container}/exec`, {
    agent,
    timeout,
    body: { AttachStdout: true, Cmd: command },
  });
  if (status !== 201) {
    throw new Error(`answer ${status} of the engine`);
  }
  const { Id } = JSON.parse(body.toString()) as { Id: string };
  const run = { agent, body: { Detach: false, Tty: false }, timeout };
  return demultiplex((await ask(address, `/exec/${Id}/start`, run)).body);
}
