/** Pushing a built image. */
import type { Log, Props } from "../../lib/serve";
import { isObject } from "../bridge/shape";
import { type Connection, reason } from "../connection";
import { follow } from "../progress";
import { authFor, type RegistryAuth, registryOf, repositoryOf } from "../registry";

/** Pushes `imageName`; returns `repository@digest`, which names this very push. */
export async function push(
  engine: Connection,
  inputs: Props,
  log: Log,
  signal: AbortSignal,
): Promise<string> {
  const name = inputs.imageName as string;
  log.status("Pushing Image to the registry");
  const auth = credentials(name, inputs.registry, log);
  const stream = await engine.docker
    .getImage(name)
    .push({ authconfig: auth ?? { username: "", password: "", serveraddress: "" }, abortSignal: signal })
    .catch((error: unknown) => {
      throw new Error(`cannot push ${name}: ${reason(error)}`, { cause: error });
    });
  let digest: string | undefined;
  await follow(engine, stream, `cannot push ${name}`, (line, event) => {
    digest ??= event.aux?.Digest;
    log.status(line);
  });
  if (digest === undefined) {
    throw new Error(`pushed ${name}, but the engine did not say its digest`);
  }
  return `${repositoryOf(name)}@${digest}`;
}

/** The program's credentials if both are given, else those of the user's Docker configuration. */
function credentials(name: string, registry: unknown, log: Log): RegistryAuth | undefined {
  const given = isObject(registry) ? registry : {};
  const { server, username, password } = given as Record<string, string | undefined>;
  const address =
    server === undefined || server === "" ? registryOf(name) : server.replace(/^https?:\/\//, "");
  if (username && password) {
    return { username, password, serveraddress: address };
  }
  if (username || password) {
    log.warn("registry: username and password go together; using the Docker configuration file instead");
  }
  return authFor(address);
}
