import assert from "node:assert/strict";

import { renderAccess } from "../../../../../components/hub/settings/access";
import { hubUploads, renderPages } from "../../../../../components/hub/settings/pages";
import { renderServers } from "../../../../../components/hub/settings/servers";
import type { ServersConfig } from "../../../../../config";
import { hubConfig } from "../../hub-settings";

describe("renderServers", () => {
  const { servers } = hubConfig();
  const idle = (values: Partial<ServersConfig["idle"]>) =>
    renderServers({ ...servers, idle: { ...servers.idle, ...values } }).idle;

  it("has no culler where no server is ever stopped", () => {
    assert.equal(idle({}), null);
    assert.equal(idle({ exceptions: [{ kind: "group", name: "a", timeout: null }] }), null);
  });

  it("looks at half of the shortest time, at most every 10 minutes", () => {
    const every = (values: Partial<ServersConfig["idle"]>) => idle(values)?.checkInterval;
    assert.equal(every({ timeout: 3600 }), 600);
    assert.equal(every({ timeout: 600 }), 300);
    assert.equal(every({ timeout: 1 }), 1);
    assert.equal(every({ timeout: 3600, exceptions: [{ kind: "profile", name: "a", maxAge: 60 }] }), 30);
    assert.equal(every({ timeout: 3600, checkInterval: 7 }), 7);
  });

  it("gives exceptions what they leave out, and sorts them", () => {
    const exceptions = [
      { kind: "profile", name: "gpu", timeout: 60 },
      { kind: "group", name: "research", maxAge: null },
    ] as const;
    assert.deepEqual(idle({ timeout: 600, maxAge: 900, exceptions })?.exceptions, [
      { kind: "group", name: "research", timeout: 600, maxAge: null },
      { kind: "profile", name: "gpu", timeout: 60, maxAge: 900 },
    ]);
  });
});

describe("renderAccess", () => {
  const service = { scopes: [], environment: {}, secrets: {}, display: true, oauthNoConfirm: false };

  it("is the same whatever order it is written in", () => {
    const role = {
      description: "",
      users: ["b", "a"],
      groups: [],
      services: [],
      scopes: ["list:users", "self"],
    };
    const other = { ...role, users: ["a", "b"], scopes: ["self", "list:users"] };
    assert.deepEqual(
      renderAccess({ roles: { x: role, y: role }, services: {} }),
      renderAccess({ roles: { y: other, x: other }, services: {} }),
    );
  });

  it("names the token's secret, given or generated", () => {
    assert.deepEqual(renderAccess({ roles: {}, services: { "my-report": service } }).services, [
      {
        name: "my-report",
        token: "hub_services_my_report_token",
        scopes: [],
        url: null,
        command: null,
        environment: {},
        secrets: {},
        display: true,
        oauthRedirectUri: null,
        oauthNoConfirm: false,
      },
    ]);
  });
});

describe("the hub's pages", () => {
  const files = [
    { place: "templates", name: "a/b.html", base64: "QQ==" },
    { place: "static", name: "own.css", base64: "Qg==" },
    { place: "logo", name: "logo.svg", base64: "Qw==" },
    { place: "extra-config", name: "extra_config.py", base64: "RA==" },
  ] as const;

  it("have their files where the hub looks for them", () => {
    assert.deepEqual(hubUploads(files), [
      { path: "/etc/jupyterhub/templates/a/b.html", base64: "QQ==" },
      { path: "/opt/venv/share/jupyterhub/static/external/own.css", base64: "Qg==" },
      { path: "/etc/jupyterhub/logo.svg", base64: "Qw==" },
      { path: "/etc/jupyterhub/extra_config.py", base64: "RA==" },
    ]);
    assert.deepEqual(renderPages({ all: "Hi" }, files), {
      announcement: { all: "Hi", login: null, home: null, spawn: null, logout: null },
      logo: "/etc/jupyterhub/logo.svg",
      templates: "/etc/jupyterhub/templates",
    });
  });
});
