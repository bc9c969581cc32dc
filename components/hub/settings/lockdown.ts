/** What closes notebook servers in. */
export interface Lockdown {
  /** Name servers in place of the Docker host's, so that no name is asked outside. */
  readonly dns: readonly string[];
  /** The proxy that is the way out, where there is one; the secret `egress_key` belongs to it. */
  readonly egress?: { readonly host: string; readonly port: number } | undefined;
}

/** Without a section where nothing closes servers in. */
export function renderLockdown(lockdown: Lockdown | undefined): {
  readonly lockdown?: Required<Omit<Lockdown, "egress">> & { readonly egress: Lockdown["egress"] | null };
} {
  if (lockdown === undefined) {
    return {};
  }
  return { lockdown: { dns: lockdown.dns, egress: lockdown.egress ?? null } };
}
