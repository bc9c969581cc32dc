import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, chromium, type Page, type Response } from "playwright-core";

import { execa } from "./deployment";

/** Debian's Chromium, or another that the environment names. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** What Chromium calls a request that it ended because the host got or lost a network interface. */
const NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";

/** What is said when the browser's page for that error comes in between. */
const ERROR_PAGE = 'interrupted by another navigation to "chrome-error:';

/** Whether a navigation was ended so. */
const isEnded = (error: unknown): boolean =>
  [NETWORK_CHANGED, ERROR_PAGE].some((said) => String(error).includes(said));

export interface BrowserOptions {
  /** Where names lead, as Chromium's `--host-resolver-rules`. */
  readonly resolver?: string;
  /** Address of the person's JupyterLab, where it is not below the hub's. */
  readonly lab?: string;
  /** Where a picture of the login page goes. */
  readonly loginPicture?: string;
}

/**
 * Logs a person in with a real browser, waits for JupyterLab, runs a cell and takes a picture.
 *
 * @param ca authority that the browser trusts, in PEM
 * @returns what the browser's console complained of
 */
export async function screenshotOfLab(
  ...args: [
    url: string,
    ca: string,
    user: string,
    password: string,
    picture: string,
    options?: BrowserOptions,
  ]
): Promise<string[]> {
  for (let tries = 1; ; tries++) {
    const { problems, ended } = await visitLab(...args);
    if (problems.length === 0 || ended === 0 || tries === 5) {
      return problems;
    }
  }
}

/**
 * One visit. Chromium ends each request in flight whenever the host gets a network interface, as with each container that
 * starts: pages hear of that in many ways, and a visit with `ended` requests says nothing of the page.
 */
async function visitLab(
  url: string,
  ca: string,
  user: string,
  password: string,
  picture: string,
  { resolver = "", lab = new URL(`user/${user}/lab`, url).href, loginPicture }: BrowserOptions = {},
): Promise<{ problems: string[]; ended: number }> {
  await mkdir(dirname(picture), { recursive: true });
  const browser = await launch(ca, resolver);
  const problems: string[] = [];
  let ended = 0;
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 640 } });
    page.on("console", (message) => {
      if (message.text().includes(NETWORK_CHANGED)) {
        ended += 1;
      } else if (message.type() === "error") {
        problems.push(message.text());
      }
    });
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("requestfailed", (request) => {
      if (request.failure()?.errorText === NETWORK_CHANGED) {
        ended += 1;
      }
    });

    await visit(page, url);
    await page.fill("#username_input", user);
    await page.fill("#password_input", password);
    if (loginPicture !== undefined) {
      await page.screenshot({ path: loginPicture, clip: { x: 0, y: 0, width: 1000, height: 400 } });
    }
    await page.click("#login_submit");
    await page.waitForURL(/\/user\/.*\/lab/, { timeout: 90_000 });
    // Without what an earlier visit left open.
    await visit(page, `${lab}?reset`);
    await page.waitForSelector(".jp-Launcher", { timeout: 60_000 });
    await page.click('.jp-LauncherCard[data-category="Notebook"]');
    const cell = page.locator(".jp-Notebook .jp-Cell .cm-content").first();
    // A cell that is run before its kernel is there is not run later.
    await page.getByText("Python 3 (ipykernel) | Idle").waitFor({ timeout: 60_000 });
    await cell.click();
    await cell.pressSequentially("6 * 7");
    await page.keyboard.press("Shift+Enter");
    await page.locator(".jp-OutputArea-output", { hasText: "42" }).waitFor({ timeout: 60_000 });
    // JupyterLab asks once whether it may show news.
    const noNews = page.getByRole("button", { name: "No", exact: true });
    if (await noNews.isVisible()) {
      await noNews.click();
      await noNews.waitFor({ state: "hidden" });
    }
    await page.screenshot({ path: picture });
    return { problems, ended };
  } catch (error) {
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      // A picture that cannot be taken must not hide what happened, nor keep an ended visit from being repeated.
      await page.screenshot({ path: picture.replace(/\.png$/, "-failed.png") }).catch(() => undefined);
    }
    // A navigation that was ended says so in its error alone.
    if (isEnded(error)) {
      ended += 1;
    }
    if (ended === 0) {
      throw error;
    }
    return { problems: [...problems, String(error)], ended };
  } finally {
    await browser.close();
  }
}

/** A browser that trusts an authority. Its home goes with it. */
export async function launch(ca: string, resolver = ""): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), "jupyterhub-browser-"));
  await trust(home, ca);
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, HOME: home },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      ...(resolver === "" ? [] : [`--host-resolver-rules=${resolver}`]),
    ],
  });
  browser.once("disconnected", () => void rm(home, { recursive: true, force: true }));
  return browser;
}

/** Goes to a page, again where a new network interface of the host ended the request. */
export async function visit(page: Page, url: string): Promise<Response | null> {
  for (let tries = 1; ; tries++) {
    try {
      return await page.goto(url);
    } catch (error) {
      if (!isEnded(error) || tries === 10) {
        throw error;
      }
    }
  }
}

/** Imports an authority into the certificate store of a home, as a person does by hand. */
async function trust(home: string, ca: string): Promise<void> {
  const store = join(home, ".pki", "nssdb");
  await mkdir(store, { recursive: true });
  const file = join(home, "ca.pem");
  await writeFile(file, ca);
  await execa("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  await execa("certutil", ["-d", `sql:${store}`, "-A", "-n", "JupyterHub", "-t", "C,,", "-i", file]);
}
