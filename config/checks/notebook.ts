/** The notebook servers: profiles that can be told apart, and JupyterLab's settings from their file. */
import { type ConfigError, type Path, describeValue, formatKey, removeCommand, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { SLUG } from "../schema/profiles";
import { readText, repeated, show, type CheckResult, type Values } from "./check";

export function checkProfiles({ notebook }: Values, context: ParseContext): Partial<CheckResult> {
  const profiles = notebook?.profiles ?? [];
  const errors = profiles.flatMap(
    ({ slug, name, default: isDefault, users, groups }, index): ConfigError[] => {
      const path = ["notebook", "profiles", index];
      const shown = show(context, "notebook", describeValue(slug));
      const others = profiles.slice(0, index);
      const found = [
        ...repeated([...path, "users"], users, context),
        ...repeated([...path, "groups"], groups, context),
      ];
      if (!SLUG.test(slug)) {
        found.push({
          key: formatKey(context.project, [...path, "slug"]),
          expected: "a slug, as the name has no letters or digits to make one of",
          got: show(context, "notebook", `nothing for the name ${describeValue(name)}`),
          fix: `Set it with: ${setCommand(context.project, [...path, "slug"], "data-science")}`,
        });
      } else if (others.some((other) => other.slug === slug)) {
        found.push({
          key: formatKey(context.project, [...path, "slug"]),
          expected: "another slug than those of the other profiles",
          got: `${shown} again`,
          fix: `Set it with: ${setCommand(context.project, [...path, "slug"], `${slug.slice(0, 30)}-${index + 1}`)}`,
        });
      }
      if (isDefault && others.some((other) => other.default)) {
        found.push({
          key: formatKey(context.project, [...path, "default"]),
          expected: "one default profile",
          got: "a second one",
          fix: `Remove it with: ${removeCommand(context.project, [...path, "default"])}`,
        });
      }
      return found;
    },
  );
  const isForAll = profiles.some(({ users, groups }) => users.length + groups.length === 0);
  if (profiles.length === 0 || isForAll) return { errors };
  const warning =
    `${formatKey(context.project, ["notebook", "profiles"])}: each profile is for some people or groups only. Who is in ` +
    "none of them can't start a server. Add a profile without users and groups if that is not meant.";
  return { errors, warnings: [warning] };
}

/** The settings of the file and those of the configuration, as one map. */
export function checkJupyterlab({ notebook }: Values, context: ParseContext): Partial<CheckResult> {
  const file = notebook?.jupyterlab.overridesFile;
  if (!notebook || file === undefined) return {};
  const path: Path = ["notebook", "jupyterlab", "overridesFile"];
  const text = readText(path, file, context);
  if (typeof text !== "string") return { errors: [text] };
  const given = parseMap(text);
  if (given === undefined || Object.values(given).some((settings) => !isMap(settings))) {
    const error = {
      key: formatKey(context.project, path),
      expected: "a JSON file with a map of settings for each plugin",
      got: `${show(context, "notebook", describeValue(file))}, which is ${given === undefined ? "no JSON map" : "another map"}`,
      fix: 'Write it as JupyterLab shows it: {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}',
    };
    return { errors: [error] };
  }
  const overrides = {
    ...(given as Record<string, Record<string, unknown>>),
    ...notebook.jupyterlab.overrides,
  };
  return { derived: { notebook: { ...notebook, jupyterlab: { ...notebook.jupyterlab, overrides } } } };
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
