import assert from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { ServerConnection } from "@jupyterlab/services";
import { CookieJar } from "tough-cookie";
import { Agent, type Dispatcher, fetch, Request, request, type RequestInit, type Response } from "undici";
import WebSocket from "ws";

/** The first cookie of a name, or a failed test. */
async function cookie(jar: CookieJar, url: string, name: string): Promise<string> {
  const found = (await jar.getCookies(url)).find(({ key }) => key === name);
  assert.ok(found, `${url} set no cookie ${name}`);
  return found.value;
}

/** A look-up that has one answer for every name. */
export function leadingTo(address: string): LookupFunction {
  return (_name, options, callback) => {
    if (options.all === true) {
      callback(null, [{ address, family: 4 }]);
    } else {
      callback(null, address, 4);
    }
  };
}

/** A person's way to a hub: over TLS, trusting one certificate authority and no other. */
export class HubClient {
  readonly #jar = new CookieJar();
  #dispatcher: Agent;
  readonly #tls: { ca?: string; lookup?: LookupFunction } = {};
  #token = "";

  /**
   * @param url address of the hub, with a slash at its end
   * @param ca certificate authority in PEM
   * @param address where every name leads, in the place of the DNS
   */
  constructor(
    readonly url: string,
    readonly ca: string,
    readonly user: string,
    address?: string,
  ) {
    if (address !== undefined) {
      this.#tls.lookup = leadingTo(address);
    }
    this.#tls.ca = ca;
    this.#dispatcher = new Agent({ connect: this.#tls });
  }

  /** Goes on as the same person with another authority, as somebody who has imported it. */
  async trust(ca: string): Promise<void> {
    await this.#dispatcher.close();
    this.#tls.ca = ca;
    this.#dispatcher = new Agent({ connect: this.#tls });
  }

  /**
   * One request as a browser makes it when a person follows a link or sends a form; redirects are not followed.
   * (The hub sets its cookies for such requests only, which `fetch` does not claim to be.)
   */
  async visit(
    path: string,
    options: { method?: "GET" | "POST"; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ status: number; headers: Dispatcher.ResponseData["headers"]; text: string }> {
    const url = new URL(path, this.url).href;
    const response = await request(url, {
      ...options,
      dispatcher: this.#dispatcher,
      headers: { cookie: await this.#jar.getCookieString(url), ...options.headers },
    });
    for (const line of [response.headers["set-cookie"] ?? []].flat()) {
      await this.#jar.setCookie(line, url);
    }
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }

  /** Sends the login form as another person might: what the hub answers, without going on. */
  async tryLogin(
    password: string,
  ): Promise<{ status: number; headers: Dispatcher.ResponseData["headers"]; text: string }> {
    assert.equal((await this.visit("hub/login")).status, 200);
    return this.visit("hub/login", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        username: this.user,
        password,
        _xsrf: await cookie(this.#jar, new URL("hub/login", this.url).href, "_xsrf"),
      }).toString(),
    });
  }

  /** Logs in by the form; returns false when the hub refuses. */
  async login(password: string): Promise<boolean> {
    if ((await this.tryLogin(password)).status !== 302) {
      return false;
    }
    // The login made a new session; the next page brings its own XSRF cookie.
    await this.visit("hub/home");
    const made = await this.visit(`hub/api/users/${this.path}/tokens`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-xsrftoken": await cookie(this.#jar, new URL("hub/home", this.url).href, "_xsrf"),
      },
      body: JSON.stringify({ note: "end-to-end suite", expires_in: 3600 }),
    });
    assert.equal(made.status, 201, made.text);
    this.#token = (JSON.parse(made.text) as { token: string }).token;
    return true;
  }

  /** The person's name in an address, as the hub writes it there. */
  get path(): string {
    return encodeURIComponent(this.user)
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%40", "@");
  }

  /** The token that a login brought. */
  get token(): string {
    return this.#token;
  }

  /** Takes a token that the person has from elsewhere, in the place of a login. */
  useToken(token: string): void {
    this.#token = token;
  }

  /** A call of the hub's API, or of the person's server, with the person's token. */
  async api(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.url).href, {
      redirect: "manual",
      dispatcher: this.#dispatcher,
      ...init,
      headers: { authorization: `token ${this.#token}`, ...(init.headers as Record<string, string>) },
    });
  }

  /** Starts the person's server, with options where some are given, and waits until it is ready. */
  async startServer(timeoutMs = 60_000, options?: Readonly<Record<string, unknown>>): Promise<void> {
    const body = options === undefined ? {} : { body: JSON.stringify(options) };
    const started = await this.api(`hub/api/users/${this.path}/server`, { method: "POST", ...body });
    const text = await started.text();
    assert.ok([201, 202].includes(started.status), `start: ${started.status} ${text}`);
    await this.serverReady(timeoutMs);
  }

  /** Waits until the person's server, whose start was asked for, is ready. */
  async serverReady(timeoutMs = 60_000): Promise<void> {
    await this.#waitFor("is not ready", timeoutMs, async () => (await this.#server())?.ready === true);
  }

  /** Stops the person's server and waits until it is gone. */
  async stopServer(timeoutMs = 30_000): Promise<void> {
    const stopped = await this.api(`hub/api/users/${this.path}/server`, { method: "DELETE" });
    const body = await stopped.text();
    assert.ok([202, 204].includes(stopped.status), `stop: ${stopped.status} ${body}`);
    await this.#waitFor("is still there", timeoutMs, async () => (await this.#server()) === undefined);
  }

  async #server(): Promise<{ ready: boolean } | undefined> {
    const answer = await this.api(`hub/api/users/${this.path}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { servers: Record<string, { ready: boolean }> }).servers[""];
  }

  async #waitFor(what: string, timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await condition())) {
      assert.ok(Date.now() < end, `the server of ${this.user} ${what} after ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Settings for `@jupyterlab/services`: the same TLS trust and token, for requests and WebSockets. */
  serverSettings(): ServerConnection.ISettings {
    // A token in the address, which is all that a browser's WebSocket can do, is off.
    const options = { ...this.#tls, headers: { authorization: `token ${this.#token}` } };
    class TrustingWebSocket extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols, options);
      }
    }
    const base = new URL(`user/${this.path}/`, this.url).href;
    return ServerConnection.makeSettings({
      baseUrl: base,
      wsUrl: base.replace(/^http/, "ws"),
      token: this.#token,
      appendToken: false,
      init: { cache: "no-store", dispatcher: this.#dispatcher } as unknown as globalThis.RequestInit,
      fetch: fetch as unknown as typeof globalThis.fetch,
      Request: Request as unknown as typeof globalThis.Request,
      WebSocket: TrustingWebSocket as unknown as typeof globalThis.WebSocket,
    });
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }
}
