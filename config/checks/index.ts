/** What cannot be said of one value alone: checks over several keys, and of the files that values name. */
import { describeValue, formatKey, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { keys } from "../schema";
import { checkAuth } from "./auth";
import { show, type Check, type CheckResult, type Values } from "./check";
import { checkDatabase } from "./database";
import { checkDockerHost, checkDockerTls } from "./docker";
import { checkEdge } from "./edge";
import { checkGroups } from "./groups";
import { checkHub } from "./hub";
import { checkImageTags, checkNotebookImages } from "./images";
import { checkJupyterlab, checkProfiles } from "./notebook";
import { checkServers } from "./servers";
import { checkNetworks } from "./networks";
import { checkReach } from "./reach";
import { checkStorage } from "./storage";
import { checkSwarm } from "./swarm";
import { checkTls } from "./tls";

const CHECKS: readonly Check[] = [
  checkName,
  checkPorts,
  checkAuth,
  checkTls,
  checkNotebookImages,
  checkEdge,
  checkImageTags,
  checkProfiles,
  checkJupyterlab,
  checkDockerHost,
  checkServers,
  checkHub,
  checkDockerTls,
  checkDatabase,
  checkStorage,
  checkGroups,
  checkReach,
  checkNetworks,
  checkSwarm,
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
