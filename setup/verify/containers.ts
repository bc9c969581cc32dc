/** The stack's containers on one host: whether each is there, runs, is well and has its networks. */
import { inspectContainer, type Inspected, listContainers, nameOf } from "../../docker-api/containers";
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { TASK_LABEL } from "../../docker-api/swarm";
import { type Finding, isRecent } from "./finding";
import { dockerCommand, getter, type Known, logsCommand, mendCommand, type Subject } from "./subject";

/** Restarts after which a container does not come up by itself. */
const MANY_RESTARTS = 3;

export const roleOf = ({ Config }: Inspected): string => Config.Labels[ROLE_LABEL] ?? "";

/** The stack's own containers on the engine: those of people, and tasks of a Swarm, are not among them. */
export async function ownContainers(subject: Subject): Promise<Inspected[]> {
  const get = getter(subject);
  const listed = await listContainers(get, [`${STACK_LABEL}=${subject.prefix}`]);
  const own = listed.filter(
    ({ Labels }) => Labels[ROLE_LABEL] !== "user" && Labels[TASK_LABEL] === undefined,
  );
  const inspected = await Promise.all(own.map(({ Id }) => inspectContainer(get, Id)));
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
  const staysUp = !["", "no"].includes(HostConfig.RestartPolicy?.Name ?? "");
  const restarts = one.RestartCount ?? 0;
  const killed = state.OOMKilled === true ? ", killed for its memory" : "";
  if (state.Status === "restarting") {
    return {
      what: `${name} keeps restarting (exit code ${state.ExitCode}${killed})`,
      since: moment(state.FinishedAt),
      see: logsCommand(subject, roleOf(one)),
      settles: restarts < MANY_RESTARTS,
    };
  }
  if (state.Status === "paused") {
    return { what: `${name} is paused`, fix: dockerCommand(subject, `unpause ${name}`) };
  }
  if (state.Status !== "running") {
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
    const ended = restarts > 0 ? `, after ${restarts} restarts` : "";
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
function moment(text = ""): Date | undefined {
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
