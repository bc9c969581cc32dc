import assert from "node:assert/strict";

import { renderDatabase } from "../../../components/hub/settings/database";

const paths = { data: "/srv/jupyterhub", secrets: "/run/secrets" };
const file = "/srv/jupyterhub/jupyterhub.sqlite";
const postgres = { kind: "postgres", host: "database", port: 5432, name: "n", user: "u" } as const;

describe("renderDatabase", () => {
  for (const [settings, expected] of [
    [{ kind: "sqlite" }, { kind: "sqlite", path: file }],
    [
      { ...postgres, moveFromSqlite: true },
      { ...postgres, moveFrom: file },
    ],
    [
      { ...postgres, moveFromSqlite: false },
      { ...postgres, moveFrom: null },
    ],
    [
      { kind: "url", ca: false, moveFromSqlite: true },
      { kind: "url", ca: null, moveFrom: file },
    ],
    [
      { kind: "url", ca: true, moveFromSqlite: false },
      { kind: "url", ca: "/run/secrets/database_ca", moveFrom: null },
    ],
  ] as const) {
    it(`renders ${JSON.stringify(settings)}`, () => {
      assert.deepEqual(renderDatabase(settings, paths), expected);
    });
  }
});
