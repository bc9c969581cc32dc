/** The stack as a browser has it: requests to the port that Traefik publishes, by the hub's name. */
import { request as plain } from "node:http";
import { request as encrypted } from "node:https";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { TLSSocket } from "node:tls";

import { containerPorts } from "../../components/proxy/static-configuration";
import { socketPath } from "../../docker-api/address";
import type { Inspected } from "../../docker-api/containers";
import { parsed } from "../../docker-api/json";
import { judgeCertificate, type Served } from "./certificate";
import { found, type Look, notMade, together, WELL } from "./finding";
import type { Service } from "./services";
import { json, logsCommand, type Subject } from "./subject";

/** Milliseconds for an answer. */
const TIMEOUT = 5000;

/** Where Traefik's port is. */
export interface Door {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Whether it is on this machine: then nothing but the stack decides whether it answers. */
  readonly isHere: boolean;
}

/** A port of Traefik's container as it is published: on an address of the host, or on all. */
export interface Published {
  readonly target: number;
  readonly address: string;
  readonly port: number;
}

const isAny = (address: string): boolean => address === "" || address === "0.0.0.0" || address === "::";
const isLoopback = (address: string): boolean =>
  address === "::1" || address.startsWith("127.") || address === "localhost";

/** The host of an engine's address; undefined for this machine's. */
export function engineHost(host: string): string | undefined {
  if (socketPath(host) !== undefined) {
    return undefined;
  }
  const name = new URL(host).hostname.replace(/^\[|\]$/g, "");
  return isLoopback(name) ? undefined : name;
}

/** The port that browsers get to: that of TLS, or without TLS the one of plain HTTP. */
export function mainPort(published: readonly Published[]): Published | undefined {
  return (
    published.find(({ target }) => target === containerPorts.https) ??
    published.find(({ target }) => target === containerPorts.http)
  );
}

/** The ports of Traefik's container. */
export function publishedBy({ HostConfig }: Inspected): Published[] {
  return Object.entries(HostConfig.PortBindings ?? {}).flatMap(([target, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => ({
      target: Number.parseInt(target, 10),
      address: HostIp,
      port: Number(HostPort),
    })),
  );
}

/** The same of Traefik's service, where each node that runs it publishes them. */
export const publishedByService = ({ Spec }: Service): Published[] =>
  (Spec.EndpointSpec?.Ports ?? []).map(({ TargetPort, PublishedPort = 0 }) => ({
    target: TargetPort,
    address: "",
    port: PublishedPort,
  }));

/**
 * The way to a published port from this machine, or why there is none.
 * @param engine host of the engine; undefined for this machine
 */
export function doorTo(published: Published, engine: string | undefined): Door | string {
  const { address, port, target } = published;
  const secure = target === containerPorts.https;
  if (engine === undefined) {
    const host = address === "::" ? "::1" : isAny(address) ? "127.0.0.1" : address;
    return { host, port, secure, isHere: true };
  }
  if (isLoopback(address)) {
    return `the published port is on ${address} of ${engine}, out of reach from this machine`;
  }
  return { host: isAny(address) ? engine : address, port, secure, isHere: false };
}

/** Whether an address is one of this machine's. */
export const isOwn = (address: string): boolean =>
  isLoopback(address) ||
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address));

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Undefined without TLS. */
  readonly certificate?: Served;
}

/** Without the brackets of IPv6. */
const hostOf = ({ hostname: host }: URL): string => host.replace(/^\[|\]$/g, "");

/** Asks for a page as a browser does that was given the hub's name. Whoever has signed the certificate is taken. */
function get({ host, port, secure }: Door, url: URL): Promise<Answer> {
  const name = hostOf(url);
  const options = {
    host,
    port,
    path: url.pathname,
    headers: { Host: url.host, Accept: "text/html,application/json" },
    agent: false as const,
    timeout: TIMEOUT,
    ...(secure ? { rejectUnauthorized: false, ...(isIP(name) === 0 ? { servername: name } : {}) } : {}),
  };
  return new Promise((resolve, reject) => {
    const call = (secure ? encrypted : plain)(options, (answer) => {
      const pieces: Buffer[] = [];
      const certificate = answer.socket instanceof TLSSocket ? answer.socket.getPeerCertificate() : undefined;
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.on("error", reject);
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces).toString(), certificate });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer in ${TIMEOUT / 1000} s`)));
    call.on("error", reject);
    call.end();
  });
}

/** The certificate that browsers get. @throws Error where nothing answers */
export const certificateAt = async (door: Door, url: URL): Promise<Served> =>
  (await get(door, new URL("hub/api/", url))).certificate;

/** Whether an answer is that of the hub's API: its version. */
function isVersion(body: string): boolean {
  return typeof (parsed(body) as { version?: unknown } | null | undefined)?.version === "string";
}

/** What the answers of login page and API mean. Pure. */
export function judgeAnswers(subject: Subject, place: string, login: Answer, api: Answer): Look {
  if ([login, api].some(({ status }) => status === 429)) {
    return notMade(`${place}, login page and API: edge.requestRate refuses this machine for now (HTTP 429)`);
  }
  if (api.status === 403) {
    return subject.restrictsVisitors
      ? notMade(`${place}, login page and API: edge.allow does not let this machine's address in`)
      : found({
          what: `${place}: Traefik refuses this machine (HTTP 403)`,
          see: logsCommand(subject, "proxy"),
        });
  }
  if (api.status !== 200 || !isVersion(api.body)) {
    return found({
      what: `${place}: ${meaning(api.status, "the hub's API")}`,
      see: logsCommand(subject, api.status === 404 ? "proxy" : "hub"),
      settles: true,
    });
  }
  // The page itself, or the way to a login service or to a server.
  if (login.status !== 200 && !(login.status >= 300 && login.status < 400)) {
    return found({
      what: `${place}: the login page answers HTTP ${login.status}`,
      see: logsCommand(subject, "hub"),
      settles: true,
    });
  }
  return WELL;
}

function meaning(status: number, what: string): string {
  switch (status) {
    case 404:
      return `Traefik has no route to the hub (HTTP 404 for ${what})`;
    case 502:
    case 503:
    case 504:
      return `the hub does not answer Traefik (HTTP ${status} for ${what})`;
    default:
      return `expected the version from ${what}, got HTTP ${status}`;
  }
}

/** Asks for login page and API at the same time. */
export async function knock(subject: Subject, door: Door): Promise<Look> {
  const { url } = subject;
  const place = `${door.secure ? "https" : "http"}://${door.host.includes(":") ? `[${door.host}]` : door.host}:${door.port}`;
  if (url === undefined) {
    return notMade(`${place}: the stack's address is not known`);
  }
  try {
    const [login, api] = await Promise.all([
      get(door, new URL("hub/login", url)),
      get(door, new URL("hub/api/", url)),
    ]);
    return together([
      judgeAnswers(subject, place, login, api),
      judgeCertificate(subject, place, login.certificate, hostOf(new URL(url)), new Date()),
    ]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = `${place} does not answer (${code ?? message})`;
    if (door.isHere && (await isEngineHere(subject))) {
      return found({ what, see: logsCommand(subject, "proxy"), settles: true });
    }
    return notMade(`${what}, maybe from this machine only: login page and API`);
  }
}

/** A socket may lead to another machine's engine: out of a container, for example. */
async function isEngineHere(subject: Subject): Promise<boolean> {
  const info = await json<{ Name: string }>(subject, "/info");
  return info?.Name === hostname();
}
