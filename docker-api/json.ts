/** What a text in JSON says; undefined for one that is none: half a file, say, or another one. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
