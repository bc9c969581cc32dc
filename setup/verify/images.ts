/** The images that people's servers are made from: each has to be on the engine. */
import { runningHub } from "../../preflight/running-hub";
import { type Finding, found, type Look, notMade } from "./finding";
import { json, mendCommand, type Subject } from "./subject";

/** An image of people's servers. */
export interface OfferedImage {
  readonly image: string;
  /** Names of the profiles that have it; none for servers without a profile. */
  readonly profiles: readonly string[];
}

/** The images in the settings of a hub. Any key may be missing: another version wrote them. */
export function offeredImages(settings: Readonly<Record<string, unknown>>): OfferedImage[] {
  const { image, profiles } = (settings["spawner"] ?? {}) as { image?: unknown; profiles?: unknown };
  const all = [
    { image },
    ...(Array.isArray(profiles) ? (profiles as { image?: unknown; name?: unknown }[]) : []),
  ];
  const names = new Map<string, string[]>();
  for (const one of all) {
    if (typeof one.image === "string") {
      const name = "name" in one && typeof one.name === "string" ? [one.name] : [];
      names.set(one.image, [...(names.get(one.image) ?? []), ...name]);
    }
  }
  return [...names].map(([id, of]) => ({ image: id, profiles: of }));
}

/** Looks for each image on the one engine of a stack. In a Swarm the services that bring them to the nodes tell. */
export async function images(subject: Subject): Promise<Look> {
  const { address, prefix } = subject;
  const hub = await runningHub({ address, prefix, swarm: false });
  const offered = offeredImages(hub?.settings ?? {});
  if (offered.length === 0) {
    return notMade("the images of people's servers: the hub's settings cannot be read");
  }
  const answers = await Promise.all(
    offered.map(async (one) => ({
      one,
      there: (await json(subject, `/images/${encodeURIComponent(one.image)}/json`)) !== undefined,
    })),
  );
  return found(...answers.filter(({ there }) => !there).map(({ one }) => missing(subject, one)));
}

function missing(subject: Subject, { image, profiles }: OfferedImage): Finding {
  const of = profiles.length === 0 ? "" : ` (${profiles.join(", ")})`;
  return {
    what: `The image of people's servers${of} is gone, so none of them can start: ${image}`,
    fix: mendCommand(subject),
  };
}
