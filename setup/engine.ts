import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { program } from "../config/commands";
import { keyName } from "../config/keys";
import type { DockerSettings } from "../config/stack-file/settings";
import { DEFAULT_HOST } from "../docker-api/address";
import { waitFor } from "../docker-api/wait";
import * as apt from "./apt";
import { isReachable, run, type Say } from "./command";
import { type Answer, ask, type Endpoint, endpoints } from "./endpoint";
import { messageOf, SetupError } from "./errors";
import { findProgram, type Machine, searchPath } from "./machine";

/** A Docker Engine that answers. */
export interface FoundEngine {
  readonly endpoint: Endpoint;
  readonly version: string;
  /** As Docker names it: amd64, arm64. */
  readonly architecture: string;
}

/** What is to be done about the engine of this machine. */
export type EnginePlan = "start with systemd" | "start by hand" | "install";

/** Facts that decide between using, starting, installing and giving up. */
export interface EngineFacts {
  readonly answers: readonly { readonly endpoint: Endpoint; readonly answer: Answer }[];
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  readonly hasDockerd: boolean;
  /** Of the person, for the command that helps. */
  readonly user: string;
}

/**
 * The engine that answers, or what to do to get one.
 * @throws SetupError with the command that helps where nothing can be done from here.
 */
export function decide(facts: EngineFacts): FoundEngine | EnginePlan {
  for (const { endpoint, answer } of facts.answers) {
    if (answer.kind === "ok") {
      if (answer.os !== "linux") {
        throw new SetupError(
          `Docker Engine: expected one that runs Linux containers, found ${answer.os} at ${endpoint.host}.`,
        );
      }
      return { endpoint, version: answer.version, architecture: answer.architecture };
    }
  }
  for (const { endpoint, answer } of facts.answers) {
    if (answer.kind === "denied") {
      throw new SetupError(
        `Docker Engine: it is running, but ${facts.user} has no permission to use ${endpoint.host}.`,
        `sudo usermod -aG docker ${facts.user}      then log out and in again; members of that group can become root`,
        `sudo ${program("up")}                      or run this once as root`,
      );
    }
    if (endpoint.source === "configuration" || endpoint.source === "DOCKER_HOST") {
      if (answer.kind === "silent" && answer.fault !== undefined) {
        throw new SetupError(answer.fault);
      }
      const reason = answer.kind === "silent" ? answer.reason : "";
      throw new SetupError(
        `Docker Engine: none answers at ${endpoint.host} (${reason}).`,
        endpoint.source === "DOCKER_HOST"
          ? "That address comes from DOCKER_HOST. Start the engine there, or: unset DOCKER_HOST"
          : `That address comes from ${keyName("docker.host")} in the stack's configuration. Start the engine there, or change it.`,
      );
    }
  }
  if (facts.platform !== "linux") {
    throw new SetupError(
      "Docker Engine: none answers on this machine.",
      "Start Docker Desktop, then run ./up again.",
    );
  }
  if (!facts.isRoot) {
    throw new SetupError(
      "Docker Engine: none answers on this machine, and only root can start or install one.",
      facts.hasDockerd && facts.hasSystemd
        ? "sudo systemctl enable --now docker"
        : `sudo ${program("up")} --only engine         installs the engine if it is missing, and starts it`,
    );
  }
  if (!facts.hasDockerd) {
    return "install";
  }
  return facts.hasSystemd ? "start with systemd" : "start by hand";
}

/**
 * What to say after a run in which the engine went away: what failed of it are the consequences. Undefined where it answers.
 * @param again the command that goes on
 */
export async function wentAway(
  machine: Machine,
  { endpoint }: FoundEngine,
  again: string,
): Promise<string | undefined> {
  const answer = await ask(endpoint, machine);
  return answer.kind === "silent"
    ? `Docker Engine: ${endpoint.host} does not answer any more (${answer.reason}).\n` +
        `Start it again, then go on from here with: ${again}`
    : undefined;
}

