import assert from "node:assert/strict";
import fc from "fast-check";

import { type Edge, edgeConfiguration, moreThan } from "../../../../components/proxy/edge";
import { edge } from "../edge";

interface Dynamic {
  http: {
    middlewares: Record<string, Record<string, Record<string, unknown>>>;
    routers: Record<string, { rule: string; priority: number; middlewares: string[]; service: string }>;
  };
}

const rendered = (over: Partial<Edge> = {}) =>
  (JSON.parse(edgeConfiguration({ ...edge, ...over })) as Dynamic).http;

const responseHeaders = (over: Partial<Edge> = {}) =>
  rendered(over).middlewares["edge-headers"]?.["headers"]?.["customResponseHeaders"] as Record<
    string,
    string
  >;

describe("edgeConfiguration", () => {
  it("sends HSTS for a name of the DNS over HTTPS, and never for localhost", () => {
    assert.equal(responseHeaders()["Strict-Transport-Security"], "max-age=31536000");
    const hsts = { seconds: 0, subdomains: true, preload: true };
    assert.equal(
      responseHeaders({ hsts })["Strict-Transport-Security"],
      "max-age=0; includeSubDomains; preload",
    );
    assert.ok(!("Strict-Transport-Security" in responseHeaders({ domain: "localhost" })));
    assert.ok(!("Strict-Transport-Security" in responseHeaders({ url: "http://hub.example.org/" })));
  });
  it("takes away what tells what runs, with or without the headers that protect", () => {
    for (const securityHeaders of [true, false]) {
      const headers = responseHeaders({ securityHeaders });
      assert.deepEqual([headers["Server"], headers["X-JupyterHub-Version"]], ["", ""]);
      assert.equal("X-Content-Type-Options" in headers, securityHeaders);
    }
  });
  it("has in its chain what is configured, and in a fixed order", () => {
    const chain = (over = {}) => rendered(over).middlewares["edge"]?.["chain"]?.["middlewares"];
    assert.deepEqual(chain(), ["edge-headers"]);
    const all = { allow: ["192.0.2.0/24"], requestRate: { average: 5, burst: 10 } };
    assert.deepEqual(chain(all), ["edge-headers", "edge-allow", "edge-requests"]);
    assert.deepEqual(
      edgeConfiguration({ ...edge, allow: ["b", "a"] }),
      edgeConfiguration({ ...edge, allow: ["a", "b"] }),
    );
  });
  it("counts by the visitor's address, which load balancers tell", () => {
    const { middlewares } = rendered({ trustedProxies: ["10.0.0.0/8"], allow: ["192.0.2.1"] });
    const ipStrategy = { excludedIPs: ["10.0.0.0/8"] };
    assert.deepEqual(middlewares["edge-allow"]?.["ipAllowList"]?.["ipStrategy"], ipStrategy);
    assert.deepEqual(middlewares["edge-logins"]?.["rateLimit"]?.["sourceCriterion"], { ipStrategy });
  });
  it("takes away what visitors say of themselves, and says by itself what the hub is reached by", () => {
    const sent = (over: Partial<Edge> = {}) =>
      rendered(over).middlewares["edge-headers"]?.["headers"]?.["customRequestHeaders"] as Record<
        string,
        string
      >;
    for (const over of [{}, { trustedProxies: ["10.0.0.0/8"] }]) {
      for (const name of ["X-Real-IP", "Forwarded", "X-Scheme", "CF-Connecting-IP", "True-Client-IP"]) {
        assert.equal(sent(over)[name], "", name);
      }
      assert.ok(!("X-Forwarded-For" in sent(over)), "the one that is kept");
    }
    assert.ok(!("X-Forwarded-Proto" in sent()));
    assert.equal(sent({ trustedProxies: ["10.0.0.0/8"] })["X-Forwarded-Proto"], "https");
  });
  it("limits attempts to log in and bodies below the base URL, by whatever name a visitor comes", () => {
    const rule = (over = {}) => rendered(over).routers["edge-login"]?.rule;
    const pages = "Path(`/hub/login`) || Path(`/hub/signup`) || Path(`/hub/change-password`)";
    const others = "PathRegexp(`^/hub/change-password/[^/]+$`)";
    assert.equal(rule(), `Method(\`POST\`) && (${pages} || ${others})`);
    const api = "PathRegexp(`^/hub/api/users/[^/]+/tokens$`)";
    assert.equal(rule({ apiLogin: true }), `Method(\`POST\`) && (${pages} || ${others} || ${api})`);
    assert.match(
      String(rule({ url: "https://hub.example.org/a.b/", apiLogin: true })),
      /PathRegexp\(`\^\/a\\\.b\/hub\/api/,
    );
    assert.match(
      String(rule({ url: "https://hub.example.org/jupyter/" })),
      /Path\(`\/jupyter\/hub\/login`\)/,
    );
    // The hub answers for any name, those of people and those that nobody has.
    const rules = Object.values(rendered(Object.fromEntries([["userSubdomains", true]])).routers);
    for (const one of rules) {
      assert.ok(!JSON.stringify(one).includes("Host("));
    }
  });
  it("sends other names on to the hub's own", () => {
    const { routers, middlewares } = rendered({ redirectedDomains: ["b.example.org", "a.example.org"] });
    assert.equal(routers["edge-redirect"]?.rule, "Host(`a.example.org`) || Host(`b.example.org`)");
    assert.equal(
      middlewares["edge-redirect"]?.["redirectRegex"]?.["replacement"],
      "https://hub.example.org:8443/$1",
    );
  });
  it("knows every number above a limit, and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e10 }), fc.integer({ min: 0, max: 1e11 }), (limit, length) => {
        const pattern = new RegExp(moreThan(limit));
        for (const one of [length, limit - 1, limit, limit + 1, limit * 10]) {
          assert.equal(pattern.test(String(one)), one > limit, `${one} > ${limit}`);
        }
      }),
    );
    assert.ok(!("edge-body" in rendered({ maxBodySize: false }).routers));
  });
});
