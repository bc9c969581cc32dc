import type Docker from "dockerode";

import { physicalName, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { IMAGE_ROLE } from "../notebook-image/images";

/** Parts of a stack whose images have no label of it: they are known by their place in the registry. */
const PARTS = ["hub", "proxy", "redis", "firewall"];

/** What an engine tells of an image, which the client's types leave out in part. */
interface ImageAnswer {
  readonly RepoDigests: readonly string[] | null;
  readonly RepoTags: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/**
 * Removes images that a node got for this stack and that are not among those to keep. One that a running container uses
 * stays: the next time takes it.
 *
 * @param registry address (and folder) that the stack pushes to
 * @param keep names with digests
 */
export async function removeOldImages(
  docker: Docker,
  { prefix, registry, keep }: { prefix: string; registry: string; keep: readonly string[] },
): Promise<{ readonly removed: number; readonly used: number }> {
  const places = PARTS.map((part) => `${registry}/${physicalName(prefix, part)}@`);
  const isOurs = ({ Labels, RepoDigests }: ImageAnswer): boolean =>
    (Labels?.[STACK_LABEL] === prefix && Labels[ROLE_LABEL] === IMAGE_ROLE) ||
    (RepoDigests ?? []).some((name) => places.some((place) => name.startsWith(place)));
  const images: unknown = await docker.listImages();
  let [removed, used] = [0, 0];
  for (const image of (images as ImageAnswer[]).filter(isOurs)) {
    const names = image.RepoDigests ?? [];
    // One without a digest was built here, and is under the care of what built it.
    if (names.length === 0 || (image.RepoTags ?? []).some((tag) => tag.startsWith(`${prefix}-`))) {
      continue;
    }
    if (names.some((name) => keep.includes(name))) {
      continue;
    }
    for (const name of names) {
      // By force: Swarm keeps containers that have ended, and starts none of them again. The engine still refuses
      // (409) for as long as one runs.
      const gone = await docker
        .getImage(name)
        .remove({ force: true })
        .then(
          () => true,
          () => false,
        );
      if (gone) {
        removed += 1;
      } else {
        used += 1;
      }
    }
  }
  return { removed, used };
}
