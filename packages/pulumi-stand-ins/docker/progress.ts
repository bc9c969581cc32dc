/** What an engine tells of a push or a pull while it goes on. */
import type { Connection } from "./connection";

export interface Progress {
  readonly id?: string;
  readonly status?: string;
  readonly progress?: string;
  /** Why it failed: the engine has answered with 200 by then. */
  readonly error?: string;
  readonly aux?: { readonly Digest?: string };
}

/**
 * Reads the engine's lines to their end.
 *
 * @throws Error `<problem>: <reason>` where a line has an error, or the stream breaks.
 */
export async function follow(
  { docker }: Pick<Connection, "docker">,
  stream: NodeJS.ReadableStream,
  problem: string,
  told: (line: string, event: Progress) => void,
): Promise<void> {
  let failed: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => {
        const reason = error?.message ?? failed;
        if (reason === undefined) {
          resolve();
        } else {
          reject(new Error(`${problem}: ${reason}`, { cause: error ?? undefined }));
        }
      },
      (event: Progress) => {
        failed ??= event.error;
        told([event.id, event.status, event.progress].filter(Boolean).join(" "), event);
      },
    );
  });
}
