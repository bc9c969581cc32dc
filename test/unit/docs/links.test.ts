import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { anchorOf } from "../../../docs/features";

const ROOT = join(__dirname, "../../..");
/** Pages of the repository: committed ones, and new ones that git would add. */
const PAGES = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((page) => page !== "" && existsSync(join(ROOT, page)));

/** Without blocks of code, in which brackets are no links. */
const textOf = (page: string) =>
  readFileSync(join(ROOT, page), "utf8").replaceAll(/^ *```[^]*?^ *```$/gm, "");

function linksOf(page: string): string[] {
  const text = textOf(page).replaceAll(/`[^`\n]*`/g, "");
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)];
  const definitions = [...text.matchAll(/^\[[^\]]*\]: (\S+)$/gm)];
  const pictures = [...text.matchAll(/\b(?:src|srcset)="([^"]+)"/g)];
  return [...inline, ...definitions, ...pictures].map(([, target = ""]) => target);
}

function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...textOf(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => {
      const anchor = anchorOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

describe("links in Markdown files", () => {
  it("lead to files and headings that there are", () => {
    const anchors = new Map(PAGES.map((page) => [page, anchorsOf(page)]));
    const links = PAGES.flatMap((page) => linksOf(page).map((target) => ({ page, target })));
    const own = links.filter(({ target }) => !/^[a-z]+:/.test(target));
    assert.ok(own.length > 150, `${own.length} links`);
    const dead = own.filter(({ page, target }) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
      if (!existsSync(join(ROOT, file))) {
        return true;
      }
      if (anchor === undefined || statSync(join(ROOT, file)).isDirectory()) {
        return false;
      }
      return file.endsWith(".md") && anchors.get(file)?.has(anchor) !== true;
    });
    assert.deepEqual(dead, []);
  });

  it("to other sites use https", () => {
    const plain = PAGES.flatMap(linksOf).filter((target) => target.startsWith("http:"));
    assert.deepEqual(plain, []);
  });
});