async function gatherFacts(machine: Machine, configured: DockerSettings | undefined): Promise<EngineFacts> {
  const answers = await Promise.all(
    endpoints(machine, configured).map(async (endpoint) => ({
      endpoint,
      answer: await ask(endpoint, machine),
    })),
  );
  return {
    answers,
    platform: machine.platform,
    isRoot: machine.isRoot,
    hasSystemd: machine.hasSystemd,
    hasDockerd: findProgram("dockerd", searchPath(machine)) !== undefined,
    user: userInfo().username,
  };
}

/**
 * Looks for an engine; starts and installs nothing.
 * @param configured `jupyterhub:docker` of the stack.
 */
export async function findEngine(
  machine: Machine,
  configured?: DockerSettings,
): Promise<FoundEngine | EnginePlan> {
  return decide(await gatherFacts(machine, configured));
}

/** Starts this machine's engine, after installing it where it is missing. */
export async function startEngine(machine: Machine, plan: EnginePlan, say: Say): Promise<FoundEngine> {
  if (plan === "install") {
    await installEngine(machine, say);
    // Installers start the service where there is systemd.
    const now = await findEngine(machine);
    return typeof now !== "string"
      ? now
      : startEngine(machine, now === "install" ? "start by hand" : now, say);
  }
  if (plan === "start with systemd") {
    say("systemctl start docker");
    await run("systemctl", ["start", "docker"], { machine });
    return waitForEngine(machine, () => undefined, "journalctl -u docker");
  }
  return startByHand(machine, say);
}

async function installEngine(machine: Machine, say: Say): Promise<void> {
  const installer = "https://get.docker.com";
  if (await isReachable(installer)) {
    try {
      say(`installing Docker Engine with ${installer}`);
      const script = await (await fetch(installer)).text();
      await run("sh", ["-s"], { machine, input: script, say });
      return;
    } catch (error) {
      say(`${installer} failed (${messageOf(error)}): trying this system's packages`);
    }
  }
  const packages = ["docker.io", "iptables", "ca-certificates"];
  if (!hasControlGroups()) {
    packages.push("cgroupfs-mount");
  }
  await apt.install(machine, packages, say);
  if (!findProgram("docker", searchPath(machine))) {
    // Newer releases have the command in a package of its own. Nothing here needs it, but people do.
    await apt.install(machine, ["docker-cli"], say).catch((error: unknown) => {
      say(`the docker command could not be installed: ${messageOf(error)}`);
    });
  }
}

function hasControlGroups(): boolean {
  try {
    return readdirSync("/sys/fs/cgroup").length > 0;
  } catch {
    return false;
  }
}

async function startByHand(machine: Machine, say: Say): Promise<FoundEngine> {
  const folders = searchPath(machine);
  if (!findProgram("iptables", folders)) {
    await apt.install(machine, ["iptables"], say);
  }
  if (!hasControlGroups() && findProgram("cgroupfs-mount", folders)) {
    await run("cgroupfs-mount", [], { machine });
  }
  mkdirSync(machine.cache, { recursive: true });
  const log = join(machine.cache, "dockerd.log");
  say(`starting dockerd (log: ${log})`);
  const output = openSync(log, "w");
  // An own session: the engine outlives this run and its terminal.
  const daemon = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...machine.env, PATH: folders.join(":") },
  });
  closeSync(output);
  let ended: string | undefined;
  daemon.on("error", (error) => (ended = error.message));
  daemon.on("exit", (code) => (ended = `it exited with code ${code ?? "none"}`));
  daemon.unref();
  return waitForEngine(machine, () => ended, `cat ${log}`, log);
}

async function waitForEngine(
  machine: Machine,
  ended: () => string | undefined,
  logCommand: string,
  log?: string,
): Promise<FoundEngine> {
  const local: Endpoint = { host: DEFAULT_HOST, source: "default" };
  const answer = await waitFor(
    async () => {
      const given = await ask(local, machine);
      return given.kind === "ok" || ended() !== undefined ? given : undefined;
    },
    60_000,
    250,
  );
  if (answer?.kind === "ok") {
    return { endpoint: local, version: answer.version, architecture: answer.architecture };
  }
  const last = log && existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-5) : [];
  throw new SetupError(
    `Docker Engine: expected it to answer at ${DEFAULT_HOST} within 60 s of its start; ${ended() ?? "it does not"}.`,
    ...last,
    logCommand,
  );
}
