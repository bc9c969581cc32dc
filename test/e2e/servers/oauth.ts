import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { type Identity, listen, type TestServer } from "./listen";

/** Answer of an API: JSON with a status, or nothing but a status. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What one service does in its own way. */
export interface Service<Person> {
  readonly authorizePath: string;
  readonly tokenPath: string;
  /** An API call of the hub with the token of a person. */
  api(path: string, query: URLSearchParams, person: Person, url: string): Answer;
  /** What comes with an access token beside it. */
  tokenFields?(person: Person): Readonly<Record<string, unknown>>;
}

export const OAUTH_CLIENT = { id: "hub", secret: "secret-of-the-hub" };

/** An OAuth 2 server: the code flow as it is on the wire, client secret and PKCE checked. */
export class OAuthServer<Person> {
  /** Who is logged in at the service in everybody's browser. */
  person: Person | undefined;
  /** What the hub asked for at the last login. */
  scope = "";
  #server: TestServer | undefined;
  readonly #codes = new Map<string, { person: Person; challenge: string; callback: string }>();
  readonly #tokens = new Map<string, Person>();

  constructor(readonly service: Service<Person>) {}

  async start(host: string, identity?: Identity): Promise<this> {
    const handler = (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    };
    this.#server = await listen(host, handler, identity);
    return this;
  }

  get url(): string {
    return this.#server?.url ?? "";
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname === this.service.authorizePath) {
      this.#authorize(url.searchParams, response);
      return;
    }
    const answer =
      url.pathname === this.service.tokenPath
        ? this.#token(new URLSearchParams(await text(request)))
        : this.#api(request, url);
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const callback = new URL(query.get("redirect_uri") ?? "");
    callback.searchParams.set("state", query.get("state") ?? "");
    this.scope = query.get("scope") ?? "";
    if (this.person === undefined || query.get("client_id") !== OAUTH_CLIENT.id) {
      callback.searchParams.set("error", "access_denied");
      callback.searchParams.set("error_description", "The person said no");
    } else {
      const code = randomUUID();
      const challenge = query.get("code_challenge") ?? "";
      this.#codes.set(code, { person: this.person, challenge, callback: query.get("redirect_uri") ?? "" });
      callback.searchParams.set("code", code);
    }
    response.writeHead(302, { location: callback.href }).end();
  }

  #token(form: URLSearchParams): Answer {
    const code = this.#codes.get(form.get("code") ?? "");
    this.#codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isClient =
      form.get("client_id") === OAUTH_CLIENT.id && form.get("client_secret") === OAUTH_CLIENT.secret;
    if (!isClient) {
      return { status: 401, body: { error: "invalid_client" } };
    }
    if (code?.challenge !== challenge || code.callback !== form.get("redirect_uri")) {
      return { status: 400, body: { error: "invalid_grant" } };
    }
    const token = randomUUID();
    this.#tokens.set(token, code.person);
    const more = this.service.tokenFields?.(code.person) ?? {};
    return { status: 200, body: { access_token: token, token_type: "bearer", scope: this.scope, ...more } };
  }

  #api(request: IncomingMessage, url: URL): Answer {
    const token = /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const person = this.#tokens.get(token ?? "");
    if (person === undefined) {
      return { status: 401, body: { message: "Bad credentials" } };
    }
    return this.service.api(url.pathname, url.searchParams, person, this.url);
  }
}
