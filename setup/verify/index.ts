/**
 * Whether people can work: looked at after each `./up`, and by `./hub check`. Pulumi knows what it made; what became of
 * it, and whether it works together, only a look can tell.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type Inspected, nameOf } from "../../docker-api/containers";
import { sharedConnection } from "../../docker-api/get";
import { ROLE_LABEL } from "../../docker-api/naming";
import { addressOf as addressOfNode, type NodeAnswer } from "../../docker-api/swarm";
import { taskPlace } from "../../docker-api/task-place";
import { runningHub } from "../../preflight/running-hub";
import { messageOf } from "../errors";
import { judgeContainers, ownContainers, roleOf } from "./containers";
import { databaseDisk } from "./database-disk";
import { found, type Look, notMade, SETTLING, together, WELL } from "./finding";
import { doorTo, engineHost, isOwn, knock, mainPort, publishedBy, publishedByService } from "./front";
import { images } from "./images";
import { readiness } from "./readiness";
import { judgeServices, ownServices, type Service, type Task } from "./services";
import { json, type Known, mendCommand, type Subject } from "./subject";

export { renderFindings, renderUnmade } from "./finding";
export { knownOf, nodesOf, type Subject } from "./subject";

/** Milliseconds between two looks. */
const PAUSE = 500;

/** A Swarm's Traefiks ask for routes the more seldom the longer they had to wait for them while services came up. */
const SETTLING_SWARM = 60_000;

/**
 * Looks at the whole stack; again for some time while all that is wrong may be over by itself.
 * @param settling milliseconds of that time
 */
export async function verify(
  subject: Subject,
  settling = subject.isSwarm ? SETTLING_SWARM : SETTLING,
): Promise<Look> {
  const agent = sharedConnection(subject.address);
  try {
    const url = subject.url ?? (await urlOfHub(subject));
    return await lookUntilSettled({ ...subject, url, agent }, settling);
  } finally {
    agent?.destroy();
  }
}

/** Where the outputs are not at hand (the state is on another machine, say), the hub's own settings tell its address. */
async function urlOfHub({ address, prefix, isSwarm }: Subject): Promise<string | undefined> {
  const hub = await runningHub({ address, prefix, swarm: isSwarm });
  const { publicUrl } = (hub?.settings["hub"] ?? {}) as { publicUrl?: unknown };
  return typeof publicUrl === "string" && URL.canParse(publicUrl) ? publicUrl : undefined;
}

async function lookUntilSettled(subject: Subject, settling: number): Promise<Look> {
  const end = Date.now() + settling;
  for (;;) {
    const seen = await look(subject).catch((error: unknown) =>
      found({ what: `The Docker host could not be asked: ${messageOf(error)}` }),
    );
    const lasting = seen.findings.filter(({ settles }) => settles !== true);
    const passing = seen.findings.filter(({ settles }) => settles === true);
    if (passing.length === 0 || lasting.length > 0 || Date.now() >= end) {
      // What may be over soon is seldom the cause.
      return { ...seen, findings: [...lasting, ...passing] };
    }
    await sleep(PAUSE);
  }
}

const look = (subject: Subject): Promise<Look> =>
  subject.isSwarm ? lookAtSwarm(subject) : lookAtHost(subject);

/** Of a stack that was never brought up, or of which neither state nor parts are left, nothing is gone. */
const nothingThere = (subject: Subject): Look =>
  found({
    what: `Nothing of stack "${subject.stack}" (${subject.prefix}) is on its Docker host`,
    fix: mendCommand(subject),
  });

// --- one host

async function lookAtHost(subject: Subject): Promise<Look> {
  const offered = images(subject);
  // It is waited for below.
  offered.catch(() => undefined);
  const containers = await ownContainers(subject);
  if (containers.length === 0 && subject.containers.length === 0) {
    return nothingThere(subject);
  }
  const part = (role: string) => containers.find((one) => roleOf(one) === role);
  const [hub, proxy, database] = [part("hub"), part("proxy"), part("database")];
  const known = { ...subject, containers: withIndispensable(subject, subject.containers) };
  const findings = judgeContainers(known, containers);
  // What asks a container that does not work only says so again.
  const sick = new Set(findings.map(({ role = "" }) => role));
  const works = (one: Inspected | undefined): one is Inspected => one !== undefined && !sick.has(roleOf(one));
  return together([
    found(...findings),
    ...(await Promise.all([
      works(proxy) && works(hub) ? knockAtHost(subject, proxy) : WELL,
      works(hub) ? readiness(subject, nameOf(hub), sick) : WELL,
      works(database) ? databaseDisk(subject, nameOf(database)) : WELL,
      offered,
    ])),
  ]);
}

