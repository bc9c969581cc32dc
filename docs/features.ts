/** Makes docs/features.md from docs/features.yaml: rows that are short enough for a terminal and a phone, and are not filled up with blanks. */
import { parse } from "yaml";

export interface Feature {
  readonly id: string;
  readonly title: string;
  /** Without one, it works. */
  readonly status?: "partial" | "obsolete";
  /** Keys of the configuration. */
  readonly keys?: readonly string[];
  readonly commands?: readonly string[];
  /** The replaced systems that had it. */
  readonly systems?: readonly string[];
  /** What replaces it, where it is obsolete. */
  readonly instead?: string;
  /** Titles by file, one pair an item. */
  readonly tests?: readonly Readonly<Record<string, string>>[];
}

export interface FeatureSection {
  readonly id: string;
  readonly title: string;
  readonly features: readonly Feature[];
}

const INTRODUCTION = `# Features

<!-- Made from docs/features.yaml by \`npm run generate\`: do not edit. -->

What a hub can do, the keys that configure it, and the tests that prove it. The titles of the tests are in
[features.yaml](features.yaml). Tests under \`e2e\` and \`swarm\` run on real Docker Engines.

The numbers are those of the systems that this project replaces. Each has a stack file that does the same, and a test that
brings it up:

- [000](../examples/000-github-compose/README.md): GitHub logins with Docker Compose
- [001](../examples/001-gitlab-spawner/README.md): a department with its GitLab
- [002](../examples/002-swarm/README.md): several hosts as a Docker Swarm
- [003](../examples/003-azure-university/README.md): a school with Microsoft accounts
- [004](../examples/004-quick-start/README.md): temporary servers on OpenShift

Google, CILogon and Azure AD can't be reached by tests: a server that behaves like Azure AD stands in for it, and the settings
that the hub gets are checked for the other two.
`;

export const parseFeatures = (text: string): FeatureSection[] => parse(text) as FeatureSection[];

/** Files and titles of a feature's tests. */
export const testsOf = ({ tests = [] }: Feature): [file: string, title: string][] =>
  tests.flatMap((test) => Object.entries(test));

/**
 * The page.
 *
 * @param configuration docs/configuration.md, whose headings the keys lead to
 */
export function featuresPage(sections: readonly FeatureSection[], configuration: string): string {
  const anchors = new Set([...configuration.matchAll(/^#{2,4} (\S+)$/gm)].map(([, key = ""]) => key));
  const links = new Map<string, string>();
  /** Links are defined at the end of the page, which keeps the rows short. */
  const link = (label: string, target: string) => {
    links.set(label, target);
    return label;
  };

  const keys = (feature: Feature) => {
    const cells = (feature.keys ?? []).map((key) => {
      // Keys of one kind have headings that name the kind: they lead to their section.
      const target = `configuration.md#${anchorOf(anchors.has(key) ? key : (key.split(".")[0] ?? key))}`;
      // A label of a link has no brackets.
      return key.includes("[]") ? code(key) : `[${link(code(key), target)}]`;
    });
    const all = [...cells, ...(feature.commands ?? []).map(code)];
    return all.length === 0 ? "always on" : all.join(" ");
  };
  const tests = (feature: Feature) => {
    const files = [...new Set(testsOf(feature).map(([file]) => file))];
    return files.map((file) => `[${link(labelOf(file), `../${file}`)}]`).join(" ");
  };
  const systems = (feature: Feature) => (feature.systems ?? []).join(" ");
  const title = ({ title: text, status }: Feature) => (status === "partial" ? `${text} (partial)` : text);

  const tables = sections.map((section) => {
    const isObsolete = section.features.every(({ status }) => status === "obsolete");
    const isOld = section.features.some((feature) => feature.systems);
    const rows = section.features.map((feature) =>
      isObsolete
        ? [title(feature), feature.instead ?? "", systems(feature), tests(feature)]
        : [title(feature), keys(feature), ...(isOld ? [systems(feature)] : []), tests(feature)],
    );
    const head = isObsolete
      ? ["what", "instead", "systems", "tests"]
      : ["feature", "keys", ...(isOld ? ["systems"] : []), "tests"];
    return [`## ${section.title}`, table([head, head.map(() => "-"), ...rows])].join("\n\n");
  });
  const definitions = [...links]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, to]) => `[${label}]: ${to}`);
  return `${[INTRODUCTION.trimEnd(), ...tables, definitions.join("\n")].join("\n\n")}\n`;
}

/** An anchor as GitHub makes it from a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** `test/python/traits/test_auth.py` is `python/traits/auth`. */
const labelOf = (file: string) =>
  file
    .replace(/^test\//, "")
    .replace(/(\.test)?\.(ts|py)$/, "")
    .replace(/^python\/(.*\/)?test_/, "python/$1");

const code = (text: string) => `\`${text}\``;
const table = (rows: readonly string[][]) => rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
