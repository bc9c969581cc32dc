import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { machine, pythonProblem } from "../../../config/machine";
import { parseConfig } from "../../../config/parse";
import { secretsFor } from "../../../config/secrets";
import { formatDuration, parseDuration } from "../../../config/values/duration";
import { configOf, contextWith, fault, messagesWith, MINIMAL, warningsOf } from "./support";

const parse = (values: Record<string, unknown>, context = contextWith()) =>
  configOf(parseConfig({ ...MINIMAL, ...values }, context));
const TOKEN = "0123456789abcdef0123456789abcdef";

describe("durations", () => {
  for (const [text, seconds] of [
    ["90s", 90],
    ["10m", 600],
    ["8h", 28_800],
    ["7d", 604_800],
    ["15", 15],
    [15, 15],
    ["0s", 0],
  ] as const) {
    it(`${text} is ${seconds} s`, () => {
      assert.equal(parseDuration(text), seconds);
    });
  }
  for (const text of ["", "1 h", "1.5h", "-1s", "1w", "h", 1.5, -1]) {
    it(`${JSON.stringify(text)} is none`, () => {
      assert.equal(parseDuration(text), undefined);
    });
  }
  it("are shown in the largest unit that takes them whole", () => {
    assert.deepEqual([1, 90, 600, 3600, 86_400, 90_000].map(formatDuration), [
      "1s",
      "90s",
      "10m",
      "1h",
      "1d",
      "25h",
    ]);
  });
});

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

describe("Python on this machine", () => {
  it("finds a syntax error and its line", () => {
    assert.match(pythonProblem("a = 1\nif True print(1)\n") ?? "", /^line 2: /);
  });
  it("finds nothing wrong with what is right, and runs none of it", () => {
    assert.equal(pythonProblem("raise SystemExit(3)\n"), undefined);
  });
});

describe("folders on this machine", () => {
  it("are listed with the files below them, links followed", () => {
    const folder = mkdtempSync(join(tmpdir(), "jupyterhub-folder-"));
    try {
      mkdirSync(join(folder, "b"));
      writeFileSync(join(folder, "b", "c.css"), "");
      writeFileSync(join(folder, "a.html"), "");
      symlinkSync("a.html", join(folder, "link.html"));
      assert.deepEqual(machine.listFolder(folder), ["a.html", "b/c.css", "link.html"]);
      assert.throws(() => machine.listFolder(join(folder, "no")), { code: "ENOENT" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the section servers", () => {
  it("has times in seconds, and null for never", () => {
    const { servers } = parse({
      notebook: { profiles: [{ name: "GPU" }] },
      servers: {
        idle: {
          timeout: "1h",
          maxAge: "7d",
          exceptions: [
            { kind: "group", name: "research", timeout: "never" },
            { kind: "profile", name: "gpu", timeout: "30m", maxAge: 3600 },
          ],
        },
        startTimeout: "2m",
      },
    });
    assert.deepEqual(servers.idle, {
      timeout: 3600,
      maxAge: 604_800,
      users: false,
      exceptions: [
        { kind: "group", name: "research", timeout: null },
        { kind: "profile", name: "gpu", timeout: 1800, maxAge: 3600 },
      ],
    });
    assert.equal(servers.startTimeout, 120);
  });

  const never = { kind: "group", name: "a", timeout: "never" };
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "reports of activity that come too late",
      { idle: { timeout: "5m" } },
      /servers\.activityInterval: expected at most half of the shortest idle timeout \(5m\).*got "5m".*servers\.activityInterval' 150s/,
    ],
    [
      "the same for an exception",
      { idle: { exceptions: [{ kind: "profile", name: "x", timeout: "1m" }] } },
      /servers\.activityInterval: .*\(1m\)/,
    ],
    [
      "removing people at no time",
      { idle: { users: true } },
      /servers\.idle\.timeout: expected a time after which/,
    ],
    [
      "removing people beside groups' times",
      { idle: { timeout: "1h", users: true, exceptions: [never] } },
      /servers\.idle\.users: expected false/,
    ],
    [
      "a group twice",
      { idle: { exceptions: [never, never] } },
      /servers\.idle\.exceptions\[1\]: expected every group and profile once, got the group "a" again/,
    ],
    [
      "an exception for a profile that is not there",
      { idle: { exceptions: [{ kind: "profile", name: "gpu", timeout: "1h" }] } },
      /servers\.idle\.exceptions\[0\]\.name: expected the slug of a profile \(x\), got "gpu"/,
    ],
    [
      "an exception of another kind",
      { idle: { exceptions: [{ kind: "user", name: "a" }] } },
      /servers\.idle\.exceptions\[0\]\.kind: expected one of group, profile/,
    ],
    [
      "a negative number",
      { named: -1 },
      /servers\.named: expected a whole number of servers from 0 to 1000, got the number -1/,
    ],
    ["no time to start", { startTimeout: "1s" }, /servers\.startTimeout: expected a time from 5s to 1h/],
    [
      "a time without a unit that exists",
      { idle: { timeout: "2w" } },
      /servers\.idle\.timeout: expected a time from 1s to 365d.* or never, got "2w"/,
    ],
  ];
  for (const [what, servers, message] of refused) {
    it(`refuses ${what}`, () => {
      const messages = messagesWith({ servers, notebook: { profiles: [{ name: "X" }] } });
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
    });
  }
});
