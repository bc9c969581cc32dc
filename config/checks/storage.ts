/** People's data: what is mounted does not overlap, and no volume can come to be another's. */
import { describeValue, type Path } from "../errors";
import type { StorageConfig } from "../types";
import { mayBeginPerson, personIn } from "../values/volume-names";
import type { Report, Values } from "./report";
import { own, type Words, words } from "./words";

const PLACE = "{username}";
const place = own(PLACE);

/** The user that images for notebooks have. */
const IMAGES_UID = 1000;

/** Folders of a host that are no place for homes: the system is in them, or everything is. */
const SYSTEM_FOLDERS =
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|var\/(cache|lib|lib\/docker|log|run|spool|tmp))$|^\/(boot|dev|etc|proc|run|sys|var\/lib\/docker)\//;

export function checkStorage(values: Values, report: Report): void {
  const { storage } = values;
  if (!storage) {
    return;
  }
  checkHomes(storage, report);
  for (const [key, { groups }] of Object.entries(storage.volumes)) {
    for (const [index, group] of (groups ?? []).entries()) {
      if (!values.groups || Object.hasOwn(values.groups, group)) {
        continue;
      }
      report.refuse(
        ["storage", "volumes", key, "groups", index],
        words`a group of ${report.key(["groups"])}`,
        { remove: true },
      );
    }
  }
  const { project, stack } = report.context;
  checkNames(storage, values.name ?? `${project}-${stack}`, report);
  checkTargets(storage, report);
}

function checkHomes({ homes, users, owner }: StorageConfig, report: Report): void {
  if (homes.kind === "tree" && SYSTEM_FOLDERS.test(homes.root)) {
    const path = ["storage", "homes", "root"];
    report.refuse(path, words`a folder that is used for this tree only`, {
      got: words`${report.value(path)}, which the system uses`,
      set: "/srv/jupyterhub",
    });
  }
  const kind = report.value(["storage", "homes", "kind"], homes.kind);
  if (users && homes.kind !== "tree") {
    const tree = report.set(["storage", "homes"], { kind: "tree", root: "/srv/jupyterhub" });
    report.refuse(["storage", "users"], words`homes of kind tree, in which admins can see users/`, {
      got: words`true with homes of kind ${kind}`,
      fix: words`Set it with: ${tree}`,
    });
  }
  if (homes.kind === "temporary" && owner.uid !== IMAGES_UID) {
    report.refuse(
      ["storage", "owner"],
      words`${own(IMAGES_UID)} as uid with temporary homes, which are the image's folder and its user's`,
      { got: report.value(["storage", "owner", "uid"], String(owner.uid)), remove: true },
    );
  }
}

interface Named {
  readonly path: Path;
  readonly name: string;
  /** The name for a message. */
  readonly shown: Words;
  readonly given: boolean;
  readonly options: Readonly<Record<string, string>>;
}

function checkNames(storage: StorageConfig, prefix: string, report: Report): void {
  const { homes } = storage;
  const ownPrefix = report.value(["name"], prefix);
  const nameOf = (path: Path, name: string | undefined, otherwise: string) => ({
    path,
    name: name ?? `${prefix}-${otherwise}`,
    shown: name === undefined ? words`${ownPrefix}-${own(otherwise)}` : report.value(path, name),
    given: name !== undefined,
  });
  const named: Named[] = Object.entries(storage.volumes).map(([key, { name, options }]) => ({
    ...nameOf(["storage", "volumes", key, "name"], name, `volume-${key}`),
    options,
  }));
  if (homes.kind === "volume") {
    const home = nameOf(["storage", "homes", "name"], homes.name, `home-${PLACE}`);
    named.unshift({ ...home, options: homes.options });
    if (!isTemplate(home.name)) {
      report.refuse(home.path, words`${place} in it, so that each person has a home`, {
        set: report.made(home.path, `${home.name}-${PLACE}`, `home-${PLACE}`),
      });
    }
  }
  for (const { path, name, given, options } of named) {
    const start = beginning(name);
    const set = `data-of-${PLACE}`;
    if (name.split(PLACE).length > 2) {
      report.refuse(path, words`${place} once`, { set });
    }
    // `<name>-hub-data`, say: a person's name, or this one, must not lead to it.
    const isBare = start === "" && path[1] === "homes";
    const leads = isTemplate(name) && `${prefix}-`.startsWith(start) && !isBare;
    if (given && (start.startsWith(`${prefix}-`) || leads)) {
      report.refuse(path, words`a name that none of the stack's own volumes (${ownPrefix}-…) can have`, {
        set,
      });
    }
    if (!isTemplate(name) && Object.values(options).some((text) => text.includes(PLACE))) {
      report.refuse(path, words`${place} in it, since the options have it`, {
        got: report.value(given ? path : ["name"], describeValue(name)),
        set,
      });
    }
  }
  for (const [index, one] of named.entries()) {
    const other = named.slice(0, index).find((earlier) => overlap(one.name, earlier.name));
    if (other === undefined) {
      continue;
    }
    report.refuse(one.path, words`a name that ${report.key(other.path)} (${other.shown}) can't be`, {
      got: words`"${one.shown}"`,
      set: report.made(one.given ? one.path : ["name"], `other-${one.name}`, `other-${PLACE}`),
    });
  }
}

const isTemplate = (name: string) => name.includes(PLACE);
const beginning = (name: string) => name.split(PLACE)[0] ?? "";

/** Whether some person's name makes both the same: a person called `data` has `lab-data` of `lab-{username}`. */
function overlap(a: string, b: string): boolean {
  return a === b || makes(a, b) || makes(b, a);
}

function makes(template: string, name: string): boolean {
  if (!isTemplate(template) || !beginning(name).startsWith(beginning(template))) {
    return false;
  }
  // With nothing before the person's name all names begin so: what matters is whether a person can be called that.
  return (
    beginning(template) !== "" ||
    (isTemplate(name) ? mayBeginPerson(beginning(name)) : personIn(template, name) !== undefined)
  );
}

function checkTargets(storage: StorageConfig, report: Report): void {
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
      const [its, target] = other;
      report.refuse(path, words`a different path (${report.key(its)} has ${report.value(its, target)})`, {
        set: `/mnt/${key}`,
      });
    }
    taken.push([path, mountPath]);
  }
}
