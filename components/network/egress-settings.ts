/** Port of the egress proxy on the notebooks' network. */
export const EGRESS_PORT = 3128;

/** Name of the egress proxy on the notebooks' network. */
export const EGRESS_ALIAS = "egress";

/** A host that may be reached. */
export interface EgressRule {
  /** Host name, or `*.example.org` for all names under it. */
  readonly host: string;
  readonly ports: readonly number[];
  /** Groups whose members may; undefined for everybody. */
  readonly groups?: readonly string[] | undefined;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The egress proxy's settings: `images/hub/jupyterhub_on_docker/egress/settings.py` reads the same shape. */
export function renderEgress(allow: readonly EgressRule[]): string {
  const rules = allow.map(({ host, ports, groups }) => ({
    host,
    ports: [...ports].sort((a, b) => a - b),
    groups: groups === undefined ? null : [...groups].sort(),
  }));
  return JSON.stringify({
    version: 1,
    listen: `0.0.0.0:${EGRESS_PORT}`,
    // The order means nothing, and must not replace a container.
    allow: rules.sort((a, b) => byText(JSON.stringify(a), JSON.stringify(b))),
  });
}
