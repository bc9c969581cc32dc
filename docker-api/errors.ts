/** Errors of the Docker API. */

/** The HTTP status of an engine's answer, or undefined where the error is none of an engine. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { statusCode?: number } | null | undefined)?.statusCode;

/** Takes an engine's answers that mean: so it is already, or somebody still uses it. */
export function ignoring(...statuses: number[]): (error: unknown) => undefined {
  return (error) => {
    if (!statuses.includes(statusOf(error) ?? 0)) {
      throw error;
    }
    return undefined;
  };
}

/** The message of whatever was thrown: in the engine's own words where it was an engine. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { json } = error as { json?: { message?: string } | null };
  return json?.message ?? error.message;
}
