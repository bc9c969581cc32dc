/** The notebook servers: profiles that can be told apart, and JupyterLab's settings from their file. */
import { describeValue } from "../errors";
import { SLUG } from "../schema/profiles";
import { readText } from "./files";
import type { Report, Values } from "./report";
import { own, words } from "./words";

export function checkProfiles({ notebook }: Values, report: Report): void {
  const profiles = notebook?.profiles ?? [];
  profiles.forEach(({ slug, name, default: isDefault, users, groups }, index) => {
    const path = ["notebook", "profiles", index];
    const others = profiles.slice(0, index);
    report.once([...path, "users"], users);
    report.once([...path, "groups"], groups);
    if (!SLUG.test(slug)) {
      report.refuse(
        [...path, "slug"],
        words`a slug, since the name has no letters or digits to make one from`,
        {
          got: words`nothing for the name ${report.value([...path, "name"], describeValue(name))}`,
        },
      );
    } else if (others.some((other) => other.slug === slug)) {
      report.refuse([...path, "slug"], words`a slug that no other profile has`, {
        got: words`${report.value([...path, "slug"])} again`,
        set: report.made([...path, "slug"], `${slug.slice(0, 30)}-${index + 1}`, `profile-${index + 1}`),
      });
    }
    if (isDefault && others.some((other) => other.default)) {
      report.refuse([...path, "default"], words`one default profile`, {
        got: words`a second one`,
        remove: true,
      });
    }
  });
  const isForAll = profiles.some(({ users, groups }) => users.length + groups.length === 0);
  if (profiles.length === 0 || isForAll) {
    return;
  }
  report.warn(
    words`${report.key(["notebook", "profiles"])}: each profile is for some people or groups only. Everybody else can't start a server. If that is not intended, add a profile without users and groups.`,
  );
}

/** The settings of the file and those of the configuration, as one map. */
export function checkJupyterlab({ notebook }: Values, report: Report): void {
  const file = notebook?.jupyterlab.overridesFile;
  if (!notebook || file === undefined) {
    return;
  }
  const path = ["notebook", "jupyterlab", "overridesFile"];
  const text = readText(report, path, file);
  if (text === undefined) {
    return;
  }
  const given = parseMap(text);
  if (given === undefined || Object.values(given).some((settings) => !isMap(settings))) {
    report.refuse(path, words`a JSON file with a map of settings for each plugin`, {
      got: words`${report.value(path)}, which is ${own(given === undefined ? "not a JSON map" : "a different map")}`,
      fix: words`Write it as JupyterLab shows it: {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}`,
    });
    return;
  }
  const overrides = {
    ...(given as Record<string, Record<string, unknown>>),
    ...notebook.jupyterlab.overrides,
  };
  report.derive({ notebook: { ...notebook, jupyterlab: { ...notebook.jupyterlab, overrides } } });
}

function parseMap(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
