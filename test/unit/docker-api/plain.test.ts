import assert from "node:assert/strict";
import { text } from "node:stream/consumers";

import { plain, plainStream } from "../../../docker-api/plain";

describe("text from outside", () => {
  const hostile = "a\u001b[2J\u001b]52;c;b3duZWQ=\u0007b\u009b1mc\u202ed\r\u0000\n\te é王";

  it("has no escape sequences, control characters or marks that turn a line around", () => {
    assert.equal(plain(hostile), "abcd\n\te é王");
  });

  it("has none either where a sequence or a character comes in two pieces", async () => {
    const bytes = Buffer.from(hostile);
    for (let at = 0; at <= bytes.length; at += 1) {
      const stream = plainStream();
      stream.write(bytes.subarray(0, at));
      stream.end(bytes.subarray(at));
      const shown = await text(stream);
      assert.doesNotMatch(shown, /[^\P{C}\n\t]/u);
      assert.match(shown, /é王$/);
    }
  });
});
