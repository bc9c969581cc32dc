import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  EventManager,
  type Kernel,
  KernelManager,
  type KernelMessage,
  type ServerConnection,
  type Session,
  SessionManager,
} from "@jupyterlab/services";

/** A running kernel of a notebook in the server's folder, reached as JupyterLab reaches it: over its WebSocket. */
export class RunningKernel {
  private constructor(
    private readonly managers: readonly { dispose(): void }[],
    private readonly session: Session.ISessionConnection,
    private readonly connection: Kernel.IKernelConnection,
  ) {}

  static async start(serverSettings: ServerConnection.ISettings, name = "python3"): Promise<RunningKernel> {
    const kernelManager = new KernelManager({ serverSettings });
    const manager = new SessionManager({ serverSettings, kernelManager });
    try {
      await manager.ready;
      // A name of its own: two kernels of one server are two sessions.
      const path = `${randomUUID()}.ipynb`;
      const session = await manager.startNew({ path, name: path, type: "notebook", kernel: { name } });
      assert.ok(session.kernel);
      return new RunningKernel([manager, kernelManager], session, session.kernel);
    } catch (error) {
      // They go on asking the server for ever, and the process would not end.
      manager.dispose();
      kernelManager.dispose();
      throw error;
    }
  }

  /** The same kernel over a connection of its own: the hub may have forgotten the token of this one. */
  async again(serverSettings: ServerConnection.ISettings): Promise<RunningKernel> {
    const { model } = this.session;
    this.leave();
    const kernelManager = new KernelManager({ serverSettings });
    const manager = new SessionManager({ serverSettings, kernelManager });
    await manager.ready;
    const session = manager.connectTo({ model });
    assert.ok(session.kernel);
    return new RunningKernel([manager, kernelManager], session, session.kernel);
  }

  /** Runs a cell and returns what it printed; a cell that fails, fails the test. */
  async run(code: string): Promise<string> {
    const future = this.connection.requestExecute({ code, store_history: false });
    let printed = "";
    future.onIOPub = (message: KernelMessage.IIOPubMessage) => {
      if (message.header.msg_type === "stream") {
        printed += (message as KernelMessage.IStreamMsg).content.text;
      }
    };
    const reply = await future.done;
    assert.equal(reply.content.status, "ok", JSON.stringify(reply.content));
    return printed;
  }

  /** Hands on what cells of this kernel print, whoever runs them. */
  listen(onText: (text: string) => void): void {
    this.connection.iopubMessage.connect((_sender, message) => {
      if (message.header.msg_type === "stream") {
        onText((message as KernelMessage.IStreamMsg).content.text);
      }
    });
  }

  /** Runs a cell that the kernel, or its server, does not survive. */
  die(code: string): void {
    this.connection.requestExecute({ code, store_history: false }).done.catch(() => undefined);
  }

  /** The message of the next event of a kind that the server sends to JupyterLab. */
  nextEvent(schema: string): Promise<string> {
    const { serverSettings } = this.connection;
    const events = new EventManager({ serverSettings });
    return new Promise((resolve) => {
      events.stream.connect((_, event) => {
        if (event.schema_id === schema) {
          events.dispose();
          resolve(JSON.stringify(event["message"]));
        }
      });
    });
  }

  /** How often the connection was lost and made anew. */
  watchReconnects(): () => number {
    let count = 0;
    this.connection.connectionStatusChanged.connect((_sender, status) => {
      if (status === "connecting") {
        count += 1;
      }
    });
    return () => count;
  }

  /** Opens a connection that is lost at once, as "Reconnect to Kernel" of JupyterLab's menu does: it waits longer each time. */
  async reconnect(): Promise<void> {
    if (this.connection.connectionStatus !== "connected") {
      await this.connection.reconnect();
    }
  }

  /** Ends the kernel and the connection. */
  async close(): Promise<void> {
    await this.session.shutdown();
    this.leave();
  }

  /** Leaves the kernel running, or gone with its server, and closes the connection. */
  leave(): void {
    this.session.dispose();
    for (const manager of this.managers) {
      manager.dispose();
    }
  }
}
