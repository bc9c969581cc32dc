/** What `jupyterhub-on-docker try-servers` answers, and what is told of it. Pure. */
import { z } from "zod";

import { program, shellWord } from "../../config/commands";

const answer = z.object({
  version: z.literal(1),
  servers: z.array(
    z.object({
      image: z.string(),
      profiles: z.array(z.string()),
      seconds: z.number(),
      problem: z.string().nullable(),
      log: z.array(z.string()),
    }),
  ),
});

export type TriedServer = z.infer<typeof answer>["servers"][number];

/** @throws Error for an answer of another form */
export function answerOf(said: string): readonly TriedServer[] {
  try {
    return answer.parse(JSON.parse(said)).servers;
  } catch {
    throw new Error(`people's servers could not be tried: the hub answered ${said.trim().slice(0, 200)}`);
  }
}

/** Why there is no answer. @param code null if the hub did not live to the end */
export function whyNot(code: number | null, log: string): string {
  if (code === null) {
    return "the hub was stopped or replaced meanwhile. The next update tries them";
  }
  return (
    log.trim().split("\n").at(-1) || `the hub's program printed nothing and ended with exit code ${code}`
  );
}

/** Why servers do not start; undefined where all do. @param stack for commands */
export function failureOf(servers: readonly TriedServer[], stack: string): string | undefined {
  const failed = servers.filter(({ problem }) => problem !== null);
  if (failed.length === 0) {
    return undefined;
  }
  return [
    ...failed.flatMap(({ profiles, problem, log }) => [
      `People's servers${profiles.length === 0 ? "" : ` (${profiles.join(", ")})`} do not start: ${problem ?? ""}`,
      ...(log.length === 0 ? [] : ["Its last lines:", ...log.map((line) => `  ${line}`.trimEnd())]),
    ]),
    "The hub runs with the new settings, and servers that run go on. Correct the configuration. The next update tries " +
      `it again: ${program("up")} ${shellWord(stack)}`,
  ].join("\n");
}
