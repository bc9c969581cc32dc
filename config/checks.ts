/** What cannot be said of one value alone: checks over several keys, and of the files that values name. */
import { isIP } from "node:net";
import { join } from "node:path";
import { checkCertificate } from "./certificate";
import { type ConfigError, type Path, describeValue, formatKey, removeCommand, setCommand } from "./errors";
import type { ParseContext } from "./parse";
import { type ParsedValues, keys } from "./schema";
import type { FilesTls, HubConfig } from "./types";

export interface CheckResult {
  readonly errors: ConfigError[];
  readonly warnings: string[];
  /** Values that come from more than their own key. */
  readonly derived: Partial<Pick<HubConfig<string>, "name" | "tls">>;
}

/** The values that passed the schema: a missing one has errors of its own already. */
type Values = Partial<ParsedValues>;
type Check = (values: Values, context: ParseContext) => Partial<CheckResult>;

const CHECKS: readonly Check[] = [
  checkName,
  checkPorts,
  checkAuth,
  checkTls,
  checkNotebookImage,
  checkImageTags,
  checkDockerHost,
];

export function checkValues(values: Values, context: ParseContext): CheckResult {
  const results = CHECKS.map((check) => check(values, context));
  return {
    errors: results.flatMap((result) => result.errors ?? []),
    warnings: results.flatMap((result) => result.warnings ?? []),
    derived: Object.assign({}, ...results.map((result) => result.derived ?? {})) as CheckResult["derived"],
  };
}

function checkName(values: Values, { project, stack }: ParseContext): Partial<CheckResult> {
  if (!("name" in values)) return {};
  const name = values.name ?? `${project}-${stack}`;
  if (keys.name.safeParse(name).success) return { derived: { name } };
  const error = {
    key: formatKey(project, ["name"]),
    expected: keys.name.meta()?.expected ?? "",
    got: `nothing, and ${describeValue(name)} (from the stack's name) is no such name`,
    fix: `Set it with: ${setCommand(project, ["name"], "jupyterhub-physics")}`,
  };
  return { errors: [error] };
}

function checkPorts({ ports }: Values, context: ParseContext): Partial<CheckResult> {
  if (ports?.http !== ports?.https) return {};
  if (!ports) return {};
  const path = ["ports", "http"];
  const error = {
    key: formatKey(context.project, path),
    expected: "another port than that of https",
    got: show(context, "ports", `the number ${ports.https} for both`),
    fix: `Set it with: ${setCommand(context.project, path, ports.https === 80 ? 8080 : 80)}`,
  };
  return { errors: [error] };
}

function checkAuth({ auth }: Values, context: ParseContext): Partial<CheckResult> {
  if (!auth) return {};
  if (auth.users.length + auth.admins.length === 0) {
    const error = {
      key: formatKey(context.project, ["auth"]),
      expected: "at least one name in users or admins",
      got: "none, so that nobody could log in",
      fix: `Set it with: ${setCommand(context.project, ["auth", "users", 0], "alice")}`,
    };
    return { errors: [error] };
  }
  const errors = (["users", "admins"] as const).flatMap((list) =>
    auth[list].flatMap((name, index) => {
      if (auth[list].indexOf(name) === index) return [];
      const path = ["auth", list, index];
      return [
        {
          key: formatKey(context.project, path),
          expected: "every name once",
          got: show(context, "auth", `${describeValue(name)} again`),
          fix: `Remove it with: ${removeCommand(context.project, path)}`,
        },
      ];
    }),
  );
  return { errors };
}

function checkTls({ tls, domain }: Values, context: ParseContext): Partial<CheckResult> {
  if (!tls) return {};
  if (tls.kind === "self-signed") return { derived: { tls } };
  const certificatePem = readText(["tls", "certificate"], tls.certificate, context);
  const keyPem = readText(["tls", "key"], tls.key, context);
  if (typeof certificatePem !== "string" || typeof keyPem !== "string") {
    return { errors: [certificatePem, keyPem].filter((result) => typeof result !== "string") };
  }
  const report = checkCertificate({ certificatePem, keyPem, domain, now: context.now });
  const errors = report.problems.map(({ file, ...problem }) => ({
    key: formatKey(context.project, ["tls", file]),
    ...problem,
  }));
  const warnings = report.warnings.map(
    (text) => `${formatKey(context.project, ["tls", "certificate"])}: ${text}`,
  );
  const files: FilesTls<string> = { ...tls, certificatePem, keyPem };
  return { errors, warnings, derived: { tls: files } };
}

function checkNotebookImage({ notebook }: Values, context: ParseContext): Partial<CheckResult> {
  if (notebook?.image.kind !== "build") return {};
  const path = ["notebook", "image", "context"];
  const result = readText(path, join(notebook.image.context, "Dockerfile"), context);
  return typeof result === "string" ? {} : { errors: [result] };
}

function checkImageTags({ notebook, proxy }: Values, context: ParseContext): Partial<CheckResult> {
  const images: [Path, string | undefined][] = [
    [["notebook", "image", "name"], notebook?.image.kind === "pull" ? notebook.image.name : undefined],
    [["proxy", "image"], proxy?.image],
  ];
  const warnings = images.flatMap(([path, image]) => {
    if (image === undefined || image.includes("@")) return [];
    const tag = /:([^/:]+)$/.exec(image)?.[1];
    if (tag !== undefined && tag !== "latest") return [];
    const got = show(context, String(path[0]), describeValue(image));
    return [
      `${formatKey(context.project, path)}: ${got} has ${tag === undefined ? "no tag" : "the tag latest"}: what runs ` +
        "then depends on when it was pulled, differs from host to host and cannot be rolled back. Name a version or " +
        "a digest (@sha256:…).",
    ];
  });
  return { warnings };
}

/** Port 2375 is the Docker API without TLS: whoever reaches it is root on that host. */
function checkDockerHost({ docker }: Values, context: ParseContext): Partial<CheckResult> {
  const host = /^tcp:\/\/(.*):2375$/.exec(docker?.host ?? "")?.[1];
  if (
    host === undefined ||
    host === "localhost" ||
    host === "[::1]" ||
    (isIP(host) === 4 && host.startsWith("127."))
  ) {
    return {};
  }
  const key = formatKey(context.project, ["docker", "host"]);
  return {
    warnings: [
      `${key}: the Docker API on port 2375 is neither encrypted nor protected: whoever reaches it rules the host. ` +
        "Use ssh://user@host.",
    ],
  };
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "which does not exist",
  ENOTDIR: "which does not exist",
  EACCES: "which may not be read",
  EPERM: "which may not be read",
  EISDIR: "which is a folder",
};

/** Text of the file that the value at `path` leads to, or the error. */
function readText(path: Path, file: string, context: ParseContext): string | ConfigError {
  try {
    return context.readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const name = String(path[0]);
    const shown = show(context, name, describeValue(file));
    return {
      key: formatKey(context.project, path),
      expected: "a file that can be read",
      got: `${shown}, ${FILE_FAULTS[code] ?? `which cannot be read (${code})`}`,
      fix:
        FILE_FAULTS[code] === FILE_FAULTS["EACCES"]
          ? "Give the user who runs Pulumi the right to read it."
          : "Put the file there, or correct the path (relative to the folder of Pulumi.yaml).",
    };
  }
}

/** `text` if it may be shown: values of a secret key may not. */
function show(context: ParseContext, key: string, text: string): string {
  return context.secretKeys?.has(key) ? "a secret value" : text;
}
