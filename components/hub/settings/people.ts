/**
 * What of the hub's settings a hub that runs takes over: who may log in, groups, roles, limits, profiles, announcements and
 * when idle servers are stopped. It is in a file of its own, in a volume: a change of it replaces no container.
 */
import type { HubConfig } from "../../../config";
import type { HubSettings } from ".";
import { paths } from "./paths";

/** Keys of each section. `images/hub/jupyterhub_on_docker/take_over.py` applies them. */
const KEYS = {
  auth: ["users", "admins", "blocked", "allowAll", "allowExistingUsers"],
  access: ["roles"],
  pages: ["announcement"],
  spawner: ["profiles", "limits"],
} as const;

type Loose = Readonly<Record<string, unknown>>;

export interface SplitSettings {
  /** Text of the file in the hub's container. Any change replaces the container. */
  readonly own: string;
  /** Text of the file that is taken over; empty where all is in the first. */
  readonly people: string;
}

/**
 * Whether the hub can take people's settings over: extra configuration may set what they set, at a start alone, and a Swarm
 * has no volume that reaches the hub on any of its nodes.
 */
export const takesOver = ({ variant, hub }: Pick<HubConfig, "variant" | "hub">): boolean =>
  variant !== "swarm" && hub.extraConfig === undefined;

/** The settings as one text, or as two. @param text of `renderSettings` */
export function splitSettings(text: string, apart: boolean): SplitSettings {
  if (!apart) {
    return { own: text, people: "" };
  }
  const { groups, users, servers, ...rest } = JSON.parse(text) as HubSettings;
  const { idle, ...others } = servers;
  const own: Record<string, unknown> = { ...rest };
  const people: Record<string, unknown> = { groups, users };
  for (const [section, keys] of Object.entries(KEYS)) {
    const [theirs, ours] = parted(rest[section as keyof typeof rest] as Loose, keys);
    own[section] = ours;
    people[section] = theirs;
  }
  // Whether idle servers are stopped at all is the hub's: it runs another program for that.
  own["servers"] = idle === null ? servers : others;
  people["servers"] = idle === null ? {} : { idle };
  own["people"] = paths.people;
  return { own: JSON.stringify(own), people: JSON.stringify(people) };
}

/**
 * Settings that were split, as one again. What is none of people's is left out: the hub refuses a file with it, and one of
 * the two places that they are read from is a folder that the hub can write.
 */
export function joinSettings(own: Loose, people: unknown): Loose {
  const { people: _, ...rest } = own;
  const joined = Object.entries(isLoose(people) ? people : {}).flatMap(([section, value]) => {
    const keys = Object.hasOwn(PARTS, section) ? PARTS[section as keyof typeof PARTS] : undefined;
    if (keys === undefined || !isLoose(value)) {
      return WHOLE.has(section) ? [[section, value]] : [];
    }
    const ours = rest[section];
    return [[section, { ...(isLoose(ours) ? ours : {}), ...parted(value, keys)[0] }]];
  });
  return { ...rest, ...Object.fromEntries(joined) } as Loose;
}

/** Sections that are people's alone, and those of which they have keys. */
const WHOLE: ReadonlySet<string> = new Set(["groups", "users"]);
const PARTS = { ...KEYS, servers: ["idle"] } as const;

const isLoose = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parted(values: Loose, keys: readonly string[]): readonly [Loose, Loose] {
  const of = (wanted: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key) === wanted));
  return [of(true), of(false)];
}
