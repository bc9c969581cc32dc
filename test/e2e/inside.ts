/** Commands in containers. */
import assert from "node:assert/strict";
import type Docker from "dockerode";

import { demultiplex } from "../../docker-api/logs";

/** Runs a command in a container, and returns what it printed. @throws AssertionError with that where it fails */
export async function inside(container: Docker.Container, ...command: string[]): Promise<string> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const chunks: Buffer[] = [];
  for await (const chunk of await exec.start({})) {
    chunks.push(chunk as Buffer);
  }
  const output = demultiplex(Buffer.concat(chunks)).trim();
  assert.equal((await exec.inspect()).ExitCode, 0, `${command.join(" ")}: ${output}`);
  return output;
}
