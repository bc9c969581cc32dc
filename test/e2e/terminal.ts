import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerConnection } from "@jupyterlab/services";
import type { WebSocket } from "ws";

import { until } from "./until";

/** A terminal of JupyterLab: a shell behind a WebSocket, which is typed into. */
export class RunningTerminal {
  private printed = "";

  private constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly name: string,
    private readonly socket: WebSocket,
  ) {
    socket.on("message", (data: Buffer) => {
      const [type, text] = JSON.parse(data.toString()) as [string, string];
      if (type === "stdout") {
        this.printed += text;
      }
    });
  }

  static async start(settings: ServerConnection.ISettings): Promise<RunningTerminal> {
    const { name } = (await ask(settings, "api/terminals", "POST")) as { name: string };
    // The settings are those of a browser; in tests their class is that of `ws`.
    const socket = new settings.WebSocket(
      `${settings.wsUrl}terminals/websocket/${name}`,
    ) as unknown as WebSocket;
    await once(socket, "open");
    return new RunningTerminal(settings, name, socket);
  }

  /** Types a command and gives what it printed. */
  async run(command: string, timeoutMs = 60_000): Promise<string> {
    const from = this.printed.length;
    // The shell echoes what is typed: the marks are not in it as they are printed.
    this.socket.send(JSON.stringify(["stdin", `echo "<""<<"; ${command}; echo ">"">>"\r`]));
    const between = () => /<<<\r?\n([^]*?)>>>/.exec(this.printed.slice(from))?.[1];
    await until(`an answer to ${command}`, () => between() !== undefined, timeoutMs);
    return between() ?? "";
  }

  async close(): Promise<void> {
    this.socket.close();
    await ask(this.settings, `api/terminals/${this.name}`, "DELETE");
  }
}

async function ask(settings: ServerConnection.ISettings, path: string, method: string): Promise<unknown> {
  const init = {
    ...settings.init,
    method,
    headers: { authorization: `token ${settings.token}` },
  };
  const answer = await settings.fetch(`${settings.baseUrl}${path}`, init);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}
