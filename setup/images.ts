import { POSTGRES_IMAGE, TRAEFIK_IMAGE } from "../config/constants";
import { type StackFile } from "../config/stack-file";
import { databaseImage } from "../config/stack-file/settings";
import { statusOf } from "../docker-api/errors";
import type { Say } from "./command";
import { client, get } from "./endpoint";
import type { FoundEngine } from "./engine";
import { messageOf, SetupError } from "./errors";
import { buildDebian, finished } from "./fallback/images/debian";
import { buildPostgres } from "./fallback/images/postgres";
import { buildTraefik } from "./fallback/images/traefik";
import type { Machine } from "./machine";

const DEBIAN = "debian:trixie-slim";
const TRAEFIK = TRAEFIK_IMAGE;
const POSTGRES = POSTGRES_IMAGE;

/** The images that every stack needs, to build others from or to run as they are, each after those it is built on. */
export const BASE_IMAGES = [DEBIAN, TRAEFIK] as const;
/** Those, and the ones that some stacks need. */
export type BaseImage = (typeof BASE_IMAGES)[number] | typeof POSTGRES;

/** The images that a stack's file asks for besides those of every stack. What is no image of this program's choice is pulled later. */
export function imagesOf(file: StackFile): BaseImage[] {
  const image = databaseImage(file);
  return image === undefined ? [] : [image];
}

/** Those of the base images, and of `further` ones, that the engine does not have. */
export async function findMissingImages(
  machine: Machine,
  engine: FoundEngine,
  further: readonly BaseImage[] = [],
): Promise<BaseImage[]> {
  const wanted = [...BASE_IMAGES, ...further];
  if (engine.endpoint.host.startsWith("ssh://")) {
    const docker = await client(engine.endpoint, machine);
    const has = await Promise.all(
      wanted.map((name) =>
        docker
          .getImage(name)
          .inspect()
          .then(() => true)
          .catch((error: unknown) => {
            if (statusOf(error) === 404) {
              return false;
            }
            throw error;
          }),
      ),
    );
    return wanted.filter((_, i) => !has[i]);
  }
  const answers = await Promise.all(
    wanted.map((name) => get(engine.endpoint, machine, `/images/${name}/json`)),
  );
  return wanted.filter((_, i) => answers[i]?.status === 404);
}

const builders: Record<BaseImage, (machine: Machine, engine: FoundEngine, say: Say) => Promise<void>> = {
  [DEBIAN]: async (machine, engine, say) => {
    await buildDebian(machine, await client(engine.endpoint, machine), DEBIAN, engine.architecture, say);
  },
  [TRAEFIK]: async (machine, engine, say) => {
    await buildTraefik(machine, await client(engine.endpoint, machine), TRAEFIK, DEBIAN, say);
  },
  [POSTGRES]: async (machine, engine, say) => {
    await buildPostgres(await client(engine.endpoint, machine), POSTGRES, DEBIAN, say);
  },
};

/** Seconds without a sign of a running download after which a pull is given up. */
const PULL_TIMEOUT = 15;

const isFull = (error: unknown): boolean => /no space left on device/i.test(messageOf(error));

/** Brings images to the engine: pulled where the engine can, else built from packages on this machine. */
export async function provideImages(
  machine: Machine,
  engine: FoundEngine,
  missing: readonly BaseImage[],
  say: Say,
): Promise<void> {
  const docker = await client(engine.endpoint, machine);
  for (const name of missing) {
    try {
      await pull(name).catch(async (error: unknown) => {
        if (isFull(error)) {
          throw error;
        }
        say(`${name} could not be pulled (${messageOf(error).slice(0, 100)}): building it`);
        await builders[name](machine, engine, say);
      });
    } catch (error) {
      if (!isFull(error)) {
        throw error;
      }
      throw new SetupError(
        `The Docker host's disk is full: the engine at ${engine.endpoint.host} has no room for the image ${name}.`,
        "See what uses the space with: docker system df   (and free unused images with: docker image prune)",
      );
    }
  }

  async function pull(name: string): Promise<void> {
    say(`pulling ${name}`);
    const abort = new AbortController();
    const giveUp = (): void => {
      abort.abort(new Error(`no progress for ${PULL_TIMEOUT} s`));
    };
    let timer = setTimeout(giveUp, PULL_TIMEOUT * 1000);
    try {
      const stream = await docker.pull(name, { abortSignal: abort.signal });
      await finished(docker, stream, (event) => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, PULL_TIMEOUT * 1000);
        const { status, progress = "" } = event as { status?: string; progress?: string };
        if (status) {
          say(`${name}: ${status} ${progress}`);
        }
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
