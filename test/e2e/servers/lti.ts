import { createSign, generateKeyPairSync } from "node:crypto";

import { listen, type TestServer } from "./listen";

export const LTI_CLIENT = "tool-1";
const CLAIM = "https://purl.imsglobal.org/spec/lti/claim";

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

export interface LtiPlatform extends TestServer {
  /** Address of the hub's login with what a platform adds when somebody follows a link. */
  link(loginUrl: string, target: string): string;
  /** Who is logged in at the platform. */
  person: { readonly email: string };
  /** Whether it signs with its key, and not with another. */
  honest: boolean;
}

/** A learning platform as far as a launch needs it: public keys, and a signed form that goes to the hub. */
export async function ltiPlatform(host: string): Promise<LtiPlatform> {
  const [key, other] = [0, 1].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const sign = (claims: object): string => {
    const content = `${encode({ alg: "RS256", typ: "JWT", kid: "1" })}.${encode(claims)}`;
    const signer = createSign("RSA-SHA256").update(content);
    const { privateKey } = (platform.honest ? key : other) ?? {};
    return `${content}.${privateKey ? signer.sign(privateKey, "base64url") : ""}`;
  };
  const server = await listen(host, (request, response) => {
    const url = new URL(request.url ?? "/", platform.url);
    if (url.pathname === "/certs") {
      const jwk = { ...key?.publicKey.export({ format: "jwk" }), kid: "1", use: "sig", alg: "RS256" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [jwk] }));
      return;
    }
    const query = (name: string) => url.searchParams.get(name) ?? "";
    const now = Math.floor(Date.now() / 1000);
    const token = sign({
      iss: platform.url,
      aud: query("client_id"),
      sub: "4711",
      nonce: query("nonce"),
      iat: now,
      exp: now + 60,
      email: platform.person.email,
      [`${CLAIM}/message_type`]: "LtiResourceLinkRequest",
      [`${CLAIM}/version`]: "1.3.0",
      [`${CLAIM}/deployment_id`]: "1",
      [`${CLAIM}/target_link_uri`]: query("redirect_uri"),
      [`${CLAIM}/resource_link`]: { id: "course" },
      [`${CLAIM}/roles`]: ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    });
    const field = (name: string, value: string) => `<input type="hidden" name="${name}" value="${value}">`;
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      `<form action="${query("redirect_uri")}" method="post">` +
        `${field("id_token", token)}${field("state", query("state"))}</form>`,
    );
  });
  const platform: LtiPlatform = {
    ...server,
    person: { email: "nobody@example.org" },
    honest: true,
    link(loginUrl, target) {
      const query = {
        iss: server.url,
        login_hint: "1",
        target_link_uri: target,
        lti_message_hint: "1",
        client_id: LTI_CLIENT,
      };
      return `${loginUrl}?${new URLSearchParams(query).toString()}`;
    },
  };
  return platform;
}
