import assert from "node:assert/strict";

import { forPeople } from "../../../../tasks/hub/words";

describe("what a hub said, for people", () => {
  it("has no secrets, and commands that name the stack", () => {
    const said = "database: hunter2hunter2 was refused. See: ./hub logs hub --stack STACK, then ./up STACK";
    assert.equal(
      forPeople(said, ["hunter2hunter2"], JSON.stringify({ hub: { stack: "prod" } })),
      "database: [secret] was refused. See: ./hub logs hub --stack prod, then ./up prod",
    );
  });

  it("stays as it is where its settings do not say of which stack it is", () => {
    for (const settings of [undefined, "{}", '{"hub":{}}', '{"hub":{"stack":7}}']) {
      assert.equal(forPeople("./up STACK", [], settings), "./up STACK");
    }
  });
});
