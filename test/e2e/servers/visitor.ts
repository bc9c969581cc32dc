import assert from "node:assert/strict";
import { CookieJar } from "tough-cookie";
import { Agent, request } from "undici";

/** A page as a person sees it. */
export interface Page {
  /** Address that it came from, after all redirects. */
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Form {
  readonly action: string;
  readonly fields: Record<string, string>;
}

/** A browser without scripts: cookies, redirects and forms, over several hosts. */
export class Visitor {
  readonly #jar = new CookieJar();
  readonly #dispatcher: Agent;

  /** @param ca certificate authorities in PEM */
  constructor(ca: readonly string[]) {
    this.#dispatcher = new Agent({ connect: { ca: [...ca] } });
  }

  /** Opens an address; follows redirects as a browser does. */
  async open(address: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    let url = address;
    let body = form && new URLSearchParams(form).toString();
    for (let redirects = 0; redirects < 20; redirects += 1) {
      const answer = await request(url, {
        method: body === undefined ? "GET" : "POST",
        dispatcher: this.#dispatcher,
        headers: {
          accept: "text/html",
          cookie: await this.#jar.getCookieString(url),
          ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        },
        ...(body === undefined ? {} : { body }),
      });
      for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
        await this.#jar.setCookie(line, url, { ignoreError: true });
      }
      const text = await answer.body.text();
      const { location } = answer.headers;
      if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== "string") {
        return { url, status: answer.statusCode, text, headers: answer.headers };
      }
      url = new URL(location, url).href;
      body = undefined;
    }
    assert.fail(`too many redirects, the last to ${url}`);
  }

  /** Fills in the first form of a page that has the given fields and goes to the address, and sends it. */
  async submit(page: Page, values: Readonly<Record<string, string>>, to = ""): Promise<Page> {
    const form = forms(page.text).find(
      ({ fields, action }) => Object.keys(values).every((name) => name in fields) && action.endsWith(to),
    );
    assert.ok(
      form,
      `no form with ${Object.keys(values).join(", ")} at ${page.url}:\n${page.text.slice(0, 2000)}`,
    );
    const cookie = (await this.#jar.getCookies(page.url)).find(({ key }) => key === "_xsrf");
    const xsrf: Record<string, string> = "_xsrf" in form.fields && cookie ? { _xsrf: cookie.value } : {};
    const action = new URL(form.action || page.url, page.url).href;
    return this.open(action, { ...form.fields, ...xsrf, ...values });
  }

  /** Sends a login form of one's own making, with the token that the hub's login page gives to everybody. */
  async forge(hub: string, values: Readonly<Record<string, string>>): Promise<Page> {
    const page = await this.open(`${hub}hub/login`);
    const cookie = (await this.#jar.getCookies(page.url)).find(({ key }) => key === "_xsrf");
    assert.ok(cookie, `${page.url} set no cookie _xsrf`);
    return this.open(`${hub}hub/login`, { ...values, _xsrf: cookie.value });
  }

  /** Calls the hub's API without a login, and perhaps with one in the body. */
  async call(url: string, body: unknown): Promise<{ status: number; text: string }> {
    const answer = await request(url, {
      method: "POST",
      dispatcher: this.#dispatcher,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  /** Who the hub takes this browser for. */
  async whoami(hub: string): Promise<{ name: string; admin: boolean } | undefined> {
    const page = await this.open(`${hub}hub/home`);
    const name = /user: "([^"]+)"/.exec(page.text)?.[1];
    return name === undefined ? undefined : { name, admin: page.text.includes("/hub/admin") };
  }

  /** A token for the hub's API, as the hub's page for tokens makes one. */
  async token(hub: string, name: string): Promise<string> {
    await this.open(`${hub}hub/home`);
    const cookies = await this.#jar.getCookies(`${hub}hub/home`);
    const answer = await request(`${hub}hub/api/users/${name}/tokens`, {
      method: "POST",
      dispatcher: this.#dispatcher,
      headers: {
        cookie: cookies.map((cookie) => cookie.cookieString()).join("; "),
        "content-type": "application/json",
        "x-xsrftoken": cookies.find(({ key }) => key === "_xsrf")?.value ?? "",
      },
      body: JSON.stringify({ note: "end-to-end suite", expires_in: 3600 }),
    });
    const text = await answer.body.text();
    assert.equal(answer.statusCode, 201, text);
    return (JSON.parse(text) as { token: string }).token;
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }
}

function forms(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = "", inside = ""]) => ({
    action: attribute(attributes, "action"),
    fields: Object.fromEntries(
      [...inside.matchAll(/<(?:input|button)\b([^>]*)>/g)]
        .map(([, input = ""]) => [attribute(input, "name"), attribute(input, "value")] as const)
        .filter(([name]) => name !== ""),
    ),
  }));
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replaceAll("&amp;", "&").replaceAll("&#x2F;", "/").replaceAll("&quot;", '"');
}
