/** What every request goes through before it is routed, and every answer on its way back. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { HUB_ALIAS, HUB_PORT } from "../hub/settings/paths";
import type { MinimumTls } from "./dynamic-configuration";

export interface Edge {
  /** The hub's own name. */
  readonly domain: string;
  /** Address that browsers use, with the base URL and a slash at its end. */
  readonly url: string;
  /** Oldest TLS version that is spoken. */
  readonly minimumTls: MinimumTls;
  /** Whether there are figures for Prometheus, on the control network. */
  readonly metrics: boolean;
  /** Load balancers in front: a visitor's address is then the last one that is not theirs. */
  readonly trustedProxies: readonly string[];
  /** `Strict-Transport-Security`; 0 seconds has browsers forget it. */
  readonly hsts: { readonly seconds: number; readonly subdomains: boolean; readonly preload: boolean };
  readonly securityHeaders: boolean;
  /** Addresses and networks that may come in; none for all. */
  readonly allow: readonly string[];
  /** Bytes of one request's body, or false for no limit. */
  readonly maxBodySize: number | false;
  /** Requests of one address a second, and at once. */
  readonly requestRate?: { readonly average: number; readonly burst: number } | undefined;
  /** Attempts of one address to log in. */
  readonly loginRate: { readonly perMinute: number; readonly burst: number };
  /** Whether the hub's API takes passwords. */
  readonly apiLogin: boolean;
  /** Names whose visitors are sent on to the hub's own. */
  readonly redirectedDomains: readonly string[];
}

// Over any priority that a rule gets from its length.
const priorities = { body: 1_000_003, redirect: 1_000_002, login: 1_000_001 } as const;

/**
 * Paths below the base URL, as patterns, where a password can be tried: the one list that the hub has, too. Its values say
 * whether a path is always open, or with `auth.apiLogin` only.
 */
const PASSWORD_PATHS = JSON.parse(
  readFileSync(join(__dirname, "../../images/hub/jupyterhub_on_docker/logins/password_paths.json"), "utf8"),
) as Readonly<Record<string, "page" | "api">>;

/** Bytes of a body for the hub itself, which bounds those of a length that is not told (images/hub/…/web/body_limit.py). */
const HUB_BODY = 10 * 1024 ** 2;

/** Traefik's dynamic configuration of the edge. (JSON is YAML.) */
export function edgeConfiguration(edge: Edge): string {
  const { allow, requestRate, maxBodySize } = edge;
  const source = ipStrategy(edge.trustedProxies);
  // Traefik takes no empty one.
  const criterion = edge.trustedProxies.length === 0 ? {} : { sourceCriterion: source };
  const middlewares: Record<string, object> = { "edge-headers": { headers: headers(edge) } };
  if (allow.length > 0) {
    middlewares["edge-allow"] = { ipAllowList: { sourceRange: sorted(allow), ...source } };
  }
  if (requestRate !== undefined) {
    middlewares["edge-requests"] = { rateLimit: { ...requestRate, period: "1s", ...criterion } };
  }
  const chain = Object.keys(middlewares);

  const routers: Record<string, object> = {
    "edge-login": router(loginRule(edge), priorities.login, ["edge-too-many", "edge-logins"], "edge-hub"),
  };
  // In place of Traefik's line of text. The hub's own answers 429 are replaced too, and it gives them here again.
  middlewares["edge-too-many"] = {
    errors: {
      status: ["429"],
      service: "edge-hub",
      query: `${basePath(edge)}hub/too-many-logins?url={url}`,
    },
  };
  middlewares["edge-logins"] = {
    rateLimit: {
      average: edge.loginRate.perMinute,
      burst: edge.loginRate.burst,
      period: "1m",
      ...criterion,
    },
  };
  if (maxBodySize !== false) {
    // Buffering as a middleware of all requests would hold back every answer until it is whole, and so break progress
    // bars and downloads. What says that it is too large goes to the hub, which reads it to its end and keeps nothing:
    // a refusal before that cuts the connection while most clients still send, and they never see it.
    const tooLarge = (limit: number) => `HeaderRegexp(\`Content-Length\`, \`${moreThan(limit)}\`)`;
    const rule = `${tooLarge(maxBodySize)} || (${tooLarge(HUB_BODY)} && ${toHub(edge)})`;
    routers["edge-body"] = router(rule, priorities.body, ["edge-body"], "edge-hub");
    middlewares["edge-body"] = { replacePath: { path: `${basePath(edge)}hub/too-large` } };
  }
  if (edge.redirectedDomains.length > 0) {
    const rule = sorted(edge.redirectedDomains)
      .map((name) => `Host(\`${name}\`)`)
      .join(" || ");
    routers["edge-redirect"] = router(rule, priorities.redirect, ["edge-redirect"], "noop@internal");
    middlewares["edge-redirect"] = {
      redirectRegex: {
        regex: "^https?://[^/]+/(.*)$",
        replacement: `${origin(edge.url)}/$1`,
        permanent: true,
      },
    };
  }
  return JSON.stringify({
    http: {
      middlewares: { edge: { chain: { middlewares: chain } }, ...middlewares },
      routers,
      services: {
        "edge-hub": {
          loadBalancer: { servers: [{ url: `http://${HUB_ALIAS}:${HUB_PORT}` }], passHostHeader: true },
        },
      },
    },
  });
}

