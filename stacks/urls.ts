import { isIPv6 } from "node:net";

const usual = { https: 443, http: 80 } as const;

/** The address that browsers use, with the base URL and a slash at its end: `https://hub.example.org:8443/`. */
export function publicUrl(
  domain: string,
  port: number,
  baseUrl: string,
  scheme: "https" | "http" = "https",
): string {
  const host = isIPv6(domain) ? `[${domain}]` : domain;
  return `${scheme}://${host}${port === usual[scheme] ? "" : `:${port}`}${baseUrl}`;
}
