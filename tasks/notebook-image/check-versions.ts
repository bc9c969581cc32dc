/**
 * Fails unless a notebook image carries the hub's JupyterHub version: both are asked in containers that run once.
 * Environment: STACK_PREFIX, KEY (of the configuration), IMAGE and HUB_IMAGE (ids), and DOCKER_HOST where it is not this
 * machine.
 */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";

import { environmentClient } from "../../docker-api/environment";
import { ignoring } from "../../docker-api/errors";
import { givenPrefix, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { noVersion, versionIn, versionProblem } from "./versions";

/** What a command prints in a container without network or privileges. */
async function outputOf(docker: Docker, image: string, command: readonly string[]): Promise<string> {
  const [program = "", ...args] = command;
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: [program],
    Cmd: args,
    User: "1000:100",
    Labels: { [STACK_LABEL]: givenPrefix(), [ROLE_LABEL]: "version-check" },
    HostConfig: {
      // The engine removes it, too, when this script is stopped half-way.
      AutoRemove: true,
      NetworkMode: "none",
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: 1024 ** 3,
    },
  });
  try {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const output = new PassThrough();
    docker.modem.demuxStream(stream, output, output);
    stream.on("end", () => output.end());
    const said = text(output);
    // A program that is not there: the engine says so, and the stream never ends by itself.
    await container.start().catch((error: unknown) => {
      output.end(String((error as { json?: { message?: string } }).json?.message ?? error));
    });
    return await said;
  } finally {
    await container.remove({ force: true }).catch(ignoring(404, 409));
  }
}

async function check(image: string, hubImage: string, key: string): Promise<string> {
  const docker = await environmentClient();
  const [hub, notebook] = await Promise.all([
    outputOf(docker, hubImage, ["jupyterhub", "--version"]),
    outputOf(docker, image, ["jupyterhub-singleuser", "--version"]),
  ]);
  const [hubVersion, version] = [versionIn(hub), versionIn(notebook)];
  if (hubVersion === undefined) {
    throw new Error(`the hub's image does not report its version: ${hub.trim()}`);
  }
  if (version === undefined) {
    throw new Error(noVersion(key, notebook));
  }
  const problem = versionProblem(key, hubVersion, version);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return version;
}

export async function run(): Promise<void> {
  const { IMAGE = "", HUB_IMAGE = "", KEY = "" } = process.env;
  console.log(`JupyterHub ${await check(IMAGE, HUB_IMAGE, KEY)}`);
}
