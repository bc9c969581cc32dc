/** Tries a hub in a container of its own, while another one runs. */
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { paths } from "../../components/hub/settings/paths";
import { ignoring, messageOf } from "../../docker-api/errors";
import { labelsOf, removeContainer, trialName, wordsOf } from "./containers";
import { forPeople } from "./words";

/** What a hub's container is made of. */
export interface HubContents {
  /** Id of its image. */
  readonly image: string;
  readonly files: readonly { readonly path: string; readonly content?: string; readonly base64?: string }[];
  /** In a Swarm: what a trial has of its own where the running hub is another manager's. */
  readonly swarm?: { readonly network: string; readonly data: DataMount };
}

/** Where the data of the hub are on the Docker host. */
interface DataMount {
  readonly type: string;
  readonly source: string;
}

export interface Trial {
  readonly docker: Docker;
  /** Of the stack's names. */
  readonly prefix: string;
  /** The container of the hub that runs; undefined where it is another manager's. */
  readonly running: Docker.ContainerInspectInfo | undefined;
  readonly contents: HubContents;
  /** Seconds that a hub has to start. */
  readonly timeout: number;
}

/** Where the trial finds the data of the hub that runs: `trial.py`. */
const RUNNING_DATA = "/mnt/running-hub";

/** Lines of the log that are shown of a hub that would not start. */
const SHOWN_LINES = 15;

/** @returns why the hub would not start, with the last lines of its log; undefined where it would */
export async function tryHub(trial: Trial): Promise<string | undefined> {
  const { docker, prefix, contents } = trial;
  await removeContainer(docker, trialName(prefix));
  const container = await make(trial);
  try {
    await container.putArchive(archiveOf(contents.files), { path: "/" });
    const end = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
    // What is wrong with the start is told by the start.
    end.catch(() => undefined);
    try {
      await container.start();
    } catch (error) {
      return messageOf(error);
    }
    return await outcome(trial, container, end);
  } finally {
    await removeContainer(docker, container.id);
  }
}

async function outcome(
  { contents, timeout }: Trial,
  container: Docker.Container,
  end: Promise<{ StatusCode: number }>,
): Promise<string | undefined> {
  const over = new AbortController();
  const late = sleep(timeout * 1000, undefined, { signal: over.signal }).catch(() => undefined);
  const ended = await Promise.race([end, late]);
  over.abort();
  if (ended?.StatusCode === 0) {
    return undefined;
  }
  const secrets = contents.files.flatMap(({ path, content = "" }) =>
    path.startsWith(paths.secrets) ? [content] : [],
  );
  const settings = contents.files.find(({ path }) => path === paths.settings)?.content;
  const said = async (...of: Parameters<typeof wordsOf>) =>
    forPeople(await wordsOf(...of), secrets, settings);
  const log = await said(container, { stderr: true }, SHOWN_LINES);
  const reason = await reasonOf(container, ended?.StatusCode, timeout, () =>
    said(container, { stdout: true }, SHOWN_LINES),
  );
  // A reason in a line of its own is the whole log.
  return log === "" || ended === undefined ? reason : `${reason}\nIts log:\n${indented(log)}`;
}

async function reasonOf(
  container: Docker.Container,
  code: number | undefined,
  timeout: number,
  answer: () => Promise<string>,
): Promise<string> {
  if (code === undefined) {
    await container.kill().catch(ignoring(404, 409));
    return `it was not done after ${timeout} s (hub.startTimeout)`;
  }
  const { State, HostConfig } = await container.inspect();
  if (State.OOMKilled) {
    return `it was killed for its memory, of which it may have ${(HostConfig.Memory ?? 0) / 1024 ** 2} MiB`;
  }
  return (await answer()) || `it ended with exit code ${code}`;
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");

function make({ docker, prefix, running, contents, timeout }: Trial): Promise<Docker.Container> {
  const { Memory, MemorySwap, Ulimits, LogConfig } = running?.HostConfig ?? {};
  const data = running === undefined ? contents.swarm?.data : dataOf(running);
  return docker.createContainer({
    name: trialName(prefix),
    Image: contents.image,
    Cmd: ["jupyterhub-on-docker", "try"],
    // Where this program is killed, the copy of the database is not kept by a hub that hangs.
    Env: [`JUPYTERHUB_TRIAL_SECONDS=${timeout + 30}`],
    Labels: labelsOf(prefix, "hub-trial"),
    HostConfig: {
      // What the hub that runs can reach, the trial can, by the same addresses, and nothing else. It serves nothing.
      NetworkMode: running === undefined ? (contents.swarm?.network ?? "none") : `container:${running.Id}`,
      RestartPolicy: { Name: "no" },
      Init: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory,
      MemorySwap,
      Ulimits,
      LogConfig,
      Mounts:
        data === undefined
          ? []
          : [
              {
                Type: data.type === "bind" ? "bind" : "volume",
                Source: data.source,
                Target: RUNNING_DATA,
                ReadOnly: true,
              },
            ],
    },
  });
}

function dataOf({ Mounts }: Docker.ContainerInspectInfo): DataMount | undefined {
  const data = Mounts.find(({ Destination }) => Destination === paths.data);
  if (data === undefined) {
    return undefined;
  }
  return data.Name === undefined
    ? { type: "bind", source: data.Source }
    : { type: "volume", source: data.Name };
}

/** Files that everybody may read, by their full paths. */
export function archiveOf(files: HubContents["files"]): NodeJS.ReadableStream {
  const archive = pack();
  for (const { path, content, base64 } of files) {
    const bytes = base64 === undefined ? Buffer.from(content ?? "") : Buffer.from(base64, "base64");
    archive.entry({ name: path.replace(/^\//, ""), mode: 0o444 }, bytes);
  }
  archive.finalize();
  return archive;
}
