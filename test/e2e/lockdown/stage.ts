/** A lockdown with two people in it, and what its tests do to it. */
import assert from "node:assert/strict";
import type Docker from "dockerode";

import { addressPlan } from "../../../components/network/addresses";
import { demultiplex } from "../../../docker-api/logs";
import { problems, type Row } from "../../../tasks/self-check/report";
import { tryAll } from "../../../tasks/self-check/run";
import type { Deployment } from "../deployment";
import type { Notebook } from "../notebook";
import { until } from "../until";

/** Labels of what a test puts beside the stack: it goes with the deployment. */
const testLabels = (name: string) => ({ "org.jupyterhub.stack": name, "org.jupyterhub.role": "test" });

/** A line of the egress proxy's log. */
export interface EgressEntry {
  readonly event: string;
  readonly user?: string;
  readonly host?: string;
}

export class Stage {
  people: { alice?: Notebook; bob?: Notebook } = {};
  /** Where pip gets its packages, once a notebook has told. */
  pip: { readonly index: string; readonly hosts: readonly string[] } | undefined;

  constructor(
    readonly deployment: Deployment,
    /** Hosts that notebooks are let out to. */
    readonly sites: {
      readonly debian: { readonly file: string };
      readonly npm: { readonly host: string; readonly url: string };
    },
  ) {}

  get alice(): Notebook {
    assert.ok(this.people.alice);
    return this.people.alice;
  }

  get bob(): Notebook {
    assert.ok(this.people.bob);
    return this.people.bob;
  }

  get firewall(): Docker.Container {
    return this.container("firewall");
  }

  /** Name of the firewall's tables. */
  get table(): string {
    return addressPlan(this.deployment.name).table;
  }

  container(role: string): Docker.Container {
    return this.deployment.docker.getContainer(`${this.deployment.name}-${role}`);
  }

  /** The whole list from alice's kernel, or a terminal of hers, with bob's server as one of the targets. */
  async attack(from: "attack" | "attackFromTerminal" = "attack"): Promise<Row[]> {
    const { docker, name } = this.deployment;
    const { NetworkSettings } = await this.container("user-bob").inspect();
    return tryAll(docker, name, {
      attack: (list) => this.alice[from](list),
      neighbour: { address: NetworkSettings.Networks[`${name}-notebooks`]?.IPAddress ?? "", port: 8888 },
    });
  }

  /** What is wrong, in the words that `pulumi up` has for it. */
  async holes(): Promise<string[]> {
    return problems(await this.attack());
  }

  /**
   * Does something while nothing puts rules back, and there are none. The firewall's processes stand still meanwhile, and
   * its container runs: one that is paused or stopped would be recreated by ./up, with its rules.
   */
  async withoutRules<T>(action: () => Promise<T>): Promise<T> {
    const families = await this.tables();
    assert.ok(families.includes("inet"));
    const { Titles, Processes } = (await this.firewall.top()) as { Titles: string[]; Processes: string[][] };
    const pids = Processes.map((row) => Number(row[Titles.indexOf("PID")]));
    assert.ok(pids.length > 0 && pids.every((pid) => pid > 1), "no processes of the firewall");
    const signal = (name: NodeJS.Signals) => {
      for (const pid of pids) {
        process.kill(pid, name);
      }
    };
    signal("SIGSTOP");
    try {
      // With a family for bridged frames on kernels that have it.
      for (const family of families) {
        await this.nft("delete", "table", family, this.table);
      }
      return await action();
    } finally {
      signal("SIGCONT");
      await until("rules are back", async () => (await this.tables()).length === families.length, 5000);
    }
  }

  /** Families that the firewall has a table in. */
  async tables(): Promise<string[]> {
    const listed = (await this.nft("list", "tables")).split(/\r?\n/);
    return listed
      .map((line) => line.split(" "))
      .filter(([, , name]) => name === this.table)
      .map(([, family = ""]) => family);
  }

  /** nft on the host's network, as an administrator who does not know better might run it. */
  async nft(...args: string[]): Promise<string> {
    const { Image } = await this.firewall.inspect();
    return this.onHost(Image, ["nft", ...args]);
  }

  /** Runs a command on the host's network with the right to change rules; gives what it printed. */
  async onHost(image: string, command: string[]): Promise<string> {
    const container = await this.deployment.docker.createContainer({
      Image: image,
      Cmd: command,
      Tty: true,
      Labels: testLabels(this.deployment.name),
      HostConfig: { NetworkMode: "host", CapAdd: ["NET_ADMIN"] },
    });
    try {
      await container.start();
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      const printed = (await container.logs({ stdout: true, stderr: true })).toString();
      assert.equal(StatusCode, 0, printed);
      return printed;
    } finally {
      await container.remove({ force: true });
    }
  }

  /** A container of the firewall's image that runs while something is done with it. */
  async beside<T>(
    options: Docker.ContainerCreateOptions,
    action: (container: Docker.Container) => Promise<T>,
  ): Promise<T> {
    const { Image } = await this.firewall.inspect();
    const Labels = testLabels(this.deployment.name);
    const container = await this.deployment.docker.createContainer({ Image, Labels, ...options });
    try {
      await container.start();
      return await action(container);
    } finally {
      await container.remove({ force: true });
    }
  }

  /** Runs a command in a running container; gives what it printed. */
  async exec(container: Docker.Container, ...command: string[]): Promise<string> {
    const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
    const chunks: Buffer[] = [];
    for await (const chunk of await exec.start({})) {
      chunks.push(chunk as Buffer);
    }
    return demultiplex(Buffer.concat(chunks));
  }

  async log(role: string): Promise<string> {
    return demultiplex(await this.container(role).logs({ stdout: true, stderr: true, tail: 1000 }));
  }

  async egressLog(): Promise<EgressEntry[]> {
    return (await this.log("egress"))
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as EgressEntry);
  }

  async leave(): Promise<void> {
    for (const one of Object.values(this.people)) {
      await one.close();
    }
    this.people = {};
  }
}
