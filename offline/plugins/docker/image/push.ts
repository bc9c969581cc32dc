/** Pushing a built image. */
import { isObject } from "../bridge/shape";
import { type Engine, type RegistryAuth, reason, registryOf } from "../engine";
import { repositoryOf } from "../remote-image";
import type { Log, Props } from "../../lib/serve";

interface Progress {
  status?: string;
  progress?: string;
  id?: string;
  error?: string;
  aux?: { Digest?: string };
}

/** Pushes `imageName`; returns `repository@digest`, which names this very push. */
export async function push(engine: Engine, inputs: Props, log: Log, signal: AbortSignal): Promise<string> {
  const name = inputs.imageName as string;
  log.status("Pushing Image to the registry");
  const auth = credentials(engine, name, inputs.registry, log);
  const stream = await engine.docker
    .getImage(name)
    .push({ authconfig: auth ?? { username: "", password: "", serveraddress: "" }, abortSignal: signal })
    .catch((error: unknown) => {
      throw new Error(`cannot push ${name}: ${reason(error)}`, { cause: error });
    });
  let digest: string | undefined;
  await new Promise<void>((resolve, reject) => {
    engine.docker.modem.followProgress(
      stream,
      (error: Error | null) => {
        if (error) {
          reject(new Error(`cannot push ${name}: ${error.message}`, { cause: error }));
        } else {
          resolve();
        }
      },
      (event: Progress) => {
        digest ??= event.aux?.Digest;
        log.status([event.id, event.status, event.progress].filter(Boolean).join(" "));
      },
    );
  });
  if (digest === undefined) {
    throw new Error(`pushed ${name}, but the engine did not say its digest`);
  }
  return `${repositoryOf(name)}@${digest}`;
}

/** The program's credentials if both are given, else those of the provider or the user's Docker configuration. */
function credentials(engine: Engine, name: string, registry: unknown, log: Log): RegistryAuth | undefined {
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
  return engine.authFor(address);
}
