/** Files of the stack's folder that the hub gets: extra configuration, templates, static files, a logo. */
import { extname, posix } from "node:path";
import { type ConfigError, type Path, describeValue, formatKey } from "./errors";
import type { ParseContext } from "./context";
import type { HubFile, VisibleValues } from "./types";

/** All files together. They are kept in the stack's state and sent with each new hub. */
const LIMIT = 4 * 1024 ** 2;

type Hub = VisibleValues["hub"];

export function readHubFiles(hub: Hub, context: ParseContext): { files: HubFile[]; errors: ConfigError[] } {
  const errors: ConfigError[] = [];
  const files: HubFile[] = [];
  const { extraConfig } = hub;
  const take = (place: HubFile["place"], path: Path, file: string, name: string): void => {
    const found = attempt(path, "file", file, context, () => context.readBytes(file));
    if (Buffer.isBuffer(found)) files.push({ place, name, base64: found.toString("base64") });
    else errors.push(found);
  };
  const takeFolder = (place: "templates" | "static", key: "templates" | "staticFiles"): void => {
    const folder = hub[key];
    if (folder === undefined) return;
    const names = attempt(["hub", key], "folder", folder, context, () => context.listFolder(folder));
    if (!Array.isArray(names)) errors.push(names);
    else for (const name of names) take(place, ["hub", key], posix.join(folder, name), name);
  };

  if (extraConfig?.kind === "text") {
    files.push({
      place: "extra-config",
      name: "extra_config.py",
      base64: Buffer.from(extraConfig.text).toString("base64"),
    });
  } else if (extraConfig?.kind === "file") {
    take("extra-config", ["hub", "extraConfig", "path"], extraConfig.path, "extra_config.py");
  }
  takeFolder("templates", "templates");
  takeFolder("static", "staticFiles");
  if (hub.logo !== undefined)
    take("logo", ["hub", "logo"], hub.logo, `logo${extname(hub.logo).toLowerCase()}`);

  const size = files.reduce((sum, { base64 }) => sum + base64.length * 0.75, 0);
  if (size > LIMIT) {
    errors.push({
      key: formatKey(context.project, ["hub"]),
      expected: "at most 4 MiB of templates, static files, logo and extra configuration",
      got: `${(size / 1024 ** 2).toFixed(1)} MiB`,
      fix: "Put large files into an image of your own, or on another web server.",
    });
  }
  return { files, errors };
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "which does not exist",
  ENOTDIR: "which is no folder",
  EISDIR: "which is a folder",
  EACCES: "which may not be read",
};

function attempt<T>(
  path: Path,
  what: string,
  file: string,
  context: ParseContext,
  read: () => T,
): T | ConfigError {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return {
      key: formatKey(context.project, path),
      expected: `a ${what} that can be read`,
      got: `${describeValue(file)}, ${FAULTS[code] ?? `which cannot be read (${code})`}`,
      fix: "Put it there, or correct the path (relative to the folder of Pulumi.yaml).",
    };
  }
}
