/** Why an engine closed a TLS connection. */
import { connect } from "node:tls";

import { withPort } from "./address";
import type { Address } from "./client";

/** What is said of a failed connection: a code of Node.js's, and words. */
export interface Failure {
  readonly code: string | undefined;
  readonly message: string;
}

const TIMEOUT = 2_000;

const CLOSED: Failure = {
  code: "ERR_SSL_CERTIFICATE_REFUSED",
  message: "it closed the connection after the certificate was sent, without a message",
};

/**
 * The reason why a connection ended. With TLS 1.3 an engine looks at the client's certificate only after the client took
 * the connection for made. Whoever writes a request meanwhile may hear that the connection is gone, before hearing why:
 * so it is asked again, with nothing written.
 *
 * @param timeout milliseconds in which an engine that refuses a certificate says so
 */
export async function reasonOf(
  failure: Failure,
  { host, tls }: Address,
  timeout = TIMEOUT,
): Promise<Failure> {
  const gone = failure.code === "ECONNRESET" || failure.code === "EPIPE";
  if (!gone || tls === undefined || !host.startsWith("tcp://")) {
    return failure;
  }
  const url = new URL(withPort(host, true));
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port), ...tls });
    const end = (found: Failure): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(timeout, () => {
      end(failure);
    });
    socket.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      end(code === undefined || code === failure.code ? failure : { code, message });
    });
    // Some servers close without a message, as soon as they have seen the certificate.
    let made = false;
    socket.once("secureConnect", () => (made = true));
    socket.once("close", () => {
      end(made ? CLOSED : failure);
    });
    // Read, or what the engine says stays in the socket.
    socket.resume();
  });
}
