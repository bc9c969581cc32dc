import type { RequestListener } from "node:http";

import { type Identity, listen, type TestServer } from "./listen";

/** The parts of oidc-provider that are used here: it has no types of its own. */
interface OidcProvider {
  callback(): RequestListener;
}
interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}
interface Context {
  oidc: {
    provider: { Grant: new (of: { clientId: string; accountId: string }) => Grant };
    client: { clientId: string };
    session: { accountId: string };
    params: { scope: string };
  };
}
type Provider = new (issuer: string, configuration: object) => OidcProvider;

/** An ES module without types: named by a value, the compiler does not look for them. */
const PACKAGE: string = "oidc-provider";

export const OIDC_CLIENT = { id: "hub", secret: "secret-of-the-hub-at-oidc" };

/**
 * A real OpenID Connect provider over TLS, whose login form takes any password.
 * @param people claims of each account, by what is typed at the login
 */
export async function oidcProvider(
  host: string,
  identity: Identity,
  callback: string,
  people: Readonly<Record<string, object>>,
): Promise<TestServer> {
  const { default: Provider } = (await import(PACKAGE)) as { default: Provider };
  let handler: RequestListener = (_request, response) => response.writeHead(503).end();
  // The issuer is the address, which is known when it listens.
  const server = await listen(
    host,
    (request, response) => {
      handler(request, response);
    },
    identity,
  );
  const provider = new Provider(server.url, {
    clients: [
      {
        client_id: OIDC_CLIENT.id,
        client_secret: OIDC_CLIENT.secret,
        redirect_uris: [callback],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "profile", "email", "groups"],
    claims: {
      openid: ["sub"],
      profile: ["preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    cookies: { keys: ["for tests only"] },
    pkce: { required: () => true },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...people[accountId] }),
    }),
    // Nobody is asked whether the hub may see the claims.
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope(oidc.params.scope);
      await grant.save();
      return grant;
    },
  });
  handler = provider.callback();
  return server;
}
