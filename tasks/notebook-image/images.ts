/** What the scripts of this folder ask of a Docker host. */
import type Docker from "dockerode";

import { ignoring } from "../../docker-api/errors";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";

/** Role of the last layer of a notebook image, in its labels. */
export const IMAGE_ROLE = "notebook-image";

/** Label with the id of the image below the last layer. */
export const BASE_LABEL = "org.jupyterhub.base";

/**
 * Removes a stack's notebook images that are neither kept nor used by a container, and the images that they were built
 * on, where the stack built these.
 *
 * @param keep ids of images that servers are started from, and that these are built on
 * @returns how many were removed
 */
export async function removeImages(docker: Docker, prefix: string, keep: readonly string[]): Promise<number> {
  const images = await docker.listImages({
    filters: { label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=${IMAGE_ROLE}`] },
  } as Docker.ListImagesOptions);
  const baseOf = ({ Labels }: Docker.ImageInfo) => Labels[BASE_LABEL] ?? "";
  const kept = images.filter(({ Id }) => keep.includes(Id));
  const old = images.filter(({ Id }) => !keep.includes(Id));
  // With one content, an old image's base can be what is still built on.
  const bases = new Set(old.map(baseOf).filter((id) => !keep.includes(id)));
  for (const image of kept) {
    bases.delete(baseOf(image));
  }

  let removed = 0;
  for (const id of [...old.map(({ Id }) => Id), ...bases]) {
    const image = docker.getImage(id);
    const found = id === "" ? undefined : await image.inspect().catch(ignoring(404));
    // A base may have been pulled, or have a name of another stack's: those are not this stack's to remove.
    const isOwn = found?.RepoTags.every((tag) => tag.startsWith(`${prefix}-notebook`)) === true;
    if (!isOwn || found.RepoDigests.length > 0) {
      continue;
    }
    // Without force: the engine refuses (409) for as long as a container uses it.
    if ((await image.remove().catch(ignoring(404, 409))) !== undefined) {
      removed += 1;
    }
  }
  return removed;
}
