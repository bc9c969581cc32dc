/**
 * Whether people can work: looked at after each `./up`, and by `./hub check`. Pulumi knows what it made; what became of
 * it, and whether it works together, only a look can tell.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type Inspected, nameOf } from "../../docker-api/containers";
import { sharedConnection } from "../../docker-api/get";
import { ROLE_LABEL } from "../../docker-api/naming";
import { addressOf as addressOfNode, type NodeAnswer } from "../../docker-api/swarm";
import { messageOf } from "../errors";
import { judgeContainers, ownContainers, roleOf } from "./containers";
import { found, type Look, notMade, SETTLING, together, WELL } from "./finding";
import { doorTo, engineHost, isOwn, knock, mainPort, type Published } from "./front";
import { images } from "./images";
import { readiness } from "./readiness";
import { judgeServices, ownServices, type Service, type Task } from "./services";
import { filtered, json, type Subject } from "./subject";

export { renderFindings, renderUnmade } from "./finding";
export { knownOf, type Subject } from "./subject";

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
    return await lookUntilSettled({ ...subject, agent }, settling);
  } finally {
    agent?.destroy();
  }
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

// --- one host

async function lookAtHost(subject: Subject): Promise<Look> {
  const offered = images(subject);
  // It is waited for below.
  offered.catch(() => undefined);
  const containers = await ownContainers(subject);
  const part = (role: string) => containers.find((one) => roleOf(one) === role);
  const [hub, proxy] = [part("hub"), part("proxy")];
  const gone = (["hub", "proxy"] as const)
    .filter((role) => part(role) === undefined)
    .map((role) => `${subject.prefix}-${role}`)
    // Of a state that cannot be read nothing else is known.
    .filter((name) => subject.containers.every((known) => known.name !== name))
    .map((name) => ({ name, networks: [] }));
  const findings = judgeContainers({ ...subject, containers: [...subject.containers, ...gone] }, containers);
  // What asks a container that does not work only says so again.
  const sick = new Set(findings.map(({ role = "" }) => role));
  const works = (one: Inspected | undefined): one is Inspected => one !== undefined && !sick.has(roleOf(one));
  return together([
    found(...findings),
    ...(await Promise.all([
      works(proxy) && works(hub) ? knockAtHost(subject, proxy) : WELL,
      works(hub) ? readiness(subject, nameOf(hub), sick) : WELL,
      offered,
    ])),
  ]);
}

async function knockAtHost(subject: Subject, proxy: Inspected): Promise<Look> {
  const published = mainPort(publishedBy(proxy));
  if (published === undefined) {
    return found({ what: `${nameOf(proxy)} publishes no port that browsers could use` });
  }
  const door = doorTo(published, engineHost(subject.address.host));
  return typeof door === "string" ? notMade(`Login page and API: ${door}`) : knock(subject, door);
}

/** The ports of Traefik's container. */
function publishedBy({ HostConfig }: Inspected): Published[] {
  return Object.entries(HostConfig.PortBindings ?? {}).flatMap(([target, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => ({
      target: Number.parseInt(target, 10),
      address: HostIp,
      port: Number(HostPort),
    })),
  );
}

// --- a Swarm

async function lookAtSwarm(subject: Subject): Promise<Look> {
  const [{ services, tasks }, nodes] = await Promise.all([
    ownServices(subject),
    json<NodeAnswer[]>(subject, "/nodes"),
  ]);
  const findings = judgeServices(subject, services, tasks);
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
  const published = mainPort(
    (proxy.Spec.EndpointSpec?.Ports ?? []).map(({ TargetPort, PublishedPort = 0 }) => ({
      target: TargetPort,
      address: "",
      port: PublishedPort,
    })),
  );
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

/** The hub's container is asked where it is on the engine that is asked itself. */
async function readinessInSwarm(subject: Subject, sick: ReadonlySet<string>): Promise<Look> {
  const labels = [`com.docker.swarm.service.name=${subject.prefix}-hub`];
  const [container] =
    (await json<{ Id: string }[]>(subject, `/containers/json?filters=${filtered(labels)}`)) ?? [];
  return container === undefined
    ? notMade(
        "the hub's database, its way to Docker and its disk: it runs on another node than the one that is asked",
      )
    : readiness(subject, container.Id, sick);
}
