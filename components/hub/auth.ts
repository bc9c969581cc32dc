import type { HubSettings } from "./settings";

/** Who may log in, and how. Lists of people are sorted: their order means nothing and must not replace a hub. */
export function renderAuth(auth: HubSettings["auth"]): Record<string, unknown> {
  return { kind: auth.kind, users: [...auth.users].sort(), admins: [...auth.admins].sort() };
}
