/** `hub`: scopes that exist, services that are there, Python that can be read, files that are there. */
import {
  type ConfigError,
  type Path,
  describeValue,
  formatKey,
  nearest,
  removeCommand,
  setCommand,
} from "../errors";
import { readHubFiles } from "../hub-files";
import type { ParseContext } from "../context";
import SCOPES from "../scopes.json";
import { show, type CheckResult, type Values } from "./check";

/** Names that the hub's own services have. */
const OWN_SERVICES = ["idle-culler"];

export function checkHub({ hub }: Values, context: ParseContext): Partial<CheckResult> {
  if (!hub) return {};
  const files = readHubFiles(hub, context);
  const errors = [
    ...checkScopes(hub, context),
    ...checkRoles(hub, context),
    ...checkServices(hub, context),
    ...files.errors,
    ...checkPython(hub, files.files.find(({ place }) => place === "extra-config")?.base64, context),
  ];
  return { errors, warnings: warningsOf(hub, context), derived: { hubFiles: files.files } };
}

type Hub = NonNullable<Values["hub"]>;

/** JupyterHub does not start with a scope that it does not know. */
function checkScopes({ roles, services }: Hub, context: ParseContext): ConfigError[] {
  const lists: [Path, readonly string[]][] = [
    ...Object.entries(roles).map(([name, { scopes }]): [Path, readonly string[]] => [
      ["hub", "roles", name, "scopes"],
      scopes,
    ]),
    ...Object.entries(services).map(([name, { scopes }]): [Path, readonly string[]] => [
      ["hub", "services", name, "scopes"],
      scopes,
    ]),
  ];
  return lists.flatMap(([path, scopes]) =>
    scopes.flatMap((scope, index) => {
      const [name = "", filter] = scope.split("!");
      // What an extra configuration defines begins so.
      if (name.startsWith("custom:")) return [];
      const place = [...path, index];
      const error = {
        key: formatKey(context.project, place),
        got: show(context, "hub", describeValue(scope)),
      };
      if (!SCOPES.includes(name)) {
        const similar = nearest(name, SCOPES);
        const expected = `a scope of JupyterHub${similar === undefined ? "" : `, as ${similar}`}`;
        const fix = `Set it with: ${setCommand(context.project, place, similar ?? "list:users")}`;
        return [{ ...error, expected, fix }];
      }
      if (filter !== undefined && !/^((user|service|group|server)=.+|user|service|server)$/.test(filter)) {
        const expected = "a filter that is one of !user=, !group=, !service=, !server=";
        return [{ ...error, expected, fix: `Set it with: ${setCommand(context.project, place, name)}` }];
      }
      return [];
    }),
  );
}

function checkRoles({ roles, services }: Hub, context: ParseContext): ConfigError[] {
  const errors: ConfigError[] = [];
  const admin = roles["admin"];
  if (admin && admin.scopes.length > 0) {
    const path = ["hub", "roles", "admin", "scopes"];
    errors.push({
      key: formatKey(context.project, path),
      expected: "no scopes: JupyterHub's admin role cannot be changed",
      got: show(context, "hub", "a list"),
      fix: `Use another role. Remove it with: ${removeCommand(context.project, path)}`,
    });
  }
  for (const [name, role] of Object.entries(roles)) {
    if (name.startsWith("service-")) {
      const path = ["hub", "roles", name];
      errors.push({
        key: formatKey(context.project, path),
        expected: "another name: those that begin with service- are the roles of services",
        got: show(context, "hub", describeValue(name)),
        fix: `Rename it. Remove it with: ${removeCommand(context.project, path)}`,
      });
    }
    role.services.forEach((service, index) => {
      if (Object.hasOwn(services, service)) return;
      const path = ["hub", "roles", name, "services", index];
      const known = Object.keys(services);
      errors.push({
        key: formatKey(context.project, path),
        expected:
          known.length > 0 ? `a service of hub.services (${known.join(", ")})` : "a service of hub.services",
        got: show(context, "hub", describeValue(service)),
        fix: `Remove it with: ${removeCommand(context.project, path)}`,
      });
    });
  }
  return errors;
}

function checkServices({ services }: Hub, context: ParseContext): ConfigError[] {
  return Object.entries(services).flatMap(([name, { command, environment, secrets }]) => {
    const path = ["hub", "services", name];
    const error = { key: formatKey(context.project, path), got: show(context, "hub", describeValue(name)) };
    const fix = `Remove it with: ${removeCommand(context.project, path)}`;
    if (OWN_SERVICES.includes(name)) {
      return [{ ...error, expected: "another name: the hub has a service with this one", fix }];
    }
    const variables = [...Object.keys(environment), ...Object.keys(secrets)];
    if (command === undefined && variables.length > 0) {
      const wrong = [...path, Object.keys(environment).length > 0 ? "environment" : "secrets"];
      return [
        {
          key: formatKey(context.project, wrong),
          expected: "a command beside it: what the hub does not start gets no variables",
          got: "none",
          fix: `Remove it with: ${removeCommand(context.project, wrong)}`,
        },
      ];
    }
    return [];
  });
}

function checkPython({ extraConfig }: Hub, base64: string | undefined, context: ParseContext): ConfigError[] {
  if (!extraConfig || base64 === undefined) return [];
  const problem = context.pythonProblem?.(Buffer.from(base64, "base64").toString());
  if (problem === undefined) return [];
  const path = ["hub", "extraConfig", extraConfig.kind === "file" ? "path" : "text"];
  return [
    {
      key: formatKey(context.project, path),
      expected: "Python without syntax errors",
      got: show(context, "hub", problem),
      fix: extraConfig.kind === "file" ? `Correct ${extraConfig.path}.` : "Correct it in the stack's file.",
    },
  ];
}

function warningsOf({ metrics, image }: Hub, { project }: ParseContext): string[] {
  return [
    ...(metrics === "public"
      ? [
          `${formatKey(project, ["hub", "metrics"])} is public: everybody who reaches the hub sees how many people use ` +
            "it, and when.",
        ]
      : []),
    ...image.packages.flatMap((name, index) =>
      name.includes("==")
        ? []
        : [
            `${formatKey(project, ["hub", "image", "packages", index])}: ${describeValue(name)} names no version: which ` +
              "one is installed depends on when the image is built. Name one with ==.",
          ],
    ),
  ];
}
