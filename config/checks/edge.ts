/** The names of the hub, and what the edge needs to be true of them. */
import { isIP } from "node:net";

import type { Path } from "../errors";
import type { Report, Values } from "./report";
import { words } from "./words";

/** All names that the certificate has to be for, with their keys, the hub's own first; people's subdomains as a wildcard. */
export function served({ domain, edge }: Values): ReadonlyMap<string, Path> {
  if (domain === undefined) {
    return new Map();
  }
  const listed = (["servedDomains", "redirectedDomains"] as const).flatMap((list) =>
    (edge?.[list] ?? []).map((name, index): [string, Path] => [name, ["edge", list, index]]),
  );
  const people: [string, Path][] = edge?.userSubdomains === true ? [[`*.${domain}`, ["domain"]]] : [];
  return new Map<string, Path>([[domain, ["domain"]], ...listed, ...people]);
}

export function checkEdge({ domain, edge }: Values, report: Report): void {
  if (domain === undefined || edge === undefined) {
    return;
  }
  const seen = new Set([domain]);
  for (const list of ["servedDomains", "redirectedDomains"] as const) {
    edge[list].forEach((name, index) => {
      if (seen.has(name)) {
        const path = ["edge", list, index];
        report.refuse(path, words`every name once, and not the domain itself`, {
          got: words`${report.value(path)} again`,
          remove: true,
        });
      }
      seen.add(name);
    });
  }
  if (edge.userSubdomains && isIP(domain) !== 0) {
    report.refuse(
      ["domain"],
      words`a host name, since people's servers get names below it (edge.userSubdomains)`,
      { got: words`the address ${report.value(["domain"], domain)}` },
    );
  }
}
