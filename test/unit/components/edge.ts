import type { Edge } from "../../../components/proxy/edge";

/** The edge of a small hub, for tests that need one. */
export const edge: Edge = {
  domain: "hub.example.org",
  url: "https://hub.example.org:8443/",
  minimumTls: "1.2",
  metrics: true,
  trustedProxies: [],
  hsts: { seconds: 31_536_000, subdomains: false, preload: false },
  securityHeaders: true,
  allow: [],
  maxBodySize: 100 * 1024 ** 2,
  loginRate: { perMinute: 60, burst: 300 },
  apiLogin: false,
  redirectedDomains: [],
};
