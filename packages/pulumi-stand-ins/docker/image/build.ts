/**
 * Building through the engine's BuildKit.
 *
 * dockerode opens the session that BuildKit asks for and decodes its progress, so the build needs nothing on the machine:
 * the `docker` command may be missing, or lack its buildx plugin as Debian's does, and remote engines work the same.
 */
import type Docker from "dockerode";

import type { Log, Props } from "../../lib/serve";
import { isObject } from "../bridge/shape";
import { type Connection, reason } from "../connection";
import { textMap, texts } from "../values";
import { contextArchive } from "./context";

/** Lines of the build that an error shows. */
const LAST_LINES = 20;

interface Progress {
  stream?: string;
  status?: string;
  error?: string;
}

/** Builds `imageName` and returns the image's id. */
export async function build(
  engine: Connection,
  inputs: Props,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const settings = isObject(inputs.build) ? inputs.build : {};
  const name = inputs.imageName as string;
  const { archive, dockerfile } = contextArchive(settings.context as string, settings.dockerfile as string);
  const registry = isObject(inputs.registry) ? inputs.registry : {};
  log.status("Starting Docker build");
  const options = {
    t: name,
    dockerfile,
    version: settings.builderVersion === "BuilderV1" ? "1" : "2",
    ...optional("buildargs", textMap(settings.args)),
    ...optional("platform", settings.platform),
    ...optional("target", settings.target),
    ...optional("networkmode", settings.network),
    ...optional("extrahosts", texts(settings.addHosts)),
    ...optional("cachefrom", isObject(settings.cacheFrom) ? texts(settings.cacheFrom.images) : []),
    ...(typeof registry.username === "string" && typeof registry.password === "string"
      ? { authconfig: { username: registry.username, password: registry.password } }
      : {}),
    abortSignal: signal,
  };
  const stream = await engine.docker
    .buildImage(archive, options as unknown as Docker.ImageBuildOptions)
    .catch((error: unknown) => {
      throw new Error(`error building image ${name}: ${reason(error)}`, { cause: error });
    });
  await follow(engine, stream, name, log);
  const { Id: id } = await engine.docker.getImage(name).inspect();
  log.status(`Image built successfully, local id "${id}"`);
  return id;
}

function follow(engine: Connection, stream: NodeJS.ReadableStream, name: string, log: Log): Promise<void> {
  const lines: string[] = [];
  let failure: string | undefined;
  return new Promise((resolve, reject) => {
    const finished = (error: Error | null): void => {
      const problem = failure ?? error?.message;
      if (problem === undefined) {
        resolve();
        return;
      }
      const last = lines.slice(-LAST_LINES).map((line) => `  ${line}`);
      reject(
        new Error(
          [`image ${name} does not build: ${problem}`, "last lines of the build:", ...last].join("\n"),
        ),
      );
    };
    const progressed = (event: Progress): void => {
      failure ??= event.error;
      const text = plain((event.stream ?? event.status ?? "").trim()).trimEnd();
      for (const line of text.split("\n").filter((part) => part !== "")) {
        lines.push(line);
        log.status(line);
      }
    };
    (engine.docker as unknown as Follower).followProgress(stream, finished, progressed);
  });
}

/**
 * A progress text for people: without the step's digest, and what a step wrote decoded. (dockerode 5.0 hands a step's
 * output on in base64; nothing else that it tells is one word of that kind.)
 */
function plain(text: string): string {
  const base64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  return base64 ? Buffer.from(text, "base64").toString() : text.replace(/^\[sha256:\w+\] /, "");
}

/** Not in the type declarations of dockerode yet. */
interface Follower {
  followProgress(
    stream: NodeJS.ReadableStream,
    finished: (error: Error | null) => void,
    progressed: (event: Progress) => void,
  ): void;
}

/** The setting, if there is anything in it. */
function optional(name: string, value: unknown): Props {
  const empty = value === undefined || value === null || value === "" || Object.keys(value).length === 0;
  return empty ? {} : { [name]: value };
}
