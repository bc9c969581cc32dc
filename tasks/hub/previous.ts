/**
 * The hub of before the last update that replaced it: a container that does not run, with the image, settings and secrets
 * of then. `./hub rollback` puts it in the place of the hub, which takes its place in turn: a second one goes forward again.
 */
import type Docker from "dockerode";
import { z } from "zod";

import { paths } from "../../components/hub/settings/paths";
import { filesOf } from "../../docker-api/archive";
import { ignoring, messageOf } from "../../docker-api/errors";
import { withoutSecrets } from "../../docker-api/hidden";
import { parsed } from "../../docker-api/json";
import { ROLE_LABEL, ROLLED_BACK_LABEL, STACK_LABEL } from "../../docker-api/naming";
import {
  copyContainer,
  filterName,
  hubName,
  inspected,
  labelsOf,
  previousImageName,
  previousName,
  removeContainer,
  spareName,
  undoName,
  wordsOf,
} from "./containers";
import { keepSpare, type PutBack, putBack, removeSpare, takePlace, undo } from "./spare";
import { archiveOf } from "./trial";

/** Where the Docker filter has its settings. */
const FILTER_SETTINGS = "/etc/jupyterhub/filter.json";

/** What of a hub's settings says what its servers are made of, where no profile says it. */
const hubSettings = z.object({ spawner: z.object({ image: z.string() }) });

/** What of the filter's settings is looked at; the rest stays as it is. */
const filterSettings = z.looseObject({ images: z.array(z.string()) });

/**
 * Keeps the spare hub as the one of before, once the new one is healthy. One like the new one is nothing to go back to:
 * then the one that was kept earlier stays.
 */
export async function keepPrevious(docker: Docker, prefix: string): Promise<void> {
  const [spare, hub] = await Promise.all([
    inspected(docker, spareName(prefix)),
    inspected(docker, hubName(prefix)),
  ]);
  if (spare === undefined) {
    return;
  }
  if (hub !== undefined && (await isLike(docker, spare, hub))) {
    await removeSpare(docker, prefix);
    return;
  }
  await becomePrevious(docker, prefix, spare);
}

/** The spare hub under another name. Its notebook image is kept by a container of it, which is not started. */
async function becomePrevious(
  docker: Docker,
  prefix: string,
  spare: Docker.ContainerInspectInfo,
): Promise<void> {
  const image = await imageOf(docker, spare.Id);
  await removePrevious(docker, prefix);
  if (image !== undefined) {
    await docker
      .createContainer({
        name: previousImageName(prefix),
        Image: image,
        Labels: labelsOf(prefix, "hub-previous-image"),
        HostConfig: { NetworkMode: "none" },
      })
      // An image that is gone is told when somebody goes back to it.
      .catch(ignoring(404));
  }
  await docker.getContainer(spare.Id).rename({ name: previousName(prefix) });
}

/** Removes the hub of before, and what keeps its notebook image. */
export async function removePrevious(docker: Docker, prefix: string): Promise<void> {
  await removeContainer(docker, previousName(prefix));
  await removeContainer(docker, previousImageName(prefix));
}

/**
 * Removes the hub of before on purpose, and its notebook image where nothing offers or uses it any more: the hub, which
 * removes old images when their last server stops, could not do it while this one was kept.
 */
export async function forgetPrevious(docker: Docker, prefix: string): Promise<void> {
  const image = (await inspected(docker, previousImageName(prefix)))?.Image;
  await removePrevious(docker, prefix);
  const filter = await inspected(docker, filterName(prefix));
  if (image === undefined || filter === undefined || image === (await imageOf(docker, hubName(prefix)))) {
    return;
  }
  const [text] = await filesOf(docker.getContainer(filter.Id), FILTER_SETTINGS);
  if (!filterSettings.parse(parsed(text ?? "")).images.includes(image)) {
    // Without force: the engine refuses (409) for as long as a container uses it.
    await docker.getImage(image).remove().catch(ignoring(404, 409));
  }
}

/** Whether two hubs have the same image, environment, settings and secrets. */
async function isLike(
  docker: Docker,
  one: Docker.ContainerInspectInfo,
  other: Docker.ContainerInspectInfo,
): Promise<boolean> {
  const contents = async ({ Id, Image, Config, HostConfig }: Docker.ContainerInspectInfo) => {
    const container = docker.getContainer(Id);
    const files = async (path: string) => (await filesOf(container, path).catch(ignoring(404))) ?? [];
    const own = [await files("/etc/jupyterhub"), await files(paths.secrets)];
    const rest: Readonly<Record<string, unknown>> = { ...HostConfig };
    const given = ["Memory", "Binds", "Dns", "ExtraHosts"].map((key) => rest[key] ?? null);
    return JSON.stringify([Image, [...Config.Env].sort(), ...given, ...own]);
  };
  const [a, b] = await Promise.all([contents(one), contents(other)]);
  return a === b;
}

/** Id of the image that a hub starts servers from. Undefined where its settings say none, or are not there. */
async function imageOf(docker: Docker, hub: string): Promise<string | undefined> {
  const [text] = (await filesOf(docker.getContainer(hub), paths.settings).catch(ignoring(404))) ?? [];
  const found = hubSettings.safeParse(parsed(text ?? ""));
  return found.success ? found.data.spawner.image : undefined;
}

