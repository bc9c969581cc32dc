/** The stack's services in a Swarm: whether each has all its tasks running. */
import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import type { TaskAnswer } from "../../docker-api/swarm";
import { type Finding, isRecent } from "./finding";
import { filtered, json, logsCommand, mendCommand, type Subject } from "./subject";

/** A service as the manager lists it. */
export interface Service {
  readonly ID: string;
  readonly Spec: {
    readonly Name: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly EndpointSpec?: {
      readonly Ports?: readonly { readonly TargetPort: number; readonly PublishedPort?: number }[] | null;
    };
  };
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number };
}

/** A task, with the time of its state. */
export type Task = TaskAnswer & { readonly Status: { readonly Timestamp?: string } };

/** Services and tasks of the stack, but for people's. */
export async function ownServices(
  subject: Subject,
): Promise<{ readonly services: readonly Service[]; readonly tasks: readonly Task[] }> {
  const filters = filtered([`${STACK_LABEL}=${subject.prefix}`]);
  const [services, tasks] = await Promise.all([
    json<Service[]>(subject, `/services?status=true&filters=${filters}`),
    json<Task[]>(subject, `/tasks?filters=${filters}`),
  ]);
  return {
    services: (services ?? []).filter(({ Spec }) => Spec.Labels[ROLE_LABEL] !== "user"),
    tasks: tasks ?? [],
  };
}

/** What is wrong with the services. Pure. */
export function judgeServices(
  subject: Subject,
  services: readonly Service[],
  tasks: readonly Task[],
): Finding[] {
  const there = new Set(services.map(({ Spec }) => Spec.Name));
  const gone = subject.services
    .filter(({ name }) => !there.has(name))
    .map(({ name }) => ({
      what: `The service ${name} is gone`,
      fix: mendCommand(subject),
      role: name.slice(subject.prefix.length + 1),
    }));
  return [...gone, ...services.flatMap((service) => judge(subject, service, tasks) ?? [])];
}

function judge(
  subject: Subject,
  { ID, Spec, ServiceStatus }: Service,
  all: readonly Task[],
): Finding | undefined {
  const { RunningTasks = 0, DesiredTasks = 0 } = ServiceStatus ?? {};
  if (ServiceStatus === undefined || RunningTasks >= DesiredTasks) {
    return undefined;
  }
  const tasks = all
    .filter(({ ServiceID }) => ServiceID === ID)
    .sort((a, b) => ((a.Status.Timestamp ?? "") < (b.Status.Timestamp ?? "") ? 1 : -1));
  const reason = tasks.find(({ Status }) => Status.Err)?.Status.Err;
  const time = tasks.find(({ Status }) => Status.State !== "running")?.Status.Timestamp;
  const since = time === undefined ? undefined : new Date(time);
  return {
    what: `The service ${Spec.Name} has ${RunningTasks} of ${DesiredTasks} tasks running${reason ? `: ${reason}` : ""}`,
    since,
    role: Spec.Labels[ROLE_LABEL],
    see: logsCommand(subject, Spec.Labels[ROLE_LABEL] ?? ""),
    settles: isRecent(since),
  };
}
