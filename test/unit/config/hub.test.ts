import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { configOf, contextWith, fault, messagesWith, MINIMAL, warningsOf } from "./support";

const parse = (values: Record<string, unknown>, context = contextWith()) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, context));

const TOKEN = "0123456789abcdef0123456789abcdef";

describe("the section hub", () => {
  for (const [given, path] of [
    ["/", "/"],
    ["/jupyter", "/jupyter/"],
    ["/jupyter/", "/jupyter/"],
    ["/a/b.c", "/a/b.c/"],
  ] as const) {
    it(`takes the base URL ${given}`, () => {
      assert.equal(parse({ hub: { baseUrl: given } }).hub.baseUrl, path);
    });
  }

  it("takes tokens and other secrets out of services and the extra configuration", () => {
    const config = parse({
      hub: {
        services: { "my-report": { token: TOKEN, command: ["x"], secrets: { API_KEY: "k" } } },
        extraConfig: { kind: "text", text: "c.A.b = 1", secrets: { word: "w" } },
      },
    });
    assert.deepEqual(secretsFor(config, "hub"), {
      hub_services_my_report_token: TOKEN,
      hub_services_my_report_secrets_api_key: "k",
      hub_extra_config_secrets_word: "w",
    });
    assert.equal(config.hub.services["my-report"]?.token, "hub_services_my_report_token");
    assert.doesNotMatch(JSON.stringify({ ...config, secrets: {} }), new RegExp(TOKEN));
  });

  it("reads the files that it names", () => {
    const files = {
      "x.py": "c.A.b = 1",
      "t/page.html": "P",
      "t/a/b.html": "B",
      "s/own.css": "S",
      "L.SVG": "<svg/>",
    };
    const config = parse(
      {
        hub: { extraConfig: { kind: "file", path: "x.py" }, templates: "t", staticFiles: "s", logo: "L.SVG" },
      },
      contextWith(files),
    );
    assert.deepEqual(
      config.hubFiles.map(({ place, name, base64 }) => [
        place,
        name,
        Buffer.from(base64, "base64").toString(),
      ]),
      [
        ["extra-config", "extra_config.py", "c.A.b = 1"],
        ["templates", "a/b.html", "B"],
        ["templates", "page.html", "P"],
        ["static", "own.css", "S"],
        ["logo", "logo.svg", "<svg/>"],
      ],
    );
  });

  it("takes several parts of extra configuration, sorted by name", () => {
    const parts = { b: { kind: "text", text: "B" }, a: { kind: "file", path: "x.py" } };
    const config = parse({ hub: { extraConfig: { kind: "parts", parts } } }, contextWith({ "x.py": "A" }));
    assert.deepEqual(
      config.hubFiles.map(({ place, name, base64 }) => [
        place,
        name,
        Buffer.from(base64, "base64").toString(),
      ]),
      [
        ["extra-config", "extra_config/a.py", "A"],
        ["extra-config", "extra_config/b.py", "B"],
      ],
    );
    for (const bad of [
      {},
      { "../x": parts.b },
      { A: parts.b },
      { a: { kind: "text" } },
      { a: parts.b, b: 1 },
    ]) {
      assert.equal(
        messagesWith({ hub: { extraConfig: { kind: "parts", parts: bad } } }).length,
        1,
        JSON.stringify(bad),
      );
    }
    const context = contextWith({}, { pythonProblem: (text) => (text === "B" ? "line 1: no" : undefined) });
    assert.deepEqual(
      messagesWith({ hub: { extraConfig: { kind: "parts", parts: { b: parts.b } } } }, context),
      [
        "jupyterhub:hub.extraConfig.parts.b.text: expected Python without syntax errors, got line 1: no. Correct it in the stack file.",
      ],
    );
  });

  it("warns of public metrics and of packages without a version", () => {
    const hub = { metrics: "public", image: { packages: ["a", "b>=1,<2", "c[x]==1.0"] } };
    const warnings = warningsOf(parseConfig({ ...MINIMAL, hub }, contextWith()));
    assert.deepEqual(
      warnings.map((text) => text.split(/[ :]/, 2).join(":")),
      ["jupyterhub:hub.metrics", "jupyterhub:hub.image.packages[0]", "jupyterhub:hub.image.packages[1]"],
    );
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "a base URL without a slash",
      { baseUrl: "jupyter" },
      /hub\.baseUrl: expected a path that starts with \//,
    ],
    ["a base URL with a query", { baseUrl: "/a?b" }, /hub\.baseUrl: /],
    ["a base URL that leads out", { baseUrl: "//evil.example.org" }, /hub\.baseUrl: /],
    [
      "a package with an option",
      { image: { packages: ["--index-url=http://x"] } },
      /hub\.image\.packages\[0\]: expected a package/,
    ],
    [
      "a package from an address",
      { image: { packages: ["git+https://x/y"] } },
      /hub\.image\.packages\[0\]: /,
    ],
    ["a package with a command", { image: { packages: ["a; rm -rf /"] } }, /hub\.image\.packages\[0\]: /],
    [
      "a file as a logo that is no picture",
      { logo: "logo.txt" },
      /hub\.logo: expected the path of a picture/,
    ],
    [
      "a scope that is none",
      { roles: { tutor: { scopes: ["list:user"] } } },
      /hub\.roles\.tutor\.scopes\[0\]: expected a scope of JupyterHub, such as list:users, got "list:user"/,
    ],
    [
      "a filter that is none",
      { services: { ab: { scopes: ["list:users!role=x"] } } },
      /hub\.services\.ab\.scopes\[0\]: expected a filter/,
    ],
    [
      "a role of a service that is not there",
      { roles: { tutor: { services: ["x"] } } },
      /hub\.roles\.tutor\.services\[0\]: expected a service of hub\.services, got "x"/,
    ],
    [
      "another admin role",
      { roles: { admin: { scopes: ["list:users"] } } },
      /hub\.roles\.admin\.scopes: expected no scopes/,
    ],
    [
      "a role named as those of services are",
      { roles: { "service-x": {} } },
      /hub\.roles\.service-x: expected another name/,
    ],
    ["a role with a bad name", { roles: { A: {} } }, /hub\.roles: expected roles by name|hub\.roles\.A: /],
    [
      "the culler's name",
      { services: { "idle-culler": {} } },
      /hub\.services\.idle-culler: expected another name/,
    ],
    [
      "variables without a command",
      { services: { ab: { environment: { A: "1" } } } },
      /hub\.services\.ab\.environment: expected a command/,
    ],
    [
      "a missing file",
      { extraConfig: { kind: "file", path: "no.py" } },
      /hub\.extraConfig\.path: expected a file that can be read, got "no\.py", which does not exist/,
    ],
    [
      "a missing folder",
      { templates: "no" },
      /hub\.templates: expected a folder that can be read, got "no", which does not exist/,
    ],
    [
      "no time at all",
      { loginLockout: { duration: "soon" } },
      /hub\.loginLockout\.duration: expected a time from 1s to 1d/,
    ],
  ];
  for (const [what, hub, message] of refused) {
    it(`refuses ${what}`, () => {
      const messages = messagesWith({ hub });
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
    });
  }

  it("takes scopes with filters, and those that an extra configuration defines", () => {
    const scopes = ["access:servers!group=staff", "read:users!user", "custom:grades:read"];
    assert.deepEqual(parse({ hub: { roles: { tutor: { scopes } } } }).hub.roles["tutor"]?.scopes, scopes);
  });

  it("refuses a short token and does not show it", () => {
    const [message = "", ...more] = messagesWith({ hub: { services: { ab: { token: "hunter2" } } } });
    assert.deepEqual(more, []);
    assert.match(message, /hub\.services\.ab\.token: expected text of at least 32 characters/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it("refuses more than 4 MiB of files", () => {
    const context = contextWith({ "s/large.bin": "x".repeat(4 * 1024 ** 2 + 1) });
    const messages = messagesWith({ hub: { staticFiles: "s" } }, context);
    assert.match(messages[0] ?? "", /^jupyterhub:hub: expected at most 4 MiB .*, got 4\.0 MiB/);
  });

  it("refuses a folder that may not be read", () => {
    const context = contextWith(
      {},
      {
        listFolder: () => {
          throw fault("EACCES");
        },
      },
    );
    assert.match(
      messagesWith({ hub: { templates: "t" } }, context)[0] ?? "",
      /which the current user may not read/,
    );
  });

  it("tells a syntax error of the extra configuration with its line", () => {
    const context = contextWith({}, { pythonProblem: () => "line 3: invalid syntax" });
    const extraConfig = { kind: "text", text: "x" };
    assert.deepEqual(messagesWith({ hub: { extraConfig } }, context), [
      "jupyterhub:hub.extraConfig.text: expected Python without syntax errors, got line 3: invalid syntax. Correct it in the stack file.",
    ]);
  });
});
