import { connect as connectTcp } from "node:net";
import { connect, type PeerCertificate } from "node:tls";

import { execa } from "./deployment";

/** The certificate that a port shows for a name, whoever signed it. */
export function certificateOf(port: number, servername: string): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

/** Whether openssl, as old as one likes, comes to terms with a port. */
export async function handshake(port: number, servername: string, args: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa(
    "openssl",
    ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", servername, "-brief", ...args],
    { input: "", reject: false, all: false },
  );
  return exitCode === 0;
}

/** The raw answer to a raw request over plain TCP. */
export function plain(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connectTcp({ host: "127.0.0.1", port }, () => socket.write(text));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.once("close", () => {
      resolve(answer);
    });
    socket.once("error", reject);
  });
}
