/** What a data centre has beside its hosts: a metadata service and a server on a private network, on one of the machines. */
import type Docker from "dockerode";

import type { Machine } from "./cluster";
import { until } from "./shell";

export const METADATA = "169.254.169.254";
export const PRIVATE = "10.255.255.254";

/** A port that is allowed there, beside 80. */
export const ALLOWED_PORT = 8081;

const PROGRAM = `
import http.server, threading
servers = [http.server.ThreadingHTTPServer(one, http.server.SimpleHTTPRequestHandler) for one in (
    ("${METADATA}", 80), ("${PRIVATE}", 80), ("${PRIVATE}", ${ALLOWED_PORT}))]
threads = [threading.Thread(target=one.serve_forever) for one in servers]
[one.start() for one in threads]
`;

/**
 * Puts both on a machine's own network, where all machines reach them.
 *
 * @param image one with Python that the machine has
 */
export async function farAway(machines: readonly Machine[], image: string): Promise<Docker.Container> {
  const [first, ...others] = machines;
  if (first === undefined) {
    throw new Error("no machine");
  }
  for (const address of [METADATA, PRIVATE]) {
    await first.run("ip", "addr", "add", `${address}/32`, "dev", "lo");
    for (const other of others) {
      await other.run("ip", "route", "add", `${address}/32`, "via", first.address);
    }
  }
  const container = await first.docker.createContainer({
    Image: image,
    Entrypoint: ["python3", "-c", PROGRAM],
    Cmd: [],
    HostConfig: { NetworkMode: "host" },
  });
  await container.start();
  for (const [address, port] of [
    [METADATA, 80],
    [PRIVATE, ALLOWED_PORT],
  ] as const) {
    await until(`${address}:${port} answers`, 20_000, async () => {
      for (const machine of machines) {
        await machine.run("bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`);
      }
      return true;
    });
  }
  return container;
}
