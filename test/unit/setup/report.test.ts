import assert from "node:assert/strict";

import { volumesOf } from "../../../setup/kept-volumes";
import { renderLeft, renderReport } from "../../../setup/report";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:a:b",
};

describe("the end of ./up", () => {
  it("says where the hub is and how to get in", () => {
    const outputs = {
      url: "https://localhost:8443/",
      users: ["alice", "bob"],
      admins: ["admin"],
      userPassword: secret,
      adminPassword: secret,
      caCertificate: "-----BEGIN CERTIFICATE-----",
    };
    assert.deepEqual(renderReport({ stack: "dev", meant: "dev", outputs }), [
      "JupyterHub is up:  https://localhost:8443",
      "                   Users: alice, bob        Admins: admin",
      "Users' password:   ./hub pulumi stack output userPassword --show-secrets",
      "Admins' password:  ./hub pulumi stack output adminPassword --show-secrets",
      "The certificate is self-signed, so browsers warn. Its authority, to import into a browser:",
      "                   ./hub pulumi stack output caCertificate",
    ]);
  });

  it("does not say that it is up where something could not be looked at", () => {
    const outputs = { url: "https://hub.example.org/" };
    assert.deepEqual(
      renderReport({ stack: "dev", meant: "dev", outputs, unmade: ["login page and API: out of reach"] }),
      ["JupyterHub is at:  https://hub.example.org", "Not checked:       login page and API: out of reach."],
    );
  });

  const report = (outputs: Record<string, unknown>) =>
    renderReport({
      stack: "dev",
      meant: "dev",
      outputs: { url: "https://hub.example.org/", ...outputs },
    }).slice(1);

  it("has no passwords where a service has them, but the address to register there", () => {
    const callbackUrl = "https://hub.example.org/hub/oauth_callback";
    assert.deepEqual(report({ login: "github", users: [], admins: ["ann"], callbackUrl }), [
      "                   Admins: ann",
      "Log in:            with GitHub.",
      `Callback address:  ${callbackUrl}`,
    ]);
  });

  it("says what is special about other kinds", () => {
    const signUpUrl = "https://hub.example.org/hub/signup";
    assert.deepEqual(
      report({ login: "native", users: [], admins: ["root"], signUpUrl, adminPassword: secret }),
      [
        "                   Admins: root",
        "Log in:            with an account on the hub. Sign up, then an administrator approves it:",
        `                   ${signUpUrl}`,
        "Admins' password:  ./hub pulumi stack output adminPassword --show-secrets  (temporary: change it at hub/change-password)",
      ],
    );
    assert.deepEqual(report({ login: "anonymous" }), [
      "Log in:            not needed: everybody who opens the address gets a temporary server.",
    ]);
    const [loginUrl, callbackUrl, toolConfigurationUrl] = ["https://a", "https://b", "https://c"];
    assert.deepEqual(
      report({ login: "lti13", users: [], admins: [], loginUrl, callbackUrl, toolConfigurationUrl }),
      [
        "Log in:            from the learning platform.",
        "Login address:     https://a",
        "Callback address:  https://b",
        "Tool's settings:   https://c",
      ],
    );
  });

  it("never shows what is secret, and nothing that is not so", () => {
    const lines = renderReport({
      stack: "prod",
      meant: undefined,
      outputs: { url: "https://hub.example.org", users: secret, adminPassword: secret, caCertificate: null },
    });
    assert.deepEqual(lines, [
      "JupyterHub is up:  https://hub.example.org",
      "Admins' password:  ./hub pulumi stack output adminPassword --show-secrets --stack prod",
    ]);
    assert.deepEqual(renderReport({ stack: "dev", meant: "dev", outputs: {} }), []);
  });

  it("shows the first of many names", () => {
    const users = Array.from({ length: 1000 }, (_, i) => `u${i}`);
    const [, people] = renderReport({
      stack: "dev",
      meant: "dev",
      outputs: { url: "https://a", users, admins: [] },
    });
    assert.match(people ?? "", /Users: u0, .*u11 and 988 more {8}Admins: none$/);
  });

  it("names the stack where ./hub would take another, or ask", () => {
    const outputs = { url: "https://a", userPassword: secret };
    const command = (meant: string | undefined) => renderReport({ stack: "prod", meant, outputs })[1];
    const plain = "Users' password:   ./hub pulumi stack output userPassword --show-secrets";
    assert.deepEqual(
      [command("prod"), command("dev"), command(undefined)],
      [plain, `${plain} --stack prod`, `${plain} --stack prod`],
    );
  });
});

describe("the end of ./up --destroy", () => {
  it("names what was kept and how to delete it", () => {
    const left = { stack: "prod", volumes: ["p-home-a", "p-hub-data"], images: 3, isEmpty: true };
    const [kept, removal, images, state] = renderLeft(left);
    assert.equal(kept, "Volumes with data were kept (./up prod uses them again): p-home-a, p-hub-data");
    assert.equal(
      removal,
      "To delete them with their data, permanently: ./hub objects remove --data --stack prod",
    );
    assert.match(images ?? "", /faster: 3\. To delete them: \.\/hub objects remove --stack prod$/);
    assert.match(
      state ?? "",
      /Pulumi\.prod\.yaml, as .*: \.\/hub pulumi stack rm --yes --preserve-config --stack prod$/,
    );
    const [, both, ...others] = renderLeft({ ...left, stack: "dev", isEmpty: false });
    assert.match(
      both ?? "",
      /: \.\/up --destroy --ignore-protect && \.\/hub objects remove --data --stack dev$/,
    );
    assert.deepEqual(others, []);
    assert.deepEqual(renderLeft({ stack: "dev", volumes: [], images: 0, isEmpty: false }), []);
    // Hundreds of homes are counted.
    const many = Array.from({ length: 300 }, (_, at) => `p-home-${at}`);
    assert.equal(
      renderLeft({ ...left, volumes: many })[0],
      "Volumes with data were kept (./up prod uses them again): 300 of them",
    );
  });

  it("never names a volume of another stack", () => {
    const label = (stack: string): Record<string, string> => ({ "org.jupyterhub.stack": stack });
    const volumes = [
      { Name: "hub-dev-data", Labels: label("hub-dev") },
      { Name: "hub-dev-home-ada", Labels: null },
      { Name: "hub-dev-2-data", Labels: label("hub-dev-2") },
      { Name: "hub-dev-home-of-other", Labels: label("other") },
      { Name: "hub-dev-2-home-ada" },
      { Name: "postgres" },
    ];
    assert.deepEqual(volumesOf(volumes, "hub-dev"), ["hub-dev-data", "hub-dev-home-ada"]);
  });
});
