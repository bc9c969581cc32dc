import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Certificate and key in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A web server of a test: on an address of the Docker host that containers reach. */
export interface TestServer {
  /** Address without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of `host`. */
export async function listen(
  host: string,
  handler: RequestListener,
  identity?: Identity,
): Promise<TestServer> {
  const server: Server = identity ? createHttpsServer(identity, handler) : createHttpServer(handler);
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity ? "https" : "http"}://${host}:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
