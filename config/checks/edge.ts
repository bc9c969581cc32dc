/** The names of the hub, and what the edge needs to be true of them. */
import { isIP } from "node:net";
import { type ConfigError, formatKey, removeCommand, setCommand } from "../errors";
import type { ParseContext } from "../context";
import type { CheckResult, Values } from "./check";

/** All names that the certificate has to be for, the hub's own first; people's subdomains as a wildcard. */
export function served(domain: string, edge: Values["edge"]): string[] {
  return [
    domain,
    ...(edge?.servedDomains ?? []),
    ...(edge?.redirectedDomains ?? []),
    ...(edge?.userSubdomains === true ? [`*.${domain}`] : []),
  ];
}

export function checkEdge({ domain, edge }: Values, context: ParseContext): Partial<CheckResult> {
  if (domain === undefined || edge === undefined) return {};
  const errors: ConfigError[] = [];
  const seen = new Set([domain]);
  for (const list of ["servedDomains", "redirectedDomains"] as const) {
    edge[list].forEach((name, index) => {
      if (seen.has(name)) {
        const path = ["edge", list, index];
        errors.push({
          key: formatKey(context.project, path),
          expected: "every name once, and not the domain itself",
          got: `"${name}" again`,
          fix: `Remove it with: ${removeCommand(context.project, path)}`,
        });
      }
      seen.add(name);
    });
  }
  if (edge.userSubdomains && isIP(domain) !== 0) {
    errors.push({
      key: formatKey(context.project, ["domain"]),
      expected: "a host name, since people's servers get names below it (edge.userSubdomains)",
      got: `the address ${domain}`,
      fix: `Set it with: ${setCommand(context.project, ["domain"], "hub.example.org")}`,
    });
  }
  return { errors };
}
