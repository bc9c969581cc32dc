import assert from "node:assert/strict";

import { parseConfig } from "../../../config/parse";
import {
  APT_PACKAGE,
  CONDA_PACKAGE,
  GIT_REF,
  GIT_REPOSITORY,
  PIP_REQUIREMENT,
} from "../../../config/schema/image";
import { slugOf } from "../../../config/schema/profiles";
import { configOf, contextWith, messagesWith, MINIMAL, warningsOf } from "./support";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const git = { kind: "git", repository: "https://example.org/course.git", ref: COMMIT };
const parse = (notebook: object, files = {}) => parseConfig({ ...MINIMAL, notebook }, contextWith(files));

describe("names of packages, repositories and refs", () => {
  const table: [string, RegExp, string[], string[]][] = [
    [
      "apt",
      APT_PACKAGE,
      ["r-base", "g++", "libstdc++6", "jq=1.7.1-6+deb13u1", "python3.13"],
      ["r-base-", "-y", "a b", "a;b", "$(id)", "a`b`", "a\nb", "", "R-base", "a/../b", "a=$(id)", "jq=1:$x"],
    ],
    [
      "pip",
      PIP_REQUIREMENT,
      [
        "pandas",
        "pandas==2.3.3",
        "dask[complete,array]>=2026.1,<2027",
        "a~=1.0",
        "a==1.*",
        "ruamel.yaml",
        "torch==2.9+cpu",
      ],
      [
        "-r x",
        "--index-url=x",
        "a b",
        "a;b",
        "a @ https://x",
        "git+https://x",
        "a>1 #",
        "$(id)",
        "a==",
        "a\n",
        "./x",
      ],
    ],
    [
      "conda",
      CONDA_PACKAGE,
      ["r-irkernel", "conda-forge::r-irkernel=1.3", "numpy>=2", "_libgcc_mutex", "r-irkernel=0.8*"],
      ["-c x", "a b", "a;b", "$(id)", "a::b::c=1 x", ""],
    ],
    [
      "repository",
      GIT_REPOSITORY,
      [
        "https://example.org/a.git",
        "ssh://git@example.org:2222/a",
        "git@example.org:a/b.git",
        "file:///srv/a.git",
      ],
      [
        "--upload-pack=id",
        "a",
        "ext::sh -c id",
        "https://",
        "/srv/a",
        "https://x/a b",
        "-oProxyCommand=id@x:y",
      ],
    ],
    [
      "ref",
      GIT_REF,
      ["main", "v1.0", "feature/x", COMMIT],
      ["-x", "a..b", "a b", "", "--all", "a:b", "a^{}"],
    ],
  ];
  for (const [name, pattern, good, bad] of table) {
    it(name, () => {
      for (const value of good) {
        assert.match(value, pattern);
      }
      for (const value of bad) {
        assert.doesNotMatch(value, pattern);
      }
    });
  }
});

describe("notebook images", () => {
  it("packages and git have defaults", () => {
    const packages = configOf(parse({ image: { kind: "packages", apt: ["r-base"] } })).notebook.image;
    assert.deepEqual(packages, { kind: "packages", apt: ["r-base"], pip: [], conda: [], args: {} });
    const rest = { kind: git.kind, repository: git.repository };
    assert.deepEqual(configOf(parse({ image: rest })).notebook.image, { ...rest, ref: "HEAD", args: {} });
  });

  const refused: [string, object, RegExp][] = [
    [
      "no packages",
      { kind: "packages" },
      /notebook\.image: expected at least one package in apt, pip or conda, got none/,
    ],
    [
      "a package that is none",
      { kind: "packages", apt: ["jq; id"] },
      /notebook\.image\.apt\[0\]: expected a Debian package, such as r-base or r-base=4\.5\.0-3, got "jq; id"/,
    ],
    [
      "JupyterHub in another version",
      { kind: "packages", pip: ["pandas", "jupyterhub==5.0"] },
      /notebook\.image\.pip\[1\]: expected packages other than jupyterhub/,
    ],
    [
      "conda packages without conda",
      { kind: "packages", conda: ["r-irkernel"] },
      /notebook\.image\.base: expected an image with conda or mamba/,
    ],
    [
      "a ref that is none",
      { ...git, ref: "--all" },
      /notebook\.image\.ref: expected a commit, a tag or a branch, got "--all"/,
    ],
  ];
  for (const [what, image, message] of refused) {
    it(`${what} is refused, in profiles too`, () => {
      const messages = messagesWith({ notebook: { image } });
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
      const inProfile = messagesWith({ notebook: { profiles: [{ name: "A" }, { name: "B", image }] } });
      assert.equal(inProfile.length, 1, inProfile.join("\n"));
      assert.match(inProfile[0] ?? "", /notebook\.profiles\[1\]\.image/);
    });
  }

  it("jupyterhub-… is another package", () => {
    assert.deepEqual(
      messagesWith({ notebook: { image: { kind: "packages", pip: ["jupyterhub-idle-culler"] } } }),
      [],
    );
  });

  it("a password in a repository's address is refused and not shown", () => {
    const image = { ...git, repository: "https://me:hunter2@example.org/course.git" };
    const [message = ""] = messagesWith({ notebook: { image } });
    assert.match(message, /notebook\.image\.repository: expected an address without user, password or token/);
    assert.doesNotMatch(message, /hunter2/);
  });

  it("what may be another image tomorrow is warned of, wherever it is named", () => {
    const image = { ...git, ref: "main", base: "example.org/nb" };
    const profiles = [
      { name: "A", image: { kind: "pull", name: "example.org/nb:latest" } },
      { name: "B", image: { kind: "packages", pip: ["a"], base: "example.org/nb:latest" } },
      { name: "C", image: git },
    ];
    const warnings = warningsOf(parse({ image, profiles }));
    assert.deepEqual(
      warnings.map((text) => text.slice(0, text.indexOf(": "))),
      [
        "jupyterhub:notebook.image.ref",
        "jupyterhub:notebook.image.base",
        "jupyterhub:notebook.profiles[0].image.name",
        "jupyterhub:notebook.profiles[1].image.base",
      ],
    );
    assert.match(warnings[0] ?? "", /"main" is not a commit: it is resolved once/);
  });
});

