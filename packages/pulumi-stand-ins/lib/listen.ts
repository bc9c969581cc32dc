/** The start and the end of a plugin's life. */
import * as grpc from "@grpc/grpc-js";

/** How often the plugin looks whether the engine still lives, in milliseconds. */
const PARENT_CHECK_INTERVAL = 500;
/** How long what is running gets to end after a cancel when the plugin itself has to go, in milliseconds. */
const GRACE = 1500;

/**
 * Binds a loopback port, prints it on stdout (what the engine waits for), and ends the process when the engine goes.
 *
 * @param server the gRPC server with its services
 * @param stop aborts whatever is running and resolves when it has ended; called before the process ends
 */
export function listen(server: grpc.Server, stop: () => Promise<unknown>): void {
  let ending = false;
  const end = (): void => {
    if (ending) {
      return;
    }
    ending = true;
    const exit = (): void => process.exit(0);
    stop().then(exit, exit);
    setTimeout(exit, GRACE);
  };

  // The engine starts plugins in process groups of their own, so neither comes from a terminal's Ctrl-C: that is the
  // engine's business, which tells its plugins by a Cancel call.
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  // An engine that was killed can not stop its plugins: they are given to another parent then.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      end();
    }
  }, PARENT_CHECK_INTERVAL).unref();

  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`the plugin cannot listen on 127.0.0.1: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}
