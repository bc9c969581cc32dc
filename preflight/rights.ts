/** Who loses what by a new configuration: said before it happens. The hub takes it (images/hub/…/rights). */
import type { HubConfig } from "../config";
import { hubName } from "../config/values/hub-name";
import { canonicalName, shownName } from "../config/values/names";
import type { RunningHub } from "./running-hub";

/** Lists of an old or a new configuration. Names in lower case. */
export interface Rights {
  /** May log in by name; administrators too, blocked people not. */
  readonly people: ReadonlySet<string>;
  readonly admins: ReadonlySet<string>;
  readonly blocked: ReadonlySet<string>;
  readonly groups: Readonly<
    Record<string, { readonly members: ReadonlySet<string>; readonly folder: boolean }>
  >;
  readonly roles: Readonly<Record<string, ReadonlySet<string>>>;
  /** Rules that let people in whom no list names, as `allowedGroups: physics`. */
  readonly rules: ReadonlySet<string>;
  /** Whether people may log in whom an administrator added. */
  readonly existing: boolean;
  /** Whether the hub asks nothing but lists: so who is in none may not log in. */
  readonly listsOnly: boolean;
}

/** Keys of `auth` whose values let people in. */
const RULES = ["allowAll", "allowedGroups", "adminGroups", "organizations", "projectIds", "idps"] as const;

type Unknown = Readonly<Record<string, unknown>>;

const record = (value: unknown): Unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Unknown) : {};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const names = (value: unknown): Set<string> =>
  new Set(list(value).flatMap((name) => (typeof name === "string" ? [canonicalName(name)] : [])));

const without = (all: ReadonlySet<string>, some: ReadonlySet<string>): Set<string> =>
  new Set([...all].filter((name) => !some.has(name)));

/**
 * The rights in sections that are written alike in the hub's settings and in the configuration.
 * @param roles by name, or as a list with names in it
 */
export function rightsOf(sections: {
  readonly auth: unknown;
  readonly groups: unknown;
  readonly roles: unknown;
}): Rights {
  const auth = record(sections.auth);
  const blocked = names(auth["blocked"]);
  const admins = without(names(auth["admins"]), blocked);
  const groups = Object.fromEntries(
    Object.entries(record(sections.groups)).map(([name, group]) => {
      const { members, folder } = record(group);
      return [name, { members: without(names(members), blocked), folder: folder !== "none" }];
    }),
  );
  const roles = Array.isArray(sections.roles)
    ? sections.roles.map((role: unknown) => [record(role)["name"], role] as const)
    : Object.entries(record(sections.roles));
  const rules = new Set(RULES.flatMap((key) => rule(key, auth[key])));
  const existing = auth["allowExistingUsers"] === true;
  // Anonymous people have no names, and accounts of the hub's own are approved.
  const ownWay = auth["kind"] === "anonymous" || (auth["kind"] === "native" && auth["signUp"] !== "open");
  return {
    people: new Set([...without(names(auth["users"]), blocked), ...admins]),
    admins,
    blocked,
    groups,
    roles: Object.fromEntries(
      roles.map(([name, role]) => {
        const { users, groups: named } = record(role);
        const members = list(named).flatMap((group) => [...(groups[String(group)]?.members ?? [])]);
        return [String(name), without(new Set([...names(users), ...members]), blocked)];
      }),
    ),
    rules,
    existing,
    listsOnly: rules.size === 0 && !existing && !ownWay,
  };
}

function rule(key: string, value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.map((one) => `${key}: ${String(one)}`);
  }
  if (value === true) {
    return [`${key}: true`];
  }
  return Object.keys(record(value)).map((one) => `${key}: ${one}`);
}

/** What somebody loses, in words, and whether a running server of theirs is stopped. */
interface Loss {
  readonly what: readonly string[];
  readonly stopped: boolean;
}

function lossOf(name: string, old: Rights, now: Rights): Loss | undefined {
  const blocked = now.blocked.has(name) && !old.blocked.has(name);
  const out = blocked || (old.people.has(name) && !now.people.has(name));
  // A rule may know them as well: then it is a new login that tells.
  const perhaps = !blocked && now.rules.size > 0;
  if (out && !perhaps) {
    return { what: ["access"], stopped: true };
  }
  const what: string[] = out ? ["access, unless another rule gives it"] : [];
  let stopped = false;
  if (old.admins.has(name) && !now.admins.has(name)) {
    what.push("administrator");
  }
  for (const [group, { members, folder }] of Object.entries(old.groups)) {
    if (!members.has(name)) {
      continue;
    }
    const kept = now.groups[group];
    if (!kept?.members.has(name)) {
      what.push(`group ${group}`);
    }
    if (folder && !(kept?.members.has(name) && kept.folder)) {
      stopped = true;
    }
  }
  for (const [role, people] of Object.entries(old.roles)) {
    if (people.has(name) && now.roles[role]?.has(name) !== true) {
      what.push(`role ${role}`);
    }
  }
  return what.length === 0 ? undefined : { what, stopped };
}

