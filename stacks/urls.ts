import { isIPv6 } from "node:net";

/** The address that browsers use, with the base URL and a slash at its end: `https://hub.example.org:8443/`. */
export function publicUrl(domain: string, httpsPort: number, baseUrl: string): string {
  const host = isIPv6(domain) ? `[${domain}]` : domain;
  const port = httpsPort === 443 ? "" : `:${httpsPort}`;
  return `https://${host}${port}${baseUrl}`;
}
