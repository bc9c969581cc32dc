/** People's data: what is mounted does not overlap, and no volume can come to be another's. */
import { describeValue, formatKey, removeCommand, setCommand, type ConfigError, type Path } from "../errors";
import type { ParseContext } from "../context";
import type { StorageConfig } from "../types";
import { show, type CheckResult, type Values } from "./check";

const PLACE = "{username}";

/** The user that images for notebooks have. */
const IMAGES_UID = 1000;

/** Folders of a host that are no place for homes: the system is in them, or everything is. */
const SYSTEM_FOLDERS =
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|var\/(cache|lib|lib\/docker|log|run|spool|tmp))$|^\/(boot|dev|etc|proc|run|sys|var\/lib\/docker)\//;

export function checkStorage(values: Values, context: ParseContext): Partial<CheckResult> {
  const { storage } = values;
  if (!storage) return {};
  const { project } = context;
  const errors: ConfigError[] = [];
  const refuse = (path: Path, expected: string, got: string, fix: string) =>
    errors.push({
      key: formatKey(project, path),
      expected,
      got: show(context, "storage", got),
      fix,
    });
  const { homes } = storage;

  if (homes.kind === "tree" && SYSTEM_FOLDERS.test(homes.root)) {
    const path = ["storage", "homes", "root"];
    const fix = `Set it with: ${setCommand(project, path, "/srv/jupyterhub")}`;
    refuse(
      path,
      "a folder that is for this tree only",
      `${describeValue(homes.root)}, which the system uses`,
      fix,
    );
  }
  if (storage.users && homes.kind !== "tree") {
    const fix = `Set it with: ${setCommand(project, ["storage", "homes"], { kind: "tree", root: "/srv/jupyterhub" })}`;
    refuse(
      ["storage", "users"],
      "homes of kind tree, in which admins can see users/",
      `true with homes of kind ${homes.kind}`,
      fix,
    );
  }
  if (homes.kind === "temporary" && storage.owner.uid !== IMAGES_UID) {
    const path = ["storage", "owner"];
    const fix = `Remove it with: ${removeCommand(project, path)}`;
    const expected = `${IMAGES_UID} as uid with temporary homes, which are the image's folder and its user's`;
    refuse(path, expected, String(storage.owner.uid), fix);
  }
  for (const [key, { groups }] of Object.entries(storage.volumes)) {
    for (const [index, group] of (groups ?? []).entries()) {
      if (!values.groups || Object.hasOwn(values.groups, group)) continue;
      const path = ["storage", "volumes", key, "groups", index];
      const fix = `Remove it with: ${removeCommand(project, path)}`;
      refuse(path, "a group of jupyterhub:groups".replace("jupyterhub", project), describeValue(group), fix);
    }
  }
  checkNames(storage, values.name ?? `${project}-${context.stack}`, refuse, project);
  checkTargets(storage, refuse, project);
  return { errors };
}

type Refuse = (path: Path, expected: string, got: string, fix: string) => unknown;

interface Named {
  readonly path: Path;
  readonly name: string;
  readonly given: boolean;
  readonly options: Readonly<Record<string, string>>;
}

function checkNames(storage: StorageConfig, prefix: string, refuse: Refuse, project: string): void {
  const { homes } = storage;
  const named: Named[] = Object.entries(storage.volumes).map(([key, { name, options }]) => ({
    path: ["storage", "volumes", key, "name"],
    name: name ?? `${prefix}-volume-${key}`,
    given: name !== undefined,
    options,
  }));
  if (homes.kind === "volume") {
    const path = ["storage", "homes", "name"];
    const name = homes.name ?? `${prefix}-home-${PLACE}`;
    named.unshift({ path, name, given: homes.name !== undefined, options: homes.options });
    if (!name.includes(PLACE)) {
      const fix = `Set it with: ${setCommand(project, path, `${name}-${PLACE}`)}`;
      refuse(path, `${PLACE} in it, so that each person has a home`, describeValue(name), fix);
    }
  }
  for (const { path, name, given, options } of named) {
    const start = beginning(name);
    const example = `data-of-${PLACE}`;
    const fix = `Set it with: ${setCommand(project, path, example)}`;
    if (name.split(PLACE).length > 2) refuse(path, `${PLACE} once`, describeValue(name), fix);
    // `<name>-hub-data`, say: a person's name, or this one, must not lead to it.
    if (given && (start.startsWith(`${prefix}-`) || (isTemplate(name) && `${prefix}-`.startsWith(start)))) {
      refuse(path, `a name that none of the stack's own (${prefix}-…) can be`, describeValue(name), fix);
    }
    if (!isTemplate(name) && Object.values(options).some((text) => text.includes(PLACE))) {
      const expected = `${PLACE} in it, as it is in the options`;
      refuse(path, expected, describeValue(name), fix);
    }
  }
  for (const [index, one] of named.entries()) {
    const other = named.slice(0, index).find((earlier) => overlap(one.name, earlier.name));
    if (other === undefined) continue;
    const expected = `a name that ${formatKey(project, other.path)} (${other.name}) can't be`;
    const fix = `Set it with: ${setCommand(project, one.path, `other-${one.name}`)}`;
    refuse(one.path, expected, describeValue(one.name), fix);
  }
}

const isTemplate = (name: string) => name.includes(PLACE);
const beginning = (name: string) => name.split(PLACE)[0] ?? "";

/** Whether some person's name makes both the same: a person called `data` has `lab-data` of `lab-{username}`. */
function overlap(a: string, b: string): boolean {
  return (
    a === b ||
    (isTemplate(a) && beginning(b).startsWith(beginning(a))) ||
    (isTemplate(b) && beginning(a).startsWith(beginning(b)))
  );
}

function checkTargets(storage: StorageConfig, refuse: Refuse, project: string): void {
  const folders = storage.foldersPath ?? storage.homes.mountPath;
  const taken: [Path, string][] = [
    [["storage", "homes", "mountPath"], storage.homes.mountPath],
    ...["shared", "colab", "groups", "users"].map((name): [Path, string] => [
      ["storage", "foldersPath"],
      `${folders}/${name}`,
    ]),
    ...(storage.labSettings.apart
      ? [[["storage", "labSettings", "mountPath"], storage.labSettings.mountPath] as [Path, string]]
      : []),
  ];
  for (const [key, { mountPath }] of Object.entries(storage.volumes)) {
    const path = ["storage", "volumes", key, "mountPath"];
    const other = taken.find(([, target]) => target === mountPath || target.startsWith(`${mountPath}/`));
    if (other !== undefined) {
      const expected = `a path of its own (${formatKey(project, other[0])} has ${other[1]})`;
      const fix = `Set it with: ${setCommand(project, path, `/mnt/${key}`)}`;
      refuse(path, expected, describeValue(mountPath), fix);
    }
    taken.push([path, mountPath]);
  }
}