/** The hub of before, as it was looked at. */
export interface Previous {
  readonly container: Docker.ContainerInspectInfo;
  /** When it was replaced, as the engine writes it. */
  readonly replaced: string;
  /** Id of its notebook image. */
  readonly notebook: string | undefined;
  /** What is missing to start it; empty where nothing is. */
  readonly missing: readonly string[];
}

/** @returns undefined where there is no hub of before */
export async function previousHub(docker: Docker, prefix: string): Promise<Previous | undefined> {
  const container = await inspected(docker, previousName(prefix));
  if (container === undefined || container.Config.Labels[STACK_LABEL] !== prefix) {
    return undefined;
  }
  const notebook = await imageOf(docker, container.Id);
  const missing: string[] = [];
  for (const [what, image] of [
    ["the hub's image", container.Image],
    ["the notebook image", notebook],
  ] as const) {
    if (image !== undefined && (await docker.getImage(image).inspect().catch(ignoring(404))) === undefined) {
      missing.push(`${what} (${image})`);
    }
  }
  return { container, replaced: container.Created, notebook, missing };
}

/**
 * What came of it: the copy of the database that the hub of before got, undefined where the database was not changed; or
 * why it did not come up, and what became of the hub that ran.
 */
export type RolledBack =
  | { readonly problem?: undefined; readonly database: string | undefined }
  | { readonly problem: string; readonly back: PutBack | undefined };

/**
 * Puts the hub of before in the place of the one that is there, with the database of then where its schema has changed
 * since. If it does not come up, the one that ran is put back, with its database. Killed in between, `./up` puts it back.
 *
 * @param timeout seconds that a hub has to start
 */
export async function rollBack(
  docker: Docker,
  prefix: string,
  previous: Previous,
  timeout: number,
): Promise<RolledBack> {
  const hub = await inspected(docker, hubName(prefix));
  let database: string | undefined;
  if (hub !== undefined) {
    await keepSpare(docker, prefix, hub);
  }
  if (previous.notebook !== undefined) {
    await allowImage(docker, prefix, previous.notebook);
  }
  const since = new Date().toISOString();
  if (hub !== undefined) {
    await docker.getContainer(hub.Id).stop({ t: 10 }).catch(ignoring(304, 404));
    database = await undo(docker, prefix, hub, previous.replaced);
    await removeContainer(docker, hub.Id);
  }
  const problem = await takePlace(docker, prefix, previous.container, ROLLED_BACK_LABEL, timeout).then(
    ({ isWell }) => (isWell ? undefined : lastWords(docker, prefix)),
    messageOf,
  );
  if (problem === undefined) {
    const spare = await inspected(docker, spareName(prefix));
    await (spare === undefined ? removePrevious(docker, prefix) : becomePrevious(docker, prefix, spare));
    return { database };
  }
  if (database !== undefined) {
    await takeReplaced(docker, prefix, since);
  }
  return { problem, back: await putBack(docker, prefix, timeout) };
}

/** Last line of the log of a hub that does not come up. */
async function lastWords(docker: Docker, prefix: string): Promise<string> {
  const container = docker.getContainer(hubName(prefix));
  const secrets = await filesOf(container, paths.secrets).catch(() => []);
  const said = await wordsOf(container, { stdout: true, stderr: true }, 1).catch(() => "");
  return withoutSecrets(said, secrets) || "it is not healthy, and logs nothing";
}

/**
 * The database that the hub of before has replaced comes back: its copy is laid ready for the next hub. In a container
 * like the spare hub, which knows where copies are.
 */
async function takeReplaced(docker: Docker, prefix: string, since: string): Promise<void> {
  const spare = await inspected(docker, spareName(prefix));
  const failed = await inspected(docker, hubName(prefix));
  if (spare === undefined || failed === undefined) {
    return;
  }
  await docker.getContainer(failed.Id).stop({ t: 10 }).catch(ignoring(304, 404));
  await removeContainer(docker, undoName(prefix));
  await undo(docker, prefix, spare, since, "undo-restore");
}

/**
 * Lets the Docker filter allow an image. The newer hub's settings have taken it away; whoever configured the hub of
 * before has allowed it. The filter is replaced by one like it: it keeps no state, and running servers do not need it.
 */
async function allowImage(docker: Docker, prefix: string, image: string): Promise<void> {
  const filter = await inspected(docker, filterName(prefix));
  if (filter === undefined || filter.Config.Labels[ROLE_LABEL] !== "docker-filter") {
    return;
  }
  const [text] = await filesOf(docker.getContainer(filter.Id), FILTER_SETTINGS);
  const settings = filterSettings.parse(parsed(text ?? ""));
  if (settings.images.includes(image)) {
    return;
  }
  const wider = JSON.stringify({ ...settings, images: [...settings.images, image].sort() });
  const made = await copyContainer(docker, filter, {
    name: `${filterName(prefix)}-next`,
    labels: {
      ...labelsOf(prefix, "docker-filter"),
      [ROLLED_BACK_LABEL]: `${new Date().toISOString().slice(0, 19)}Z`,
    },
    restart: "unless-stopped",
  });
  try {
    await made.putArchive(archiveOf([{ path: FILTER_SETTINGS, content: wider }]), { path: "/" });
    await removeContainer(docker, filter.Id);
    await made.rename({ name: filterName(prefix) });
    await made.start();
  } catch (error) {
    await made.remove({ force: true }).catch(ignoring(404));
    throw error;
  }
}
