/** Files and folders that values lead to. */
import { describeValue, type Path } from "../errors";
import { isCertificate } from "../values/certificate";
import type { Report } from "./report";
import { own, type Words, words } from "./words";

const MISSING = "which does not exist";
const FORBIDDEN = "which the current user may not read";

/** What the system says of a file that cannot be read. */
const FAULTS: Readonly<Record<string, Readonly<Record<"file" | "folder", string>>>> = {
  ENOENT: { file: MISSING, folder: MISSING },
  ENOTDIR: { file: MISSING, folder: "which is not a folder" },
  EISDIR: { file: "which is a folder", folder: "which is a folder" },
  EACCES: { file: FORBIDDEN, folder: FORBIDDEN },
  EPERM: { file: FORBIDDEN, folder: FORBIDDEN },
};

/** What `read` gives of the file or folder that the value at `path` leads to; otherwise it is refused. */
function attempt<T>(
  report: Report,
  path: Path,
  what: "file" | "folder",
  file: string,
  read: () => T,
): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const fault = FAULTS[code]?.[what] ?? `which cannot be read (${code})`;
    report.refuse(path, words`a ${own(what)} that can be read`, {
      got: words`${report.value(path, describeValue(file))}, ${own(fault)}`,
      fix:
        fault === FORBIDDEN
          ? words`Let the user who runs Pulumi read it.`
          : words`Put the ${own(what)} there, or correct the path (relative to the folder of Pulumi.yaml).`,
    });
    return undefined;
  }
}

/** Text of a file. */
export function readText(report: Report, path: Path, file: string): string | undefined {
  return attempt(report, path, "file", file, () => report.context.readFile(file));
}

/** Content of a file. */
export function readBytes(report: Report, path: Path, file: string): Buffer | undefined {
  return attempt(report, path, "file", file, () => report.context.readBytes(file));
}

/** Names of the files in a folder and below it. */
export function listFolder(report: Report, path: Path, folder: string): string[] | undefined {
  return attempt(report, path, "folder", folder, () => report.context.listFolder(folder));
}

/** PEM text of a file with certificates. */
export function readCertificates(
  report: Report,
  path: Path,
  file: string,
  fix: Words = words`Put one there, or correct the path (relative to the folder of Pulumi.yaml).`,
): string | undefined {
  const pem = readText(report, path, file);
  if (pem === undefined || isCertificate(pem)) {
    return pem;
  }
  report.refuse(path, words`a PEM file with certificates`, {
    got: words`${report.value(path, describeValue(file))}, which has none`,
    fix,
  });
  return undefined;
}
