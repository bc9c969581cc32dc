/** Oldest TLS version that is spoken. */
export type MinimumTls = "1.2" | "1.3";

/**
 * Ciphers of TLS 1.2: forward secrecy and authenticated encryption only, as Mozilla's "intermediate" has them. Those of
 * TLS 1.3 are all good, and can't be chosen.
 */
export const CIPHER_SUITES = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/**
 * Traefik's dynamic TLS configuration, with certificate and key inline: one file is replaced in one step, so there is
 * no moment at which a new certificate stands beside an old key. (JSON is YAML.)
 *
 * @param certificate none where Traefik gets certificates by itself, or needs none
 */
export function tlsConfiguration(
  minimum: MinimumTls,
  certificate?: { readonly certificate: string; readonly key: string },
): string {
  return JSON.stringify({
    tls: {
      ...(certificate === undefined
        ? {}
        : {
            stores: {
              default: {
                defaultCertificate: { certFile: certificate.certificate, keyFile: certificate.key },
              },
            },
          }),
      options: {
        default: {
          minVersion: minimum === "1.3" ? "VersionTLS13" : "VersionTLS12",
          cipherSuites: CIPHER_SUITES,
        },
      },
    },
  });
}
