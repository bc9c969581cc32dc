/** What closes notebook servers in. */
export interface Lockdown {
  /** Name servers in place of the Docker host's, so that no name is asked outside. */
  readonly dns: readonly string[];
  /** The proxy that is the way out, where there is one; the secret `egress_key` belongs to it. */
  readonly egress?: { readonly host: string; readonly port: number };
}

export function renderLockdown(lockdown: Lockdown | undefined): Record<string, unknown> {
  if (lockdown === undefined) return {};
  return { lockdown: { dns: lockdown.dns, egress: lockdown.egress ?? null } };
}
