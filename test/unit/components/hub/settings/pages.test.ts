import assert from "node:assert/strict";

import { hubUploads, renderPages } from "../../../../../components/hub/settings/pages";

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
