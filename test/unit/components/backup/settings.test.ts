import assert from "node:assert/strict";

import { renderBackup } from "../../../../components/backup/settings";
import type { BackupConfig } from "../../../../config";
import { hubConfig } from "../hub-settings";

const BASE = { domain: "hub.example.org", auth: { kind: "shared-password", users: ["alice"] } };

function rendered(values: object, backup: object = {}): Record<string, unknown> {
  const config = hubConfig({ ...BASE, ...values, backup: { to: "/mnt/backup", password: "p", ...backup } });
  assert.ok(config.variant !== "swarm");
  const text = renderBackup({
    prefix: config.name,
    backup: config.backup as BackupConfig,
    storage: config.storage,
    database: config.database,
    connection: { host: "database", port: 5432, name: "jupyterhub", user: "jupyterhub" },
  });
  assert.ok(!text.includes('"p"'), "the password is in it");
  return JSON.parse(text) as Record<string, unknown>;
}

describe("the settings of backups", () => {
  it("name the volumes of people, and no others", () => {
    const found = rendered({ groups: { physics: { members: ["alice"], folder: "read-write" } } });
    assert.deepEqual(found["volumes"], [
      "jupyterhub-test-acme",
      "jupyterhub-test-folder-{folder}",
      "jupyterhub-test-home-{username}",
    ]);
    assert.equal(found["data"], "jupyterhub-test-hub-data");
    assert.equal(found["tree"], null);
    assert.equal(found["repository"], "/srv/repository");
  });

  it("leave out what is read-only, and what a driver has elsewhere", () => {
    const volumes = {
      data: { mountPath: "/data", readOnly: true },
      scratch: { mountPath: "/scratch" },
      far: { mountPath: "/far", driver: "nfs" },
    };
    const homes = { kind: "volume", name: "home-{username}", driver: "nfs" };
    const found = rendered({ storage: { volumes, homes } })["volumes"];
    assert.deepEqual(found, [
      "jupyterhub-test-acme",
      "jupyterhub-test-folder-{folder}",
      "jupyterhub-test-volume-scratch",
    ]);
  });

  it("have a tree of homes as a folder, and the database where it is", () => {
    const tree = rendered({ storage: { homes: { kind: "tree", root: "/srv/homes" } } });
    assert.equal(tree["tree"], "/host/tree");
    assert.deepEqual(tree["database"], {
      kind: "sqlite",
      path: "/host/volumes/jupyterhub-test-hub-data/_data/jupyterhub.sqlite",
    });
    const database = rendered({ database: { kind: "postgres" } })["database"] as Record<string, unknown>;
    assert.equal(database["host"], "database");
    assert.equal(database["moveFrom"], null);
  });

  it("have variables by the names of their secrets, and an address as it is", () => {
    const to = "s3:https://s3.example.org/bucket";
    const found = rendered({}, { to, secrets: { AWS_SECRET_ACCESS_KEY: "hidden" } });
    assert.equal(found["repository"], to);
    assert.deepEqual(found["variables"], { AWS_SECRET_ACCESS_KEY: "backup_secrets_aws_secret_access_key" });
  });
});
