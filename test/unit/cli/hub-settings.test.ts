import assert from "node:assert/strict";
import { z } from "zod";

import { hubSettings } from "../../../cli/hub-settings";
import { SetupError } from "../../../setup/errors";

const shape = z.object({ database: z.object({ kind: z.string() }) });
const stack = { name: "prod" };

describe("hubSettings", () => {
  it("gives what is asked for", () => {
    const text = '{"database": {"kind": "sqlite", "path": "x"}, "hub": {}}';
    assert.deepEqual(hubSettings(stack, text, shape), { database: { kind: "sqlite" } });
  });

  it("says of any other file that ./up writes it again", () => {
    for (const text of ["", '{"database": ', "null", "[]", "{}", '{"database": {"kind": 1}}']) {
      assert.throws(
        () => hubSettings(stack, text, shape),
        (error: unknown) =>
          error instanceof SetupError &&
          error.message.startsWith(
            "The hub's settings file /etc/jupyterhub/config.json is not as ./up writes it (",
          ) &&
          error.message.endsWith("./up prod"),
      );
    }
  });
});
