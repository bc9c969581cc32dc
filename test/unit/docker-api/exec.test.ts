import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import Docker from "dockerode";

import { runIn } from "../../../docker-api/exec";

/** As the engine sends what a command wrote to its standard output (1) or error (2). */
function piece(to: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(to, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const gone = (): Promise<never> => Promise.reject(Object.assign(new Error("gone"), { statusCode: 404 }));

/** A container that prints, and ends as told. @param after what the engine says of exec and container at the end */
function container(
  pieces: readonly Buffer[],
  after: { readonly exec: () => Promise<unknown>; readonly container: () => Promise<unknown> },
  end = true,
): Docker.Container {
  const stream = new PassThrough();
  pieces.forEach((one) => stream.write(one));
  if (end) {
    stream.end();
  }
  const exec = { start: () => Promise.resolve(stream), inspect: after.exec };
  const fake = { modem: new Docker().modem, exec: () => Promise.resolve(exec), inspect: after.container };
  return fake as unknown as Docker.Container;
}

const running = (): Promise<unknown> => Promise.resolve({ State: { Running: true } });
const ended = (code: number) => (): Promise<unknown> => Promise.resolve({ ExitCode: code });

describe("a command in a container", () => {
  it("gives output and log apart, and the exit code", async () => {
    const made = container([piece(2, "warning\n"), piece(1, "{}"), piece(1, "\n")], {
      exec: ended(3),
      container: running,
    });
    assert.deepEqual(await runIn(made, ["program"], 5), { code: 3, output: "{}\n", log: "warning\n" });
  });

  for (const [what, after] of [
    ["was removed", { exec: gone, container: gone }],
    ["was stopped", { exec: ended(137), container: () => Promise.resolve({ State: { Running: false } }) }],
  ] as const) {
    it(`has no exit code where the container ${what} meanwhile`, async () => {
      assert.equal((await runIn(container([], after), ["program"], 5)).code, null);
    });
  }

  it("does not wait for ever", async () => {
    const never = container([piece(1, "begun")], { exec: ended(0), container: running }, false);
    await assert.rejects(runIn(never, ["program"], 0.05), /^Error: program was not done after 0.05 s$/);
  });

  it("does not keep what has no end", async () => {
    const much = Array.from({ length: 17 }, () => piece(1, "x".repeat(2 ** 20)));
    await assert.rejects(
      runIn(container(much, { exec: ended(0), container: running }), ["program"], 5),
      /^Error: it printed more than 16777216 bytes$/,
    );
  });
});
