/** Files of the stack's folder that the hub gets: extra configuration, templates, static files, a logo. */
import { extname, posix } from "node:path";

import type { Path } from "../errors";
import type { HubFile, VisibleValues } from "../types";
import { listFolder, readBytes } from "./files";
import type { Report } from "./report";
import { own, words } from "./words";

/** All files together. They are kept in the stack's state and sent with each new hub. */
const LIMIT = 4 * 1024 ** 2;

export function readHubFiles(hub: VisibleValues["hub"], report: Report): HubFile[] {
  const files: HubFile[] = [];
  const { extraConfig } = hub;
  const take = (place: HubFile["place"], path: Path, file: string, name: string): void => {
    const content = readBytes(report, path, file);
    if (content !== undefined) {
      files.push({ place, name, base64: content.toString("base64") });
    }
  };
  const takeFolder = (place: "templates" | "static", key: "templates" | "staticFiles"): void => {
    const folder = hub[key];
    if (folder === undefined) {
      return;
    }
    const path = ["hub", key];
    for (const name of listFolder(report, path, folder) ?? []) {
      take(place, path, posix.join(folder, name), name);
    }
  };

  if (extraConfig?.kind === "text") {
    const base64 = Buffer.from(extraConfig.text).toString("base64");
    files.push({ place: "extra-config", name: "extra_config.py", base64 });
  } else if (extraConfig?.kind === "file") {
    take("extra-config", ["hub", "extraConfig", "path"], extraConfig.path, "extra_config.py");
  } else if (extraConfig?.kind === "parts") {
    for (const [part, content] of Object.entries(extraConfig.parts).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const name = `extra_config/${part}.py`;
      if (content.kind === "text") {
        files.push({ place: "extra-config", name, base64: Buffer.from(content.text).toString("base64") });
      } else {
        take("extra-config", ["hub", "extraConfig", "parts", part, "path"], content.path, name);
      }
    }
  }
  takeFolder("templates", "templates");
  takeFolder("static", "staticFiles");
  if (hub.logo !== undefined) {
    take("logo", ["hub", "logo"], hub.logo, `logo${extname(hub.logo).toLowerCase()}`);
  }

  const size = files.reduce((sum, { base64 }) => sum + base64.length * 0.75, 0);
  if (size > LIMIT) {
    report.refuse(["hub"], words`at most 4 MiB of templates, static files, logo and extra configuration`, {
      got: words`${own((size / 1024 ** 2).toFixed(1))} MiB`,
      fix: words`Put large files into your own image, or on another web server.`,
    });
  }
  return files;
}