describe("profiles", () => {
  it("have a slug from their name", () => {
    for (const [name, slug] of [
      ["Data science (R)", "data-science-r"],
      ["Übung 1", "ubung-1"],
      ["--", ""],
      ["a".repeat(40), "a".repeat(32)],
      [`${"a".repeat(31)} b`, "a".repeat(31)],
    ] as const) {
      assert.equal(slugOf(name), slug);
    }
  });

  it("have defaults, and limits in bytes", () => {
    const config = configOf(
      parse({ profiles: [{ name: " Small ", limits: { memory: "2G" }, gpus: ["0"] }] }),
    );
    assert.deepEqual(config.notebook.profiles, [
      {
        name: "Small",
        slug: "small",
        description: "",
        default: false,
        limits: { memory: 2 * 1024 ** 3 },
        environment: {},
        secrets: {},
        gpus: ["0"],
        users: [],
        groups: [],
      },
    ]);
  });

  const refused: [string, object[], RegExp][] = [
    [
      "the same slug twice",
      [{ name: "A b" }, { name: "a B" }],
      /profiles\[1\]\.slug: expected a slug .* got "a-b" again/,
    ],
    ["no slug", [{ name: "日本" }], /profiles\[0\]\.slug: expected a slug, since the name has no letters/],
    [
      "two defaults",
      [
        { name: "A", default: true },
        { name: "B", default: true },
      ],
      /profiles\[1\]\.default: expected one default profile, got a second one/,
    ],
    ["an unknown key", [{ name: "A", limit: {} }], /profiles\[0\]\.limit: .*limits/],
    [
      "a GPU count of 0",
      [{ name: "A", gpus: 0 }],
      /profiles\[0\]\.gpus: expected a number of GPUs, all, or a list/,
    ],
    [
      "too little memory",
      [{ name: "A", limits: { memory: "1m" } }],
      /profiles\[0\]\.limits\.memory: expected an amount/,
    ],
  ];
  for (const [what, profiles, message] of refused) {
    it(`${what} is refused`, () => {
      const messages = messagesWith({ notebook: { profiles } });
      assert.equal(messages.length, 1, messages.join("\n"));
      assert.match(messages[0] ?? "", message);
    });
  }

  it("none of which is for everybody are warned of", () => {
    const some = { name: "A", groups: ["physics"] };
    assert.match(warningsOf(parse({ profiles: [some] })).join(), /Everybody else can't start a server/);
    assert.deepEqual(warningsOf(parse({ profiles: [some, { name: "B" }] })), []);
  });
});

describe("JupyterLab's overrides", () => {
  const themes = "@jupyterlab/apputils-extension:themes";
  const overridesFile = "overrides.json";

  it("come from a file and from the configuration, which counts", () => {
    const file = JSON.stringify({ [themes]: { theme: "Light" }, "a:b": { c: 1 } });
    const jupyterlab = { overridesFile, overrides: { [themes]: { theme: "Dark" } } };
    const config = configOf(parse({ jupyterlab }, { [overridesFile]: file }));
    assert.deepEqual(config.notebook.jupyterlab.overrides, { [themes]: { theme: "Dark" }, "a:b": { c: 1 } });
  });

  for (const [what, text, message] of [
    ["is not there", undefined, /overridesFile: expected a file that can be read/],
    ["is no JSON", "{", /overridesFile: expected a JSON file with a map .* which is not a JSON map/],
    ["is a list", "[]", /which is not a JSON map/],
    ["has no map for a plugin", '{"a:b": 1}', /which is a different map/],
  ] as const) {
    it(`a file that ${what} is refused`, () => {
      const files: Record<string, string> = text === undefined ? {} : { [overridesFile]: text };
      const messages = messagesWith({ notebook: { jupyterlab: { overridesFile } } }, contextWith(files));
      assert.equal(messages.length, 1);
      assert.match(messages[0] ?? "", message);
    });
  }

  it("a key that is no plugin is refused", () => {
    const messages = messagesWith({ notebook: { jupyterlab: { overrides: { theme: {} } } } });
    assert.match(messages.join(), /overrides\.theme: expected a map of plugin ids/);
  });
});
