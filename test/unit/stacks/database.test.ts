import assert from "node:assert/strict";

import type { DatabaseConfig, HubConfig } from "../../../config";
import { hubDatabase } from "../../../stacks/database";
import { run } from "../components/harness";

const make = (database: DatabaseConfig, retain = true) =>
  run(() =>
    hubDatabase({
      config: {
        name: "jh",
        database,
        storage: { retain },
        logging: { maxSize: "10m", maxFiles: 3 },
      } as unknown as HubConfig,
      platform: "linux/amd64",
      network: "ctl",
      opts: {},
    }),
  );

describe("the hub's database", () => {
  const postgres = {
    kind: "postgres",
    image: "postgres:17.11-trixie",
    memory: 256 * 1024 ** 2,
    moveFrom: "sqlite",
  } as const;

  it("PostgreSQL: a container, a volume that is kept as the hub's is, and what the hub has to know", async () => {
    for (const retain of [true, false]) {
      const { result, find, inputs } = await make(postgres, retain);
      assert.equal(inputs("database-data-volume")["name"], "jh-database-data");
      assert.equal(find("database-data-volume").options.retainOnDelete, retain);
      assert.deepEqual(inputs("database-container")["volumes"], [
        { volumeName: "jh-database-data", containerPath: "/var/lib/postgresql/data" },
      ]);
      assert.deepEqual(result.connection, {
        host: "database",
        port: 5432,
        name: "jupyterhub",
        user: "jupyterhub",
      });
      assert.deepEqual(Object.keys(result.secrets), ["database_password"]);
      assert.equal(result.dependsOn.length, 1);
    }
  });

  it("somebody else's: no resource, and the authority as a file where there is one", async () => {
    const url = { kind: "url", url: "database_url", moveFrom: "nothing" } as const;
    const { result, registrations } = await make(url);
    assert.deepEqual(
      registrations.map(({ type }) => type),
      ["pulumi:pulumi:Stack"],
    );
    assert.deepEqual(result, { secrets: {}, dependsOn: [] });
    const withCa = await make({ ...url, ca: "ca.pem", caPem: "PEM" });
    assert.deepEqual(withCa.result.secrets, { database_ca: "PEM" });
  });
});
