/**
 * Makes recordings of the log that Pulumi writes of its calls (PULUMI_DEBUG_GRPC): one line for each call of one plugin.
 *
 *     npx tsx packages/pulumi-stand-ins/test/record.ts LOG PLUGIN [STEP]
 *
 * PLUGIN is `docker`, `command`, `random` or `nodejs`. STEP is what happened (`1-preview`, `2-up`): the tests of docker
 * name calls by it. Secrets are in the log, and stay in the recording.
 */
import { readFileSync } from "node:fs";

import type { JsonObject } from "../lib/marshal";

/** A line of the log. */
interface Logged {
  method: string;
  request: JsonObject;
  response?: JsonObject;
  errors?: string[];
  metadata?: { kind?: string; name?: string; mode?: string };
  progress?: string;
}

/** The calls of a plugin, in the form that the tests read. */
export function recordings(log: string, plugin: string, step?: string): string[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Logged)
    .filter(({ metadata = {}, progress }) => {
      const name = metadata.kind === "language" ? "nodejs" : metadata.name;
      // Calls are in the log twice: as they are sent, and with their answer.
      return name === plugin && progress !== "request_started";
    })
    .map(({ method, request, response, errors }) =>
      JSON.stringify({
        ...(step !== undefined && { step }),
        method: method.split("/").at(-1),
        request,
        ...(response !== undefined && { response }),
        ...(errors !== undefined && { errors }),
      }),
    );
}

if (require.main === module) {
  const [log, plugin, step] = process.argv.slice(2);
  if (log === undefined || plugin === undefined) {
    process.stderr.write("usage: npx tsx packages/pulumi-stand-ins/test/record.ts LOG PLUGIN [STEP]\n");
    process.exit(2);
  }
  for (const line of recordings(readFileSync(log, "utf8"), plugin, step)) {
    process.stdout.write(`${line}\n`);
  }
}
