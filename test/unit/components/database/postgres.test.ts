import assert from "node:assert/strict";

import { Postgres } from "../../../../components/database/postgres";
import { RULES, serverOptions, START_SCRIPT } from "../../../../components/database/postgres-start";
import { run, urnName, value } from "../harness";
import { service } from "../services";

const prefix = "jupyterhub-test";

describe("Postgres", () => {
  const make = (memory = 256 * 1024 ** 2) =>
    run(
      () =>
        new Postgres("database", {
          prefix,
          imageName: "postgres:17.11-trixie",
          platform: "linux/amd64",
          memory,
          network: "ctl",
          volume: "data",
          logging: { maxSize: "10m", maxFiles: 3 },
        }),
    );

  it("runs unprivileged on the control network alone, and publishes nothing", async () => {
    const { inputs, find } = await make();
    const { uploads, healthcheck, ...rest } = inputs("database-container");
    assert.ok(uploads);
    assert.match((healthcheck as { tests: string[] }).tests[1] ?? "", /^n=0; while pg_isready --quiet /);
    assert.deepEqual(rest, {
      ...service("database"),
      image: "sha256:pulled-database-image",
      entrypoints: ["/bin/bash", "/usr/local/bin/start-database"],
      command: serverOptions(),
      user: "999:999",
      memory: 256,
      memorySwap: 256,
      waitTimeout: 120,
      stopSignal: "SIGINT",
      stopTimeout: 30,
      destroyGraceSeconds: 30,
      networksAdvanced: [{ name: "ctl", aliases: ["database"] }],
      volumes: [{ volumeName: "data", containerPath: "/var/lib/postgresql/data" }],
    });
    const { options, parent } = find("database-container");
    assert.equal(urnName(parent), "database");
    assert.equal(options.deleteBeforeReplace, true);
    assert.deepEqual(options.replaceOnChanges, ["healthcheck"]);
  });

  it("has a password of its own, as a secret file and nowhere else", async () => {
    const { inputs, find, result } = await make();
    assert.deepEqual(find("database-password").inputs, { length: 32, special: false });
    assert.equal(await value(result.password), "password-of-database-password");
    const { uploads, ...rest } = inputs("database-container");
    assert.deepEqual(uploads, [
      { file: "/usr/local/bin/start-database", content: START_SCRIPT, permissions: "0444" },
      { file: "/etc/postgresql/pg_hba.conf", content: RULES, permissions: "0444" },
      {
        file: "/run/secrets/database_password",
        content: { secret: "password-of-database-password" },
        permissions: "0444",
      },
    ]);
    assert.doesNotMatch(JSON.stringify(rest), /password-of/);
    assert.equal(rest["envs"], undefined);
  });

  it("takes its memory in megabytes", async () => {
    assert.equal((await make(512 * 1024 ** 2)).inputs("database-container")["memory"], 512);
  });
});

describe("the start of PostgreSQL", () => {
  it("lets in nobody but the hub, with its password", () => {
    assert.deepEqual(RULES.trim().split("\n"), [
      "local all all trust",
      "host jupyterhub jupyterhub all scram-sha-256",
    ]);
  });
  it("takes the password from its file at each start", () => {
    assert.match(
      START_SCRIPT,
      /ALTER ROLE jupyterhub PASSWORD '\$\(cat \/run\/secrets\/database_password\)'/,
    );
    assert.ok(START_SCRIPT.indexOf("ALTER ROLE") > START_SCRIPT.indexOf("\nfi\n"));
  });
  it("makes a fresh database under another name first", () => {
    assert.match(START_SCRIPT, /initdb -D "\$data\.new"/);
    assert.match(START_SCRIPT, /mv "\$data\.new" "\$data"/);
  });
});
