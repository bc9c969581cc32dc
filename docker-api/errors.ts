/** Errors of the Docker API. */

/** Takes an engine's answers that mean: so it is already, or somebody still uses it. */
export function ignoring(...statuses: number[]): (error: unknown) => undefined {
  return (error) => {
    if (!statuses.includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
    return undefined;
  };
}
