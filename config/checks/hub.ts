/** `hub`: scopes that exist, services that are there, Python that can be read, files that are there. */
import { describeValue, nearest, type Path } from "../errors";
import SCOPES from "../scopes.json";
import { readHubFiles } from "./hub-files";
import type { Report, Values } from "./report";
import { own, words } from "./words";

/** Names that the hub's own services have. */
const OWN_SERVICES = ["idle-culler"];

type Hub = NonNullable<Values["hub"]>;

export function checkHub({ hub }: Values, report: Report): void {
  if (!hub) {
    return;
  }
  const files = readHubFiles(hub, report);
  checkScopes(hub, report);
  checkRoles(hub, report);
  checkServices(hub, report);
  checkEnvironment(hub, report);
  for (const { place, name, base64 } of files) {
    if (place === "extra-config") {
      checkPython(hub, name, base64, report);
    }
  }
  warn(hub, report);
  report.derive({ hubFiles: files });
}

/** Read when the hub's program starts, before it knows its settings; or the program's own. */
const OWN_VARIABLES = /^(PATH|HOME|LD_.*|PYTHON.*|JUPYTERHUB_TRIAL.*)$/;

function checkEnvironment({ environment, secretEnvironment }: Hub, report: Report): void {
  for (const [key, map] of Object.entries({ environment, secretEnvironment })) {
    for (const name of Object.keys(map).filter((one) => OWN_VARIABLES.test(one))) {
      report.refuse(["hub", key, name], words`a variable that is not read before the hub's settings are`, {
        remove: true,
      });
    }
  }
  for (const name of Object.keys(secretEnvironment).filter((one) => one in environment)) {
    report.refuse(["hub", "environment", name], words`each variable once: hub.secretEnvironment has it too`, {
      remove: true,
    });
  }
}

/** JupyterHub does not start with a scope that it does not know. */
function checkScopes({ roles, services }: Hub, report: Report): void {
  const check = (section: string, name: string, scopes: readonly string[]): void => {
    scopes.forEach((scope, index) => {
      checkScope(scope, ["hub", section, name, "scopes", index], report);
    });
  };
  for (const [name, { scopes }] of Object.entries(roles)) {
    check("roles", name, scopes);
  }
  for (const [name, { scopes }] of Object.entries(services)) {
    check("services", name, scopes);
  }
}

function checkScope(scope: string, path: Path, report: Report): void {
  const [name = "", filter] = scope.split("!");
  // What an extra configuration defines begins so.
  if (name.startsWith("custom:")) {
    return;
  }
  if (!SCOPES.includes(name)) {
    const similar = report.made(path, nearest(name, SCOPES), undefined);
    report.refuse(
      path,
      words`a scope of JupyterHub${own(similar === undefined ? "" : `, such as ${similar}`)}`,
      {
        set: similar ?? "list:users",
      },
    );
  } else if (filter !== undefined && !/^((user|service|group|server)=.+|user|service|server)$/.test(filter)) {
    report.refuse(path, words`a filter that is one of !user=, !group=, !service=, !server=`, {
      set: report.made(path, name, "list:users"),
    });
  }
}

function checkRoles({ roles, services }: Hub, report: Report): void {
  if ((roles["admin"]?.scopes.length ?? 0) > 0) {
    report.refuse(
      ["hub", "roles", "admin", "scopes"],
      words`no scopes: JupyterHub's admin role cannot be changed`,
      { fix: words`Use another role.`, remove: true },
    );
  }
  const known = Object.keys(services);
  for (const [name, role] of Object.entries(roles)) {
    if (name.startsWith("service-")) {
      report.refuse(
        ["hub", "roles", name],
        words`another name: those that begin with service- are the roles of services`,
        { got: own(describeValue(name)), fix: words`Rename it.`, remove: true },
      );
    }
    role.services.forEach((service, index) => {
      if (Object.hasOwn(services, service)) {
        return;
      }
      report.refuse(
        ["hub", "roles", name, "services", index],
        words`a service of hub.services${own(known.length > 0 ? ` (${known.join(", ")})` : "")}`,
        { remove: true },
      );
    });
  }
}

function checkServices({ services }: Hub, report: Report): void {
  for (const [name, { command, environment, secrets }] of Object.entries(services)) {
    const path = ["hub", "services", name];
    if (OWN_SERVICES.includes(name)) {
      report.refuse(path, words`another name: the hub has a service with this one`, {
        got: own(describeValue(name)),
        remove: true,
      });
      continue;
    }
    const variables = [...Object.keys(environment), ...Object.keys(secrets)];
    if (command === undefined && variables.length > 0) {
      report.refuse(
        [...path, Object.keys(environment).length > 0 ? "environment" : "secrets"],
        words`a command as well: only services that the hub starts get variables`,
        { got: words`none`, remove: true },
      );
    }
  }
}

/** @param name of the file in the hub's container */
function checkPython({ extraConfig }: Hub, name: string, base64: string, report: Report): void {
  const part = /^extra_config\/(.*)\.py$/.exec(name)?.[1];
  const given = extraConfig?.kind === "parts" ? extraConfig.parts[part ?? ""] : extraConfig;
  if (given === undefined) {
    return;
  }
  const problem = report.context.pythonProblem?.(Buffer.from(base64, "base64").toString());
  if (problem === undefined) {
    return;
  }
  const place: Path = ["hub", "extraConfig", ...(part === undefined ? [] : ["parts", part])];
  const path = [...place, given.kind === "file" ? "path" : "text"];
  report.refuse(path, words`Python without syntax errors`, {
    got: report.value(path, problem),
    fix:
      given.kind === "file"
        ? words`Correct ${report.value(path, given.path)}.`
        : words`Correct it in the stack file.`,
  });
}

function warn({ metrics, image }: Hub, report: Report): void {
  if (metrics === "public") {
    report.warn(
      words`${report.key(["hub", "metrics"])} is public: everybody who can reach the hub sees how many people use it, and when.`,
    );
  }
  image.packages.forEach((name, index) => {
    if (name.includes("==")) {
      return;
    }
    const path = ["hub", "image", "packages", index];
    report.warn(
      words`${report.key(path)}: ${report.value(path)} has no version: which one is installed depends on when the image is built. Add one with ==.`,
    );
  });
}
