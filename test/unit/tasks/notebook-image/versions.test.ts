import assert from "node:assert/strict";

import { noVersion, versionIn, versionProblem } from "../../../../tasks/notebook-image/versions";

describe("JupyterHub's version in what a command prints", () => {
  for (const [output, version] of [
    ["6.1.1\n", "6.1.1"],
    ["[W 2026-11-21 warning]\n6.2.0.dev\n", "6.2.0.dev"],
    ["exec: not found", undefined],
    ["", undefined],
  ] as const) {
    it(JSON.stringify(output), () => {
      assert.equal(versionIn(output), version);
    });
  }
});

describe("versions of hub and notebook image", () => {
  const key = "jupyterhub:notebook.image";

  it("fit with the same major and minor version", () => {
    assert.equal(versionProblem(key, "6.1.1", "6.1.0"), undefined);
    assert.equal(versionProblem(key, "6.1.1", "6.1.2.dev"), undefined);
  });

  it("do not fit otherwise, and the message says what to do", () => {
    assert.equal(
      versionProblem(key, "6.1.1", "5.4.2"),
      "jupyterhub:notebook.image: expected JupyterHub 6.1 (the hub has 6.1.1), got 5.4.2. The hub was left as it is. " +
        "Use an image with jupyterhub==6.1.*, or install that version in it.",
    );
    assert.match(versionProblem(key, "6.1.1", "6.10.1") ?? "", /got 6\.10\.1/);
  });

  it("an image without the command is no notebook image", () => {
    assert.match(
      noVersion(key, "OCI runtime create failed\nexecutable file not found in $PATH"),
      /does not run it \(executable file not found in \$PATH\)/,
    );
  });
});
