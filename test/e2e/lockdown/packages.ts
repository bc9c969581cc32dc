/** Where this machine's package managers get their packages: hosts that notebooks may be let out to. */
import assert from "node:assert/strict";
import { fetch } from "undici";

import { execa } from "../deployment";
import type { Notebook } from "../notebook";

/** A site of Debian packages that speaks plain HTTP: its host, and a file that it has. */
export async function debianSite(): Promise<{ host: string; file: string }> {
  const { stdout } = await execa("apt-get", [
    "indextargets",
    "--format",
    "$(REPO_URI)dists/$(RELEASE)/InRelease",
  ]);
  const file = stdout.split("\n").find((line) => line.startsWith("http://"));
  assert.ok(file, "apt has no site that speaks plain HTTP");
  return { host: new URL(file).host, file };
}

/** npm's registry. */
export async function npmRegistry(): Promise<{ host: string; url: string }> {
  const { stdout } = await execa("npm", ["config", "get", "registry"]);
  const { host, href } = new URL(stdout.trim());
  return { host, url: href };
}

/** The index that pip asks in a notebook, and the hosts that it needs: the index's own and that of its files. */
export async function pipIndex(notebook: Notebook): Promise<{ index: string; hosts: string[] }> {
  const { output } = await notebook.shell("COLUMNS=1000 pip help install 2>&1");
  const [, index = ""] = /--index-url <url>.*\(default (\S+)\)/.exec(output) ?? [];
  const project = `${index.replace(/\/$/, "")}/iniconfig/`;
  const page = await (await fetch(project)).text();
  const [, link = ""] = /href="([^"]+\.whl)/.exec(page) ?? [];
  const hosts = [project, new URL(link, project).href].map((url) => new URL(url).host);
  return { index, hosts: [...new Set(hosts)].sort() };
}
