/** The stack's containers on one host: whether each is there, runs, is well and has its networks. */
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { type Finding, isRecent } from "./finding";
import { dockerCommand, filtered, json, type Known, logsCommand, mendCommand, type Subject } from "./subject";

interface HealthLog {
  readonly Start: string;
  readonly ExitCode: number;
  readonly Output: string;
}

/** A container as the engine inspects it, as far as it matters here. */
export interface Inspected {
  readonly Id: string;
  /** With a slash before it. */
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly OOMKilled: boolean;
    readonly ExitCode: number;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly FailingStreak: number;
      readonly Log: readonly HealthLog[] | null;
    } | null;
  };
  readonly Config: {
    readonly Labels: Readonly<Record<string, string>>;
    /** Times in nanoseconds. */
    readonly Healthcheck?: { readonly Interval?: number } | null;
  };
  readonly HostConfig: {
    readonly RestartPolicy: { readonly Name: string };
    readonly PortBindings?: Readonly<
      Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
    > | null;
  };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** Restarts after which a container does not come up by itself. */
const MANY_RESTARTS = 3;

export const nameOf = ({ Name }: Inspected): string => Name.replace(/^\//, "");
export const roleOf = ({ Config }: Inspected): string => Config.Labels[ROLE_LABEL] ?? "";

/** The stack's own containers on the engine: those of people, and tasks of a Swarm, are not among them. */
export async function ownContainers(subject: Subject): Promise<Inspected[]> {
  const listed = await json<{ Id: string; Labels: Readonly<Record<string, string>> }[]>(
    subject,
    `/containers/json?all=1&filters=${filtered([`${STACK_LABEL}=${subject.prefix}`])}`,
  );
  const own = (listed ?? []).filter(
    ({ Labels }) => Labels[ROLE_LABEL] !== "user" && Labels["com.docker.swarm.service.id"] === undefined,
  );
  const inspected = await Promise.all(
    own.map(({ Id }) => json<Inspected>(subject, `/containers/${Id}/json`)),
  );
  return inspected.filter((one) => one !== undefined);
}

/** What is wrong with the containers. Pure. */
export function judgeContainers(subject: Subject, containers: readonly Inspected[]): Finding[] {
  const there = new Map(containers.map((one) => [nameOf(one), one]));
  const gone = subject.containers
    .filter(({ name }) => !there.has(name))
    .map(({ name }) => ({
      what: `The container ${name} is gone`,
      fix: mendCommand(subject),
      role: name.slice(subject.prefix.length + 1),
    }));
  const known = new Map(subject.containers.map((one) => [one.name, one]));
  const sick = containers.flatMap((one) => {
    const finding = judge(subject, one, known.get(nameOf(one)));
    return finding === undefined ? [] : [{ ...finding, role: roleOf(one) }];
  });
  return [...gone, ...sick];
}

function judge(subject: Subject, one: Inspected, known: Known | undefined): Finding | undefined {
  const { State: state, HostConfig } = one;
  const name = nameOf(one);
  const staysUp = !["", "no"].includes(HostConfig.RestartPolicy.Name);
  const killed = state.OOMKilled ? ", killed for its memory" : "";
  if (state.Restarting) {
    return {
      what: `${name} keeps restarting (exit code ${state.ExitCode}${killed})`,
      since: moment(state.FinishedAt),
      see: logsCommand(subject, roleOf(one)),
      settles: one.RestartCount < MANY_RESTARTS,
    };
  }
  if (state.Paused) {
    return { what: `${name} is paused`, fix: dockerCommand(subject, `unpause ${name}`) };
  }
  if (!state.Running) {
    // One that has done its work and ended with 0 is well.
    return !staysUp && state.ExitCode === 0
      ? undefined
      : {
          what: `${name} has stopped (exit code ${state.ExitCode}${killed})`,
          since: moment(state.FinishedAt),
          fix: mendCommand(subject),
        };
  }
  const missing = known?.networks.filter((network) => !(network in one.NetworkSettings.Networks)) ?? [];
  if (known !== undefined && missing.length > 0) {
    return {
      what: `${name} is not on the network ${missing.join(", ")}`,
      fix: mendCommand(subject),
    };
  }
  if (state.Health?.Status === "starting") {
    const ended = one.RestartCount > 0 ? `, after ${one.RestartCount} restarts` : "";
    return {
      what: `${name} is starting${ended}`,
      since: moment(state.StartedAt),
      see: logsCommand(subject, roleOf(one)),
      settles: true,
    };
  }
  if (state.Health?.Status === "unhealthy") {
    const { since, output } = failing(one);
    return {
      what: `${name} is unhealthy${output === "" ? "" : `: ${output}`}`,
      since,
      see: logsCommand(subject, roleOf(one)),
      settles: isRecent(since),
    };
  }
  return undefined;
}

/** The engine's word for never is a day of the year 1. */
function moment(text: string): Date | undefined {
  const date = new Date(text);
  return date.getUTCFullYear() > 1 ? date : undefined;
}

/** When the health checks began to fail, and what the last one said. The engine keeps five. */
function failing({ State, Config }: Inspected): { since: Date | undefined; output: string } {
  const log = State.Health?.Log ?? [];
  const failed = log.slice(log.findLastIndex(({ ExitCode }) => ExitCode === 0) + 1);
  const first = failed[0];
  const output = (failed.at(-1)?.Output ?? "").trim().split("\n").at(-1) ?? "";
  if (first === undefined) {
    return { since: undefined, output };
  }
  const before = Math.max(0, (State.Health?.FailingStreak ?? 0) - failed.length);
  const interval = (Config.Healthcheck?.Interval ?? 0) / 1e6;
  return { since: new Date(new Date(first.Start).getTime() - before * interval), output };
}
