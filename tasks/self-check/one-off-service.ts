/** A throw-away service of one task, on one node, that prints a line. Through the API of a manager alone. */
import { randomBytes } from "node:crypto";
import type Docker from "dockerode";

import { ignoring } from "../../docker-api/errors";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { tasksOf } from "../../docker-api/swarm";
import { waitFor } from "../../docker-api/wait";

/** Milliseconds in which it has to have printed its line. */
const TIMEOUT = 90_000;

/** Bytes of the head of a piece of output: its stream, three of nothing, and its length. */
const HEAD = 8;

/** What its task is: part of a service's specification. */
export interface OneOffTask {
  readonly container: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<string, unknown>>;
  /** Names of networks. */
  readonly networks: readonly string[];
}

export class OneOffService {
  private constructor(
    private readonly docker: Docker,
    private readonly service: Docker.Service,
    readonly name: string,
  ) {}

  static async start(
    docker: Docker,
    prefix: string,
    { role, node, task }: { role: string; node: string; task: OneOffTask },
  ): Promise<OneOffService> {
    const labels = { [STACK_LABEL]: prefix, [ROLE_LABEL]: "probe" };
    const name = `${prefix}-probe-${role}-${randomBytes(3).toString("hex")}`;
    const wanted = {
      Name: name,
      Labels: labels,
      TaskTemplate: {
        ContainerSpec: { ...task.container, Labels: labels },
        ...(task.resources === undefined ? {} : { Resources: task.resources }),
        RestartPolicy: { Condition: "none" },
        Placement: { Constraints: [`node.id==${node}`] },
        Networks: task.networks.map((Target) => ({ Target })),
      },
      Mode: { Replicated: { Replicas: 1 } },
      EndpointSpec: { Mode: "dnsrr" },
    };
    return new OneOffService(docker, await docker.createService(wanted as Docker.CreateServiceOptions), name);
  }

  /** The first line that it prints, as JSON. */
  async answer<T>(): Promise<T> {
    let last = "";
    const printed = await waitFor(
      async () => {
        const [task] = await tasksOf(this.docker, { service: [this.service.id] });
        const state = task?.Status.State ?? "";
        last = task?.Status.Err ?? state;
        if (state === "rejected") {
          throw new Error(`${this.name} could not start: ${last}`);
        }
        if (!["running", "complete", "failed"].includes(state)) {
          return undefined;
        }
        const [output, complaint] = await this.#output();
        const end = output.indexOf("\n");
        if (end >= 0) {
          return output.slice(0, end);
        }
        if (state === "failed") {
          throw new Error(`${this.name} failed: ${complaint.trim() || "no message"}`);
        }
        return undefined;
      },
      TIMEOUT,
      300,
    );
    if (printed !== undefined) {
      return JSON.parse(printed) as T;
    }
    throw new Error(`${this.name} gave no answer within ${TIMEOUT / 1000} s (${last})`);
  }

  async #output(): Promise<[string, string]> {
    const service = this.service as unknown as {
      logs(options: object): Promise<Buffer | NodeJS.ReadableStream>;
    };
    const answer = await service.logs({ stdout: true, stderr: true, follow: false });
    const pieces: Buffer[] = [];
    if (Buffer.isBuffer(answer)) {
      pieces.push(answer);
    } else {
      for await (const piece of answer) {
        pieces.push(piece as Buffer);
      }
    }
    const all = Buffer.concat(pieces);
    const output: Record<number, Buffer[]> = { 1: [], 2: [] };
    for (let at = 0; at + HEAD <= all.length;) {
      const length = all.readUInt32BE(at + 4);
      output[all.readUInt8(at)]?.push(all.subarray(at + HEAD, at + HEAD + length));
      at += HEAD + length;
    }
    return [Buffer.concat(output[1] ?? []).toString(), Buffer.concat(output[2] ?? []).toString()];
  }

  async remove(): Promise<void> {
    await this.service.remove().catch(ignoring(404));
  }
}
