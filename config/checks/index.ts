/** What cannot be said of one value alone: checks over several keys, and of the files that values name. */
import type { ParseContext } from "../context";
import { describeValue } from "../errors";
import { keys } from "../schema";
import { checkAuth } from "./auth";
import { checkBackup } from "./backup";
import { checkDatabase } from "./database";
import { checkDockerHost, checkDockerTls } from "./docker";
import { checkEdge } from "./edge";
import { checkEnvironment } from "./environment";
import { checkGroups } from "./groups";
import { checkHub } from "./hub";
import { checkImageTags, checkNotebookImages } from "./images";
import { checkLimits } from "./limits";
import { checkLogging } from "./logging";
import { checkNetworks } from "./networks";
import { checkJupyterlab, checkProfiles } from "./notebook";
import { checkReach } from "./reach";
import { type Check, Report, type Values } from "./report";
import { checkServers } from "./servers";
import { checkStorage } from "./storage";
import { checkSwarm } from "./swarm";
import { checkTls } from "./tls";
import { own, words } from "./words";

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
  checkLimits,
  checkEnvironment,
  checkLogging,
  checkDockerHost,
  checkServers,
  checkHub,
  checkDockerTls,
  checkDatabase,
  checkBackup,
  checkStorage,
  checkGroups,
  checkReach,
  checkNetworks,
  checkSwarm,
];

export function checkValues(values: Values, context: ParseContext): Report {
  const report = new Report(context, values);
  for (const check of CHECKS) {
    check(values, report);
  }
  return report;
}

function checkName(values: Values, report: Report): void {
  if (!("name" in values)) {
    return;
  }
  const { project, stack } = report.context;
  const name = values.name ?? `${project}-${stack}`;
  if (keys.name.safeParse(name).success) {
    report.derive({ name });
    return;
  }
  report.refuse(["name"], own(keys.name.meta()?.expected ?? ""), {
    got: words`nothing, and ${own(describeValue(name))} (from the stack's name) is not a valid name`,
  });
}

function checkPorts({ ports }: Values, report: Report): void {
  if (ports?.http !== ports?.https || !ports) {
    return;
  }
  const path = ["ports", "http"];
  report.refuse(path, words`a port other than that of https`, {
    got: words`${report.value(path)} for both`,
    set: report.made(path, ports.https === 80 ? 8080 : 80, 8080),
  });
}
