/** A value of the hub's file for one of the configuration: null where that says nothing. */
type Said<T> = undefined extends T ? Exclude<T, undefined> | null : T;

/** A section of the hub's file. */
export type Section<T, K extends keyof T> = { readonly [Name in K]: Said<T[Name]> } & Omit<T, K>;

/**
 * A section of the hub's file: keys whose place is known in this order, null where nothing is said; then all others. So a key
 * that is new in the schema reaches the hub with no code that names it. The order is that of the files that hubs have: another
 * one would be another file, and another hub.
 */
export function section<T extends object, K extends keyof T>(order: readonly K[], values: T): Section<T, K> {
  const known = order.map((name) => [name, values[name] ?? null]);
  return { ...(Object.fromEntries(known) as object), ...defined(values) } as Section<T, K>;
}

/** Without what is undefined, which would take the place of a null. */
function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