function router(rule: string, priority: number, middlewares: readonly string[], service: string): object {
  return { entryPoints: ["websecure"], rule, priority, middlewares, service };
}

const sorted = (names: readonly string[]): string[] => [...names].sort();
const origin = (url: string): string => new URL(url).origin;

function ipStrategy(trustedProxies: readonly string[]): object {
  return trustedProxies.length === 0 ? {} : { ipStrategy: { excludedIPs: sorted(trustedProxies) } };
}

const basePath = ({ url }: Edge): string => new URL(url).pathname;

/** By whatever name a visitor comes: the hub's route answers for all of them, and nobody's server has such paths. */
const toHub = (edge: Edge): string => `PathPrefix(\`${basePath(edge)}hub/\`)`;

function loginRule(edge: Edge): string {
  const paths = Object.entries(PASSWORD_PATHS)
    .filter(([, open]) => open === "page" || edge.apiLogin)
    .map(([path]) => pathRule(basePath(edge), path));
  return `Method(\`POST\`) && (${paths.join(" || ")})`;
}

function pathRule(base: string, path: string): string {
  if (/^[a-z/-]+$/.test(path)) {
    return `Path(\`${base}${path}\`)`;
  }
  const literal = base.replace(/[^A-Za-z0-9/_-]/g, (one) => `\\${one}`);
  return `PathRegexp(\`^${literal}${path}$\`)`;
}

function headers({ domain, url, hsts, securityHeaders, trustedProxies }: Edge): object {
  const isHttps = url.startsWith("https:");
  const strict = [
    `max-age=${hsts.seconds}`,
    ...(hsts.subdomains ? ["includeSubDomains"] : []),
    ...(hsts.preload ? ["preload"] : []),
  ].join("; ");
  return {
    customRequestHeaders: {
      ...Object.fromEntries(UNSAFE_HEADERS.map((name) => [name, ""])),
      ...(isHttps && trustedProxies.length > 0 ? { "X-Forwarded-Proto": "https" } : {}),
    },
    customResponseHeaders: {
      // What runs here, and how old it is, is nobody's business.
      Server: "",
      "X-JupyterHub-Version": "",
      // For localhost it would hold for whatever else runs there, on every port.
      ...(isHttps && domain !== "localhost" ? { "Strict-Transport-Security": strict } : {}),
      ...(securityHeaders ? SECURITY_HEADERS : {}),
    },
  };
}

/**
 * Headers that tell who a visitor is, in words that nobody here has checked. A load balancer passes on those of visitors,
 * and hub, notebook servers and what people run in these believe them. X-Forwarded-… is Traefik's own affair.
 */
const UNSAFE_HEADERS = [
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "Client-IP",
  "Fastly-Client-IP",
  "Forwarded",
  "Forwarded-For",
  "True-Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "X-Forwarded",
  "X-Forwarded-Prefix",
  "X-Forwarded-Scheme",
  "X-Forwarded-Ssl",
  "X-Original-Forwarded-For",
  "X-Originating-IP",
  "X-Real-IP",
  "X-Remote-Addr",
  "X-Remote-IP",
  "X-Scheme",
  "X-Url-Scheme",
];

/** JupyterLab frames pages of its own (previews, help), so framing is not denied altogether. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "SAMEORIGIN",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(self)",
  "X-Robots-Tag": "noindex, nofollow",
};

/** A pattern for whole decimal numbers above `limit`. */
export function moreThan(limit: number): string {
  const digits = String(limit);
  const above = Array.from(digits).flatMap((digit, index) => {
    if (digit === "9") {
      return [];
    }
    const next = Number(digit) + 1;
    return [`${digits.slice(0, index)}[${next}-9][0-9]{${digits.length - index - 1}}`];
  });
  return `^0*(?:${[`[1-9][0-9]{${digits.length},}`, ...above].join("|")})$`;
}
