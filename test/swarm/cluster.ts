/**
 * Several Docker engines on this machine, each as on a machine of its own: namespaces for network, processes, mounts and
 * host name, joined by a bridge. A machine is one process: killed, all in it is gone at once, as in a power cut.
 * Nothing here touches the engine of this machine, except that images are copied from it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { cp, mkdir, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";

import { Authority } from "./authority";
import { Registry } from "./registry";
import { quietly, sh, until } from "./shell";
import { Ssh } from "./ssh";
import { comment, FOLDER_PREFIX, sweep, takeDown, writeInventory } from "./takedown";

/** A machine of the cluster. */
export class Machine {
  readonly docker: Docker;
  readonly socket: string;
  #process: ChildProcess | undefined;

  constructor(
    private readonly cluster: { readonly id: string; readonly bridge: string; readonly gateway: string },
    readonly name: string,
    readonly folder: string,
    readonly address: string,
    private readonly index: number,
  ) {
    this.socket = join(folder, "docker.sock");
    this.docker = new Docker({ socketPath: this.socket });
  }

  /** Address of its engine's API, for `docker.host`: whoever has no certificate of the cluster's authority stays outside. */
  get host(): string {
    return `tcp://${this.address}:2376`;
  }

  /** The same by ssh, for the `ssh` of the cluster. */
  get ssh(): string {
    return `ssh://root@${this.address}`;
  }

  /** Switches it on and waits for its engine. */
  async start(): Promise<void> {
    await rm(this.socket, { force: true });
    const log = openSync(join(this.folder, "machine.log"), "a");
    const script = join(__dirname, "node.sh");
    // It ends with this process, however that ends.
    const machine = spawn(
      "setpriv",
      [
        ...["--pdeathsig", "KILL", "unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--kill-child"],
        ...["--mount-proc", "bash", script, this.name, this.folder, this.address],
      ],
      { stdio: ["ignore", log, log] },
    );
    this.#process = machine;
    await until(
      `${this.name} has a network namespace`,
      5_000,
      async () => {
        return (await readlink(`/proc/${machine.pid ?? 0}/ns/net`)) !== (await readlink("/proc/self/ns/net"));
      },
      10,
    );
    await this.#connect(machine.pid ?? 0);
    await until(`the engine of ${this.name} answers`, 60_000, async () => {
      if (machine.exitCode !== null) {
        throw new Error(`it ended, see ${this.folder}/engine.log`);
      }
      return (await this.docker.ping()) !== undefined;
    });
  }

  async #connect(pid: number): Promise<void> {
    const outside = `js${this.cluster.id}${this.index}`;
    const inside = `${outside}i`;
    const within = (...args: string[]) => sh("nsenter", `--net=/proc/${pid}/ns/net`, ...args);
    // That of the last time goes when the kernel has cleared its namespace away.
    await quietly("ip", "link", "del", outside);
    await sh("ip", "link", "add", outside, "type", "veth", "peer", "name", inside);
    await sh("ip", "link", "set", outside, "master", this.cluster.bridge, "up");
    await sh("ip", "link", "set", inside, "netns", String(pid));
    await within("ip", "link", "set", "lo", "up");
    await within("ip", "link", "set", inside, "name", "eth0");
    await within("ip", "link", "set", "eth0", "up");
    await within("ip", "addr", "add", `${this.address}/24`, "dev", "eth0");
    await within("ip", "route", "add", "default", "via", this.cluster.gateway);
  }

  get running(): boolean {
    return (
      this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
    );
  }

  /** A power cut. */
  async kill(): Promise<void> {
    const machine = this.#process;
    if (machine === undefined || !this.running) {
      return;
    }
    const ended = new Promise((resolve) => machine.once("exit", resolve));
    machine.kill("SIGKILL");
    await ended;
  }

  /** Runs a command in the machine's network. */
  run(...command: string[]): Promise<string> {
    return sh("nsenter", `--net=/proc/${this.#process?.pid ?? 0}/ns/net`, ...command);
  }
}