/** Names that a sentence has, before it counts the others. */
const SHOWN = 20;

function enumerate(names: readonly string[]): string {
  const all = names.map(shownName);
  const rest = all.length - SHOWN;
  if (rest > 0) {
    return `${all.slice(0, SHOWN).join(", ")} and ${rest} more`;
  }
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(", ")} and ${all[all.length - 1] ?? ""}`;
}

/** Whose servers run: by the hub's names, which names in lists become. */
export interface Servers {
  readonly running: ReadonlySet<string>;
  readonly nameOf: (listed: string) => string;
}

/** A sentence for each kind of loss, with the names of all who have it. */
export function lossSentences(old: Rights, now: Rights, { running, nameOf }: Servers): string[] {
  const everybody = new Set([
    ...old.people,
    ...now.blocked,
    ...Object.values(old.groups).flatMap(({ members }) => [...members]),
    ...Object.values(old.roles).flatMap((people) => [...people]),
  ]);
  const alike = new Map<string, { readonly loss: Loss; readonly people: string[] }>();
  for (const name of [...everybody].sort()) {
    const loss = lossOf(name, old, now);
    if (loss === undefined) {
      continue;
    }
    const key = JSON.stringify(loss);
    const known = alike.get(key) ?? { loss, people: [] };
    known.people.push(name);
    alike.set(key, known);
  }
  const hasServer = (name: string): boolean => running.has(nameOf(name));
  const unlistedNames = now.listsOnly ? unlisted(running, [...now.people, ...everybody], nameOf) : [];
  return [
    ...[...alike.values()].map(({ loss, people }) => sentence(loss, people, people.filter(hasServer))),
    ...(unlistedNames.length === 0 ? [] : [sentence(UNLISTED, unlistedNames, unlistedNames)]),
    ...(old.existing && now.listsOnly
      ? ["People whom an administrator added on the admin page, and who are in no list, lose: access."]
      : []),
    ...fewerRules(old, now),
  ];
}

/** Whose servers run, and no list has them. A name from an address can take 10 ms: asked for no longer than it tells. */
function unlisted(
  running: ReadonlySet<string>,
  lists: readonly string[],
  nameOf: Servers["nameOf"],
): string[] {
  const left = new Set(running);
  for (const name of lists) {
    if (left.size === 0) {
      break;
    }
    left.delete(nameOf(name));
  }
  return [...left].sort();
}

/** Of people whom an administrator added, or a list had long ago. */
const UNLISTED: Loss = { what: ["access, since the name is in no list"], stopped: true };

function sentence({ what, stopped }: Loss, people: readonly string[], running: readonly string[]): string {
  const lose = `${enumerate(people)} ${people.length === 1 ? "loses" : "lose"}: ${what.map(shownName).join(", ")}.`;
  if (running.length === 0) {
    return lose;
  }
  const end = stopped ? ", and will be stopped" : "";
  if (people.length === 1) {
    return `${lose} Their server is running${end}.`;
  }
  return running.length === 1
    ? `${lose} The server of ${enumerate(running)} is running${end}.`
    : `${lose} Servers of ${enumerate(running)} are running${end}.`;
}

function fewerRules(old: Rights, now: Rights): string[] {
  const gone = [...without(old.rules, now.rules)].sort();
  if (gone.length === 0) {
    return [];
  }
  return [
    `People whom ${enumerate(gone.map((one) => `auth.${one}`))} let in lose: access, unless another rule or list gives it. ` +
      "They have to log in again.",
  ];
}

/** What the new configuration takes from people. */
export function withdrawnRights(config: HubConfig, hub: RunningHub): readonly string[] {
  const { auth, groups, access } = hub.settings;
  const old = rightsOf({ auth, groups, roles: record(access)["roles"] });
  const now = rightsOf({ auth: config.auth, groups: config.groups, roles: config.hub.roles });
  const { usernames } = record(auth);
  return lossSentences(
    old,
    // Python of an administrator's own may let in whom it likes.
    config.hub.extraConfig === undefined ? now : { ...now, listsOnly: false },
    { running: new Set(hub.servers), nameOf: (listed) => hubName(listed, usernames) },
  );
}