/** Of a state that cannot be read nothing else is known. */
const withIndispensable = ({ prefix }: Subject, known: readonly Known[]): Known[] => [
  ...known,
  ...["hub", "proxy"]
    .map((role) => ({ name: `${prefix}-${role}`, networks: [] }))
    .filter(({ name }) => known.every((one) => one.name !== name)),
];

async function knockAtHost(subject: Subject, proxy: Inspected): Promise<Look> {
  const published = mainPort(publishedBy(proxy));
  if (published === undefined) {
    return found({ what: `${nameOf(proxy)} publishes no port that browsers could use` });
  }
  const door = doorTo(published, engineHost(subject.address.host));
  return typeof door === "string" ? notMade(`Login page and API: ${door}`) : knock(subject, door);
}

// --- a Swarm

async function lookAtSwarm(subject: Subject): Promise<Look> {
  const [{ services, tasks }, nodes] = await Promise.all([
    ownServices(subject),
    json<NodeAnswer[]>(subject, "/nodes"),
  ]);
  if (services.length === 0 && subject.services.length === 0) {
    return nothingThere(subject);
  }
  const known = { ...subject, services: withIndispensable(subject, subject.services) };
  const findings = judgeServices(known, services, tasks);
  const of = (role: string) => services.find(({ Spec }) => Spec.Labels[ROLE_LABEL] === role);
  const [hub, proxy] = [of("hub"), of("proxy")];
  const sick = new Set(findings.map(({ role = "" }) => role));
  const works = (service: Service | undefined, role: string): service is Service =>
    service !== undefined && !sick.has(role);
  return together([
    found(...findings),
    ...(await Promise.all([
      works(proxy, "proxy") && works(hub, "hub") ? knockAtSwarm(subject, proxy, tasks, nodes ?? []) : WELL,
      works(hub, "hub") ? readinessInSwarm(subject, sick) : WELL,
    ])),
  ]);
}

const running = (service: Service, tasks: readonly Task[]): Task[] =>
  tasks.filter(({ ServiceID, Status }) => ServiceID === service.ID && Status.State === "running");

/** Each entry node is asked: a browser may come to any of them. */
async function knockAtSwarm(
  subject: Subject,
  proxy: Service,
  tasks: readonly Task[],
  nodes: readonly NodeAnswer[],
): Promise<Look> {
  const published = mainPort(publishedByService(proxy));
  if (published === undefined) {
    return found({ what: `The service ${proxy.Spec.Name} publishes no port that browsers could use` });
  }
  const at = new Set(running(proxy, tasks).map(({ NodeID }) => NodeID));
  const entries = nodes.filter(({ ID }) => at.has(ID)).map(addressOfNode);
  return together(
    await Promise.all(
      entries.map(async (address) => {
        const door = doorTo({ ...published, address }, address);
        return typeof door === "string"
          ? notMade(`Login page and API: ${door}`)
          : await knock(subject, { ...door, isHere: isOwn(address) });
      }),
    ),
  );
}

/** The hub's container is asked through the engine of the node that it runs on. */
async function readinessInSwarm(subject: Subject, sick: ReadonlySet<string>): Promise<Look> {
  const parts = "the hub's database, its way to Docker and its disk";
  const place = await taskPlace(subject, `${subject.prefix}-hub`, subject.nodes);
  if (place === undefined) {
    return notMade(`${parts}: no task of the hub runs just now`);
  }
  const { container, node, engine } = place;
  if (engine === undefined) {
    return notMade(`${parts}: the hub runs on ${node}, whose host is not in swarm.nodes`);
  }
  return readiness(subject, container, sick, engine).catch((error: unknown) =>
    notMade(`${parts}: the hub runs on ${node}, whose engine cannot be asked (${messageOf(error)})`),
  );
}