export class Cluster {
  private constructor(
    readonly id: string,
    readonly folder: string,
    readonly bridge: string,
    readonly subnet: string,
    readonly machines: readonly Machine[],
    readonly registry: Registry,
    /** A folder that has the same path on all machines, as a mounted share has. */
    readonly shared: string,
    /** Files of what opens the engines' APIs, as `docker.tls` takes them. */
    readonly tls: { readonly ca: string; readonly certificate: string; readonly key: string },
    /** Folder whose `ssh` gets into the machines, for PATH. */
    readonly sshPath: string,
  ) {}

  /** Makes the machines and switches them on. What fails is taken down again. */
  static async create(count = 3): Promise<Cluster> {
    for (const swept of await sweep()) {
      console.log(`took down ${swept}, which an earlier run left`);
    }
    const id = randomBytes(3).toString("hex");
    const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${id}-`));
    const bridge = `js${id}br`;
    await writeInventory(folder, id, bridge);
    try {
      return await Cluster.#make(id, folder, bridge, count);
    } catch (error) {
      if (process.env["KEEP_CLUSTER"] === undefined) {
        await takeDown(folder);
      }
      throw error;
    }
  }

  static async #make(id: string, folder: string, bridge: string, count: number): Promise<Cluster> {
    const network = await freeNetwork();
    const gateway = `${network}.1`;
    await sh("ip", "link", "add", bridge, "type", "bridge");
    await sh("ip", "addr", "add", `${gateway}/24`, "dev", bridge);
    await sh("ip", "link", "set", bridge, "up");
    // Docker on this machine drops what is forwarded; only this bridge is let through.
    const mark = ["-m", "comment", "--comment", comment(id)];
    await sh("iptables", "-w", "-I", "FORWARD", "-i", bridge, ...mark, "-j", "ACCEPT");
    await sh("iptables", "-w", "-I", "FORWARD", "-o", bridge, ...mark, "-j", "ACCEPT");
    const nat = ["-s", `${network}.0/24`, "!", "-o", bridge, ...mark, "-j", "MASQUERADE"];
    await sh("iptables", "-w", "-t", "nat", "-A", "POSTROUTING", ...nat);

    const keys = join(folder, "keys");
    await mkdir(keys);
    const authority = await Authority.create(keys);
    const addresses = [...Array(count).keys()].map((index) => `${network}.${index + 11}`);
    const engine = await authority.issue("engine", addresses);
    const registry = await Registry.start(join(folder, "registry"), gateway, authority);
    const ssh = await Ssh.create(join(folder, "ssh"), addresses);
    const shared = join(folder, "shared");
    await mkdir(shared);
    const machines: Machine[] = [];
    for (const [index, address] of addresses.entries()) {
      const name = `node${index + 1}`;
      const own = join(folder, name);
      const trust = join(own, "etc", "certs.d", registry.address);
      await mkdir(trust, { recursive: true });
      await mkdir(join(own, "data"));
      await writeFile(join(trust, "ca.crt"), registry.ca);
      const settings = {
        "cgroup-parent": `/jupyterhub-swarm-${id}`,
        "storage-driver": "overlay2",
        "shutdown-timeout": 5,
        tlsverify: true,
        tlscacert: authority.file,
        tlscert: engine.certificate,
        tlskey: engine.key,
      };
      await writeFile(join(own, "etc", "daemon.json"), JSON.stringify(settings));
      await ssh.prepare(own, address);
      machines.push(new Machine({ id, bridge, gateway }, name, own, address, index));
    }
    await Promise.all(machines.map((machine) => machine.start()));
    const tls = { ca: authority.file, ...(await authority.issue("client")) };
    return new Cluster(id, folder, bridge, `${network}.0/24`, machines, registry, shared, tls, ssh.path);
  }

  machine(index: number): Machine {
    const found = this.machines[index];
    if (found === undefined) {
      throw new Error(`no machine ${index}`);
    }
    return found;
  }

  /** Makes the first machine a manager, and joins the others as the roles say. */
  async formSwarm(roles: readonly ("manager" | "worker")[] = ["manager", "worker", "worker"]): Promise<void> {
    const [first, ...rest] = this.machines;
    if (first === undefined) {
      return;
    }
    await first.docker.swarmInit({ ListenAddr: `${first.address}:2377`, AdvertiseAddr: first.address });
    const { JoinTokens } = (await first.docker.swarmInspect()) as {
      JoinTokens: { Manager: string; Worker: string };
    };
    for (const [index, machine] of rest.entries()) {
      await machine.docker.swarmJoin({
        ListenAddr: `${machine.address}:2377`,
        AdvertiseAddr: machine.address,
        RemoteAddrs: [`${first.address}:2377`],
        JoinToken: roles[index + 1] === "manager" ? JoinTokens.Manager : JoinTokens.Worker,
      });
    }
  }

  /** Copies an image of this machine's engine to a machine of the cluster. */
  async copyImage(image: string, machine: Machine): Promise<void> {
    const own = new Docker();
    const archive = await own.getImage(image).get();
    const answer = await machine.docker.loadImage(archive);
    await new Promise((resolve, reject) => {
      machine.docker.modem.followProgress(answer, (error) => {
        if (error) {
          reject(error);
        } else {
          resolve(undefined);
        }
      });
    });
  }

  /** Copies an image of this machine's engine into the registry; returns its name there with its digest. */
  async publish(image: string, name: string): Promise<string> {
    const through = this.machine(0);
    await this.copyImage(image, through);
    const target = `${this.registry.address}/${name}`;
    const [repo, tag] = [target, "test"];
    await through.docker.getImage(image).tag({ repo, tag });
    const stream = await through.docker.getImage(`${repo}:${tag}`).push({
      authconfig: {
        username: this.registry.user,
        password: this.registry.password,
        serveraddress: this.registry.address,
      },
    });
    await new Promise((resolve, reject) => {
      through.docker.modem.followProgress(stream, (error, events: { error?: string }[]) => {
        const failed = error ?? events.find((event) => event.error !== undefined)?.error;
        if (failed) {
          reject(failed instanceof Error ? failed : new Error(failed));
        } else {
          resolve(undefined);
        }
      });
    });
    const { RepoDigests } = await through.docker.getImage(`${repo}:${tag}`).inspect();
    return RepoDigests.find((digest) => digest.startsWith(`${repo}@`)) ?? "";
  }

  /** Keeps the logs of machines and of what runs on them, for whoever looks at a failure. */
  async keepLogs(to: string): Promise<void> {
    for (const { name, folder, docker, running } of this.machines) {
      await mkdir(join(to, name), { recursive: true });
      for (const log of ["engine.log", "machine.log", "ssh.log"]) {
        await cp(join(folder, log), join(to, name, log)).catch(() => undefined);
      }
      if (!running) {
        continue;
      }
      for (const { Id, Names } of await docker.listContainers({ all: true })) {
        const text = await docker.getContainer(Id).logs({ stdout: true, stderr: true, tail: 2000 });
        await writeFile(join(to, name, `${(Names[0] ?? Id).slice(1)}.log`), text);
      }
    }
  }

  async remove(): Promise<void> {
    await this.registry.stop();
    await takeDown(this.folder);
  }
}

/** The first three numbers of a /24 that this machine has no route to. */
async function freeNetwork(): Promise<string> {
  const taken = await sh("ip", "-o", "-4", "addr");
  for (;;) {
    const [a, b] = randomBytes(2);
    const network = `10.${100 + ((a ?? 0) % 100)}.${b ?? 0}`;
    if (!taken.includes(` ${network}.`)) {
      return network;
    }
  }
}
