/** What people and programs get while the hub or a server is away. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import WebSocket from "ws";

import { launch, visit } from "./browser";
import type { HubClient } from "./hub-client";
import { until } from "./until";

/** What a browser says of a page load. */
const PAGE_LOAD = { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", accept: "text/html" };

const HUB = "JupyterHub is not available right now";
const SERVER = "This notebook server is not available right now";

/** Configuration of a notebook server, in Python, by which it has an answer 502 of its own at `own-502`. */
export const OWN_502 = `
import sys, types
from tornado.web import RequestHandler

class Own(RequestHandler):
    def get(self):
        self.set_status(502)
        self.finish("the notebook's own")

own = types.ModuleType("own_502")
own._jupyter_server_extension_points = lambda: [{"module": "own_502"}]
own._load_jupyter_server_extension = lambda app: app.web_app.add_handlers(
    ".*", [(app.base_url + "own-502", Own)]
)
sys.modules["own_502"] = own
c.ServerApp.jpserver_extensions.update({"own_502": True})
`;

/** That a person's server, whose configuration is the one above, is heard as it is. */
export async function ownAnswerStays(person: HubClient): Promise<void> {
  const answer = await person.visit(`user/${person.path}/own-502`, { headers: PAGE_LOAD });
  assert.deepEqual([answer.status, answer.text], [502, "the notebook's own"]);
  assert.equal(answer.headers["x-away-page"], undefined);
}

/** That a page load at a path gets the page, within 3 s. */
async function getsThePage(person: HubClient, path: string, title: string): Promise<string> {
  const began = Date.now();
  const page = await person.visit(path, { headers: PAGE_LOAD });
  const took = Date.now() - began;
  assert.equal(page.status, 503, page.text);
  assert.ok(page.text.includes(title), page.text);
  assert.ok(took < 3_000, `it took ${took} ms`);
  assert.equal(page.headers["retry-after"], "3");
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal(page.headers["x-frame-options"], "SAMEORIGIN", "the edge's headers are there");
  return page.text;
}

/** That nothing but page loads gets the page. */
async function nothingElseGetsIt(person: HubClient, path: string): Promise<void> {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const others = [
    await person.visit(path),
    await person.visit(path, { headers: { accept: "application/json" } }),
    await person.visit(path, { headers: { ...PAGE_LOAD, "sec-fetch-dest": "iframe" } }),
    await person.visit(path, { method: "POST", headers: { ...PAGE_LOAD, ...form }, body: "a=b" }),
  ];
  for (const { status, text } of others) {
    assert.ok([502, 504].includes(status), `${status} ${text}`);
    assert.ok(!text.includes("<html"), text);
  }
  assert.ok([502, 504].includes(await refusedWebSocket(person, path)));
}

/** Status of the answer to a WebSocket that does not come about. */
function refusedWebSocket(person: HubClient, path: string): Promise<number> {
  const socket = new WebSocket(new URL(path, person.url).href.replace(/^http/, "ws"), { ca: person.ca });
  return new Promise((resolve, reject) => {
    socket.once("unexpected-response", (request, { statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.once("open", () => {
      socket.close();
      reject(new Error(`${path} took a WebSocket`));
    });
    socket.on("error", reject);
  });
}

/** That a browser's page says that the hub is away, and opens by itself when it is back. */
export async function hubComesBack(
  person: HubClient,
  hub: { stop: () => Promise<unknown>; start: () => Promise<unknown> },
  meanwhile: () => Promise<void>,
): Promise<void> {
  const browser = await launch(person.ca);
  try {
    const page = await browser.newPage();
    await hub.stop();
    const answer = await visit(page, `${person.url}hub/login`);
    assert.equal(answer?.status(), 503);
    assert.equal(await page.title(), HUB);
    assert.match(await page.locator("[role=status]").innerText(), /opens by itself/);
    await getsThePage(person, "hub/home", HUB);
    await nothingElseGetsIt(person, "hub/home");
    await meanwhile();
    await hub.start();
    await opens(page, "#username_input");
    assert.equal(page.url(), `${person.url}hub/login`);
  } finally {
    await browser.close();
  }
}

/** That a browser's page says that a killed server is away, and leads to where it is started again. */
export async function serverComesBack(
  person: HubClient,
  password: string,
  kill: () => Promise<unknown>,
): Promise<void> {
  const lab = `user/${person.path}/lab`;
  const browser = await launch(person.ca);
  try {
    const page = await browser.newPage();
    await visit(page, `${person.url}hub/login?next=/hub/home`);
    await page.fill("#username_input", person.user);
    await page.fill("#password_input", password);
    await page.click("#login_submit");
    await page.waitForSelector("#stop");
    await kill();
    // At once: the hub takes the route away when it next looks after the server, and another page opens.
    const [text, answer] = await Promise.all([
      getsThePage(person, lab, SERVER),
      visit(page, `${person.url}${lab}`),
    ]);
    assert.equal(answer?.status(), 503);
    assert.match(text, /<a href="\/hub\/home">control panel<\/a>/);
    // The hub looks after the server when its owner comes, and not half a minute later.
    await visit(page, `${person.url}hub/home`);
    await page.locator("#start", { hasText: "Start My Server" }).waitFor();
  } finally {
    await browser.close();
  }
}

/** Waits for what comes in the place of the page. A new network interface of the host may have ended its reload. */
async function opens(page: Page, selector: string): Promise<void> {
  await until(
    `${selector} on the page`,
    async () => {
      if (page.url().startsWith("chrome-error:")) {
        await page.goBack();
      }
      return page.locator(selector).isVisible();
    },
    60_000,
  );
}
