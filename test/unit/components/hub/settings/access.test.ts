import assert from "node:assert/strict";

import { renderAccess } from "../../../../../components/hub/settings/access";

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
