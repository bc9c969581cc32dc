/** Replays the recorded Check, Diff and preview calls of the real docker plugin: none of them needs an engine. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dockerProvider } from "../../docker/provider";
import type { Log, Props, ResourceDefinition } from "../../lib/serve";
import { type Recorded, recorded } from "./recorded";

const silent: Log = { info: nothing, warn: nothing, error: nothing, status: nothing };
function nothing(): void {
  // A log that nobody reads.
}

const { resources } = dockerProvider();

function resourceOf(call: Recorded): ResourceDefinition {
  const resource = resources[call.request.type];
  assert.ok(resource, `no resource ${call.request.type}`);
  return resource;
}

for (const program of ["single-host", "swarm"] as const) {
  describe(`stand-in docker plugin: recorded ${program} calls`, () => {
    const calls = recorded(program);
    const counts = { Check: 0, Diff: 0, Create: 0, Update: 0 };
    const start = process.cwd();
    const directory = mkdtempSync(join(tmpdir(), "docker-contract-"));

    before(() => {
      mkdirSync(join(directory, "ctx"));
      writeFileSync(join(directory, "ctx/Dockerfile"), "FROM base:trixie\n");
      process.chdir(directory);
    });
    after(() => {
      process.chdir(start);
      rmSync(directory, { recursive: true });
    });

    const title = (call: Recorded): string =>
      `${call.step} ${call.method} ${call.request.urn.split("::").at(-1) ?? ""}`;

    for (const call of calls.filter(({ method }) => method === "Check")) {
      it(title(call), async () => {
        const { urn, news, olds, randomSeed } = call.request as unknown as {
          urn: string;
          news: Props;
          olds: Props;
          randomSeed: string;
        };
        const checked = await resourceOf(call).check({
          urn,
          news,
          olds,
          randomSeed: Buffer.from(randomSeed, "base64"),
        });
        assert.deepEqual(checked.failures ?? [], call.response.failures ?? []);
        const expected = call.response.inputs as Props;
        assert.deepEqual(comparable(checked.inputs), comparable(expected));
        if (isAutoNamed(expected)) {
          const { name } = checked.inputs;
          if (olds.name === undefined) {
            assert.match(name as string, /^[sc]-[0-9a-f]{7}$/);
          } else {
            assert.equal(name, olds.name);
          }
        }
        counts.Check++;
      });
    }

    for (const call of calls.filter(({ method }) => method === "Diff")) {
      it(title(call), async () => {
        const { id, urn, olds, oldInputs, news } = call.request as unknown as {
          id: string;
          urn: string;
          olds: Props;
          oldInputs: Props;
          news: Props;
        };
        const { changes, replaces, deleteBeforeReplace, detailedDiff, diffs, stables } = await resourceOf(
          call,
        ).diff({
          id,
          urn,
          olds,
          oldInputs,
          news,
          ignoreChanges: [],
        });
        const expected = call.response as Props & { stables?: string[] };
        assert.deepEqual(
          {
            changes,
            replaces: replaces ?? [],
            deleteBeforeReplace: deleteBeforeReplace ?? false,
            detailedDiff: detailedDiff ?? {},
            diffs: diffs ?? [],
            stables: stables ?? [],
          },
          {
            changes: expected.changes,
            replaces: expected.replaces ?? [],
            deleteBeforeReplace: expected.deleteBeforeReplace ?? false,
            detailedDiff: expected.detailedDiff ?? {},
            diffs: expected.diffs ?? [],
            stables: (expected.stables ?? []).sort(),
          },
        );
        counts.Diff++;
      });
    }

    for (const call of calls.filter(
      ({ method, request }) => method === "Create" && request.preview === true,
    )) {
      it(`${title(call)} (preview)`, async () => {
        const { urn, properties } = call.request as unknown as { urn: string; properties: Props };
        const { outputs } = await resourceOf(call).create({
          urn,
          inputs: properties,
          preview: true,
          log: silent,
          signal: new AbortController().signal,
        });
        assert.deepEqual(outputs, call.response.properties);
        counts.Create++;
      });
    }

    after(() => {
      assert.ok(
        counts.Check > 0 && counts.Diff > 0 && counts.Create > 0,
        `replayed: ${JSON.stringify(counts)}`,
      );
    });
  });
}

const isAutoNamed = (inputs: Props): boolean =>
  (inputs.__defaults as string[] | undefined)?.includes("name") === true;

/** Generated names are compared by their form; the recorded build context is not at hand, so its digest is not compared. */
function comparable(inputs: Props): Props {
  const build = inputs.build as Props | undefined;
  return {
    ...inputs,
    ...(isAutoNamed(inputs) ? { name: "" } : {}),
    ...(build === undefined ? {} : { build: { ...build, contextDigest: "" } }),
  };
}
