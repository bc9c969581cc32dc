import assert from "node:assert/strict";

import { express } from "../../../../cli/adopt/keys";
import { configPath, type OldHub } from "../../../../cli/adopt/read-config";

const hub = (config: OldHub["config"], users: [string, boolean][] = []): OldHub => ({
  version: "5.4.6",
  config,
  database: { kind: "sqlite", file: "/data/jupyterhub.sqlite", schema: "x", users, problem: null },
  cookieSecretFile: null,
});
const host = (...volumes: string[]) => ({ volumes, ports: [] });

describe("the keys of a hub that is adopted", () => {
  it("name the homes that are there, and only people's", () => {
    const old = hub({ DockerSpawner: { volumes: { "{username}": "/home/jovyan/work" } } }, [
      ["alice", false],
      ["bob.b", false],
      ["carol", false],
    ]);
    const { keys, homes } = express(old, host("alice", "bob-2eb", "postgres", "data"), "jupyterhub-dev");
    assert.deepEqual(keys["storage"], {
      homes: {
        kind: "volume",
        name: "{username}",
        takenOver: ["alice", "bob.b"],
        mountPath: "/home/jovyan/work",
      },
    });
    assert.deepEqual(homes, { alice: "alice", "bob.b": "bob-2eb" });
  });

  it("have folders of the host as volumes, and other volumes beside them", () => {
    const volumes = {
      "/srv/homes/{raw_username}": { bind: "/home/jovyan", mode: "rw" },
      "Data Sets": { bind: "/data", mode: "ro" },
      "/etc/ssl": "/etc/ssl",
    };
    const { keys, left } = express(hub({ SystemUserSpawner: { volumes } }, [["alice", false]]), host(), "p");
    assert.deepEqual(keys["storage"], {
      homes: {
        kind: "volume",
        name: "p.old-{username}",
        options: { type: "none", o: "bind", device: "/srv/homes/{username}" },
        mountPath: "/home/jovyan",
      },
      volumes: { "data-sets": { name: "Data Sets", mountPath: "/data", readOnly: true } },
    });
    assert.ok(left.some((line) => line.startsWith("The mount of /etc/ssl at /etc/ssl")));
  });

  it("have a login that there is, its secret to be set, and one instead of others", () => {
    const github = {
      JupyterHub: { authenticator_class: "oauthenticator.github.GitHubOAuthenticator" },
      GitHubOAuthenticator: {
        client_id: "4ff1c8",
        client_secret: null,
        oauth_callback_url: "https://hub.example.org/hub/oauth_callback",
      },
      Authenticator: { allowed_users: ["bob", "root"], admin_users: ["root"] },
    };
    const found = express(hub(github), host(), "p");
    assert.deepEqual(found.keys["auth"], {
      kind: "github",
      clientId: "4ff1c8",
      users: ["bob"],
      admins: ["root"],
      allowExistingUsers: true,
    });
    assert.deepEqual(found.secrets, ["auth.clientSecret"]);
    assert.equal(found.keys["domain"], "hub.example.org");
    const dummy = express(
      hub({ JupyterHub: { authenticator_class: "dummy" } }, [["eve", true]]),
      host(),
      "p",
    );
    assert.deepEqual(dummy.keys["auth"], { kind: "shared-password", users: [], admins: ["eve"] });
    assert.ok(dummy.left.some((line) => line.startsWith("The login dummy")));
  });

  it("name what none was written for, and nothing of its value", () => {
    const { left } = express(
      hub({ DockerSpawner: { environment: null, mem_limit: "lots" }, JupyterHub: { services: [] } }),
      host(),
      "p",
    );
    assert.ok(left.some((line) => line.startsWith("c.DockerSpawner.environment:")));
    assert.ok(left.some((line) => line.startsWith("c.JupyterHub.services:")));
    assert.ok(left.some((line) => line.startsWith("The memory limit lots")));
  });
});

describe("the configuration of a hub's container", () => {
  for (const [command, folder, path] of [
    [["jupyterhub", "-f", "/srv/c.py"], "/srv/jupyterhub", "/srv/c.py"],
    [["jupyterhub", "--config=own.py"], "/srv/jupyterhub", "/srv/jupyterhub/own.py"],
    [["sh", "-c", "exec jupyterhub --config /etc/jupyterhub/c.py"], "", "/etc/jupyterhub/c.py"],
    [["jupyterhub"], "/srv/jupyterhub", "/srv/jupyterhub/jupyterhub_config.py"],
  ] as const) {
    it(`is ${path} for ${command.join(" ")}`, () => {
      assert.equal(configPath(command, folder), path);
    });
  }
});
