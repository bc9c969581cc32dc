/** Connections to a Docker Engine through ssh. */
import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/**
 * Connects through the ssh program, so that the user's ssh configuration, keys and known hosts apply. The host needs the
 * `docker` command.
 * @param options for ssh, before the host.
 */
export function sshAgent(url: URL, options: readonly string[] = []): Agent {
  const target = url.username === "" ? url.hostname : `${decodeURIComponent(url.username)}@${url.hostname}`;
  const args = [
    ...options,
    ...(url.port === "" ? [] : ["-p", url.port]),
    "--",
    target,
    "docker",
    ...(url.pathname.length > 1 ? ["--host", `unix://${url.pathname}`] : []),
    "system",
    "dial-stdio",
  ];
  class SshAgent extends Agent {
    override createConnection(): Duplex {
      const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
      const socket = new Duplex({
        read: () => void child.stdout.resume(),
        // That ssh takes no more is told by its end, which says why.
        write: (chunk: Buffer, _encoding, done) =>
          void child.stdin.write(chunk, () => {
            done();
          }),
        final: (done) => void child.stdin.end(done),
      });
      child.stdin.on("error", nothing);
      child.stdout.on("data", (chunk: Buffer) => {
        if (!socket.push(chunk)) {
          child.stdout.pause();
        }
      });
      let complaint = "";
      child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
      child.on("error", (error) => socket.destroy(error));
      child.on("close", (code) => {
        if (code === 0) {
          socket.push(null);
        } else {
          socket.destroy(
            new Error(`ssh ${target}: ${complaint.trim() || `ended with code ${String(code)}`}`),
          );
        }
      });
      socket.on("close", () => child.kill());
      // http asks a socket for these; a pair of pipes has no use for them.
      return Object.assign(socket, {
        setKeepAlive: nothing,
        setNoDelay: nothing,
        setTimeout: nothing,
        ref: nothing,
        unref: nothing,
      });
    }
  }
  return new SshAgent();
}

const nothing = (): void => undefined;
