/** What runs of a stack now, in which versions, and how long its certificate and its disk will do. */
import { z } from "zod";

import { valuesOf } from "../../config/stack-file/values";
import { inspectContainer } from "../../docker-api/containers";
import { outputOf } from "../../docker-api/exec";
import { type Get, readJson, withConnection } from "../../docker-api/get";
import { physicalName } from "../../docker-api/naming";
import { runningHub } from "../../preflight/running-hub";
import { messageOf } from "../../setup/errors";
import { certificateAt, doorTo, engineHost, mainPort, publishedBy } from "../../setup/verify/front";
import { offeredImages } from "../../setup/verify/images";
import { backupPlace, lastBackup, type Result } from "../backup/backups";
import { askInside, type Place, placeOf } from "../hub-place";
import { swarmOf } from "../node/stack-file";
import { type Server, servers } from "../servers/list";
import type { OpenStack } from "../stack";

/** Something of the stack that runs. */
export interface Part {
  /** When it was started, in ISO 8601. */
  readonly since: string;
  readonly version: string | undefined;
}

export interface Disk {
  readonly folder: string;
  /** Bytes, as those that are free. */
  readonly size: number;
  readonly free: number;
}

export interface Image {
  /** By the name that the engine has for it, else its id. */
  readonly name: string;
  /** Profiles that have it; none for servers without a profile. */
  readonly profiles: readonly string[];
  /** In ISO 8601; undefined for one that is gone, or that only other nodes of a Swarm have. */
  readonly created: string | undefined;
}

export interface Certificate {
  /** In ISO 8601. */
  readonly until: string;
}

export interface Facts {
  readonly stack: string;
  readonly url: string | undefined;
  readonly variant: string;
  /** Undefined where it does not run. */
  readonly hub: Part | undefined;
  readonly proxy: Part | undefined;
  readonly engine: { readonly version: string; readonly memory: number; readonly processors: number };
  readonly images: readonly Image[];
  readonly certificate: Certificate | undefined;
  /** Where the hub's data are. */
  readonly disk: Disk | undefined;
  /** The last backup; undefined without `backup`, and where none was tried yet. */
  readonly backup: Pick<Result, "at" | "lastGood" | "problem"> | undefined;
  readonly servers: readonly Server[];
  /** What could not be looked at, and why: sentences without their ends. */
  readonly unknown: readonly string[];
}

/** The answer of `jupyterhub-on-docker status`. */
export const inside = z.object({
  version: z.literal(1),
  jupyterhub: z.string(),
  disk: z.object({ folder: z.string(), size: z.number(), free: z.number() }),
});

const info = z.object({ ServerVersion: z.string(), MemTotal: z.number(), NCPU: z.number() });
const image = z.object({ RepoTags: z.array(z.string()).nullish(), Created: z.string() });

/** Milliseconds for a command in a container. */
const TIMEOUT = 10_000;

/** Looks at everything at once. @throws Error where the engine does not answer */
export async function facts(stack: OpenStack): Promise<Facts> {
  const unknown: string[] = [];
  /** What a look brings, or undefined and a note why it could not be made. */
  const tried = async <T>(what: string, look: Promise<T>): Promise<T | undefined> => {
    try {
      return await look;
    } catch (error) {
      unknown.push(`${what}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const hub = tried("the hub", placeOf(stack, "hub"));
  const settings = settingsOf(stack);
  const [hubPart, told, proxy, engine, images, certificate, backup, running] = await Promise.all([
    hub.then((place) => place && tried("the hub", startOf(place))),
    hub.then(
      (place) =>
        place &&
        tried("versions and disk", askInside(place, ["status"], inside, { failed: "the hub does not tell" })),
    ),
    tried("Traefik", traefik(stack)),
    withConnection(stack.address, async (get) => (await readJson(get, "/info", info)) ?? missing()),
    settings.then((found) => withConnection(stack.address, (get) => imagesOf(get, found))),
    settings.then((found) => tried("the certificate", certificateOf(stack, urlIn(found)))),
    stack.file.values["backup"] === undefined
      ? undefined
      : tried("backups", backupPlace(stack).then(lastBackup)),
    servers(stack),
  ]);
  return {
    stack: stack.name,
    url: urlIn(await settings),
    variant: valuesOf(stack.file, ["variant"]).variant,
    hub: hubPart === undefined ? undefined : { since: hubPart, version: told?.jupyterhub },
    proxy,
    engine: { version: engine.ServerVersion, memory: engine.MemTotal, processors: engine.NCPU },
    images,
    certificate,
    disk: told?.disk,
    backup: backup && { at: backup.at, lastGood: backup.lastGood, problem: backup.problem },
    servers: running,
    unknown,
  };
}

function missing(): never {
  throw new Error("the engine does not say what it is");
}

type Settings = Readonly<Record<string, unknown>>;

const settingsOf = async (stack: OpenStack): Promise<Settings> =>
  (
    await runningHub({
      address: stack.address,
      prefix: stack.prefix,
      swarm: swarmOf(stack) !== undefined,
    })
  )?.settings ?? {};

function urlIn(settings: Settings): string | undefined {
  const { publicUrl } = (settings["hub"] ?? {}) as { publicUrl?: unknown };
  return typeof publicUrl === "string" && URL.canParse(publicUrl) ? publicUrl : undefined;
}

const inspected = ({ container, engine }: Place) =>
  withConnection(engine.address, (get) => inspectContainer(get, container));

const startOf = async (place: Place): Promise<string | undefined> =>
  (await inspected(place))?.State.StartedAt;

async function traefik(stack: OpenStack): Promise<Part | undefined> {
  const place = await placeOf(stack, "proxy");
  if (place === undefined) {
    return undefined;
  }
  const [since, said] = await Promise.all([
    startOf(place),
    outputOf(place.engine, place.container, ["traefik", "version"], TIMEOUT),
  ]);
  return since === undefined ? undefined : { since, version: /^Version:\s+(\S+)$/m.exec(said)?.[1] };
}

const imagesOf = (get: Get, settings: Settings): Promise<Image[]> =>
  Promise.all(
    offeredImages(settings).map(async ({ image: reference, profiles }) => {
      const found = await readJson(get, `/images/${encodeURIComponent(reference)}/json`, image);
      return { name: found?.RepoTags?.[0] ?? reference, profiles, created: found?.Created };
    }),
  );

/** As browsers get it. */
async function certificateOf(stack: OpenStack, url: string | undefined): Promise<Certificate | undefined> {
  const { address, prefix } = stack;
  if (swarmOf(stack) !== undefined) {
    return url === undefined ? undefined : served(new URL(url));
  }
  const proxy = await withConnection(address, (get) => inspectContainer(get, physicalName(prefix, "proxy")));
  const published = proxy && mainPort(publishedBy(proxy));
  if (published === undefined || url === undefined) {
    return undefined;
  }
  const door = doorTo(published, engineHost(address.host));
  if (typeof door === "string") {
    throw new Error(door);
  }
  return until(await certificateAt(door, new URL(url)));
}

/** By the address of the hub: its nodes publish the same port. */
async function served(url: URL): Promise<Certificate | undefined> {
  const secure = url.protocol === "https:";
  const port = Number(url.port === "" ? (secure ? 443 : 80) : url.port);
  return until(await certificateAt({ host: url.hostname, port, secure, isHere: false }, url));
}

const until = (certificate: Awaited<ReturnType<typeof certificateAt>>): Certificate | undefined =>
  certificate && { until: new Date(certificate.valid_to).toISOString() };
