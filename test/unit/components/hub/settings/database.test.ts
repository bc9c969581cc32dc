import assert from "node:assert/strict";

import { renderDatabase } from "../../../../../components/hub/settings/database";

const file = "/srv/jupyterhub/jupyterhub.sqlite";
const connection = { host: "database", port: 5432, name: "n", user: "u" };
const postgres = { kind: "postgres", image: "postgres:17", memory: 1 } as const;
const url = { kind: "url", url: "database_url" } as const;

describe("renderDatabase", () => {
  for (const [database, expected] of [
    [{ kind: "sqlite" }, { kind: "sqlite", path: file }],
    [
      { ...postgres, moveFrom: "sqlite" },
      { kind: "postgres", ...connection, moveFrom: file },
    ],
    [
      { ...postgres, moveFrom: "nothing" },
      { kind: "postgres", ...connection, moveFrom: null },
    ],
    [
      { ...url, moveFrom: "sqlite" },
      { kind: "url", ca: null, moveFrom: file },
    ],
    [
      { ...url, ca: "./ca.pem", caPem: "PEM", moveFrom: "nothing" },
      { kind: "url", ca: "/run/secrets/database_ca", moveFrom: null },
    ],
  ] as const) {
    it(`renders ${JSON.stringify(database)}`, () => {
      assert.deepEqual(renderDatabase(database, connection), expected);
    });
  }

  it("does not take a database of the stack's own that was not made", () => {
    assert.throws(
      () => renderDatabase({ ...postgres, moveFrom: "nothing" }, undefined),
      /is made before the hub/,
    );
  });
});
