import { mkdir } from "node:fs/promises";
import { createHash, X509Certificate } from "node:crypto";
import { dirname } from "node:path";
import { chromium } from "playwright-core";

/** Debian's Chromium, or another that the environment names. */
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/**
 * Logs a person in with a real browser, waits for JupyterLab, runs a cell and takes a picture.
 *
 * @param ca authority that the browser trusts, in PEM
 * @returns what the browser's console complained of
 */
export async function screenshotOfLab(
  url: string,
  ca: string,
  user: string,
  password: string,
  picture: string,
): Promise<string[]> {
  await mkdir(dirname(picture), { recursive: true });
  // Chromium keeps no list of its own here: it trusts the key of exactly this authority.
  const key = new X509Certificate(ca).publicKey.export({ type: "spki", format: "der" });
  const fingerprint = createHash("sha256").update(key).digest("base64");
  const browser = await chromium.launch({
    executablePath,
    args: [
      `--ignore-certificate-errors-spki-list=${fingerprint}`,
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const problems: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(error.message));

    await page.goto(url);
    await page.fill("#username_input", user);
    await page.fill("#password_input", password);
    await page.click("#login_submit");
    await page.waitForURL(/\/user\/.*\/lab/, { timeout: 90_000 });
    await page.waitForSelector(".jp-Launcher", { timeout: 60_000 });
    await page.click('.jp-LauncherCard[data-category="Notebook"]');
    const cell = page.locator(".jp-Notebook .jp-Cell .cm-content").first();
    await cell.click();
    await cell.pressSequentially("6 * 7");
    await page.keyboard.press("Shift+Enter");
    await page.locator(".jp-OutputArea-output", { hasText: "42" }).waitFor({ timeout: 60_000 });
    await page.screenshot({ path: picture });
    return problems;
  } finally {
    await browser.close();
  }
}
