/** Commands in containers that run. */
import type { Agent } from "node:http";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

import type { Address } from "./client";
import { ignoring } from "./errors";
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

/** How a command ended. */
export interface Ended {
  /** Its exit code; null if its container was stopped, replaced or removed meanwhile. */
  readonly code: number | null;
  readonly output: string;
  /** What it wrote to its standard error. */
  readonly log: string;
}

/** Bytes that a command may print to each: ten thousand servers have one million. */
const MOST = 16 * 2 ** 20;

/**
 * Runs a command in a container, as the container's user, and waits for its end.
 *
 * @param timeout in seconds
 * @throws Error if it takes longer, or prints more than 16 MiB. It is not ended then: the engine has no way to do so
 */
export async function runIn(
  container: Docker.Container,
  command: readonly string[],
  timeout: number,
): Promise<Ended> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const over = new AbortController();
  const late = sleep(timeout * 1000, undefined, { signal: over.signal }).then(
    () => new Error(`${command[0] ?? ""} was not done after ${timeout} s`),
    () => undefined,
  );
  try {
    const printed = await Promise.race([printedOn(container, stream), late]);
    if (printed === undefined || printed instanceof Error) {
      throw printed ?? new Error("aborted");
    }
    const [output, log] = printed;
    // The engine forgets a command with its container.
    const { ExitCode: code = null } = (await exec.inspect().catch(ignoring(404))) ?? {};
    const { State: state } = (await container.inspect().catch(ignoring(404))) ?? {};
    return { code: state?.Running === true ? code : null, output, log };
  } finally {
    over.abort();
    stream.destroy();
  }
}

/** Standard output and standard error, up to their end. */
async function printedOn(
  container: Docker.Container,
  stream: NodeJS.ReadableStream,
): Promise<readonly [string, string]> {
  const [output, log] = [new PassThrough(), new PassThrough()];
  const modem = container.modem as {
    demuxStream(from: NodeJS.ReadableStream, output: PassThrough, errors: PassThrough): void;
  };
  modem.demuxStream(stream, output, log);
  stream.once("error", (error: Error) => output.destroy(error));
  const end = (): void => {
    output.end();
    log.end();
  };
  stream.once("end", end);
  stream.once("close", end);
  return Promise.all([bounded(output), bounded(log)]);
}

async function bounded(stream: PassThrough): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MOST) {
      throw new Error(`it printed more than ${MOST} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
