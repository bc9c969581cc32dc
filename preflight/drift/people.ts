/** People's servers and their routes: looked at with the rest, and corrected while they run. */
import * as pulumi from "@pulumi/pulumi";

import { paths } from "../../components/hub/settings/paths";
import { entriesOf } from "../../docker-api/archive";
import type { Address } from "../../docker-api/client";
import { ask, readJson } from "../../docker-api/get";
import { plain } from "../../docker-api/plain";
import { memoryUsed, statistics } from "../../docker-api/stats";
import { order } from "./clear";
import { bytes } from "./container";
import type { LookAt, Standing } from "./engine";
import { entries, text } from "./fields";
import { NETWORK } from "./kinds";
import { isServer } from "./lost-state";
import type { Made } from "./made";
import {
  type Bounds,
  type Correction,
  readRoutes,
  type RouteDrift,
  routeDrift,
  type ServerDrift,
  serverDrift,
} from "./servers";

export interface People {
  readonly servers: readonly ServerDrift[];
  readonly routes: RouteDrift;
}

/** Looks at the servers on one host. Nothing is asked where nobody has one. */
export async function lookAtPeople(
  prefix: string,
  made: readonly Made[],
  standing: readonly Standing[],
  { engine, largest }: { readonly engine: LookAt; readonly largest: Bounds["largest"] },
): Promise<People> {
  const found = await Promise.all(standing.filter(isServer).map(({ id }) => engine.container(id)));
  const servers = found.filter((one) => one !== undefined);
  const hub = standing.find(({ kind, role }) => kind === "container" && role === "hub");
  const file = servers.length === 0 || hub === undefined ? undefined : await routesFile(hub.id, engine);
  const routes = typeof file === "object" ? readRoutes(file) : [];
  const network = made.find(
    ({ type, outputs }) => type === NETWORK && outputs["name"] === `${prefix}-notebooks`,
  );
  const ipam = entries(network?.outputs["ipamConfigs"])[0];
  const name = text(network?.outputs["name"]);
  const net = {
    id: network && text(network.outputs["id"]),
    range: text(ipam?.["ipRange"]) || text(ipam?.["subnet"]),
    taken: new Set(servers.flatMap((server) => server.NetworkSettings.Networks[name]?.IPAddress ?? [])),
  };
  return {
    servers: servers.flatMap((server) => serverDrift(server, routes, { net, largest }) ?? []),
    // A hub that is gone or has no routes to show is made again for that.
    routes:
      typeof file === "object"
        ? routeDrift(servers, routes, Date.now())
        : { missing: [], stale: file === undefined ? [] : [file] },
  };
}

/** Bytes of the largest file of routes that is looked at: ten thousand routes have fewer. */
const LARGEST_FILE = 32 * 2 ** 20;

/** The hub's file of routes; what to say where it is none that a hub writes; undefined where there is none. */
async function routesFile(hub: string, engine: LookAt): Promise<Buffer | string | undefined> {
  const facts = await engine.facts(hub, paths.routes);
  if (facts === undefined) {
    return undefined;
  }
  if (facts.size > LARGEST_FILE) {
    return `the hub's file of routes has ${bytes(facts.size)}, more than a hub writes. Routes were not compared.`;
  }
  const archive = await engine.archive(hub, paths.routes);
  return archive && entriesOf(archive)[0]?.content;
}

/** What is said of a server, whoever runs the update. */
export const serverSentence = ({ object, changes }: ServerDrift): string =>
  `${object}: ${changes.join("; ")}. It will be corrected while it runs.`;

/** Bytes that a container uses and cannot give back. */
async function used(address: Address, id: string): Promise<number> {
  const path = `/containers/${id}/stats?stream=false&one-shot=true`;
  const found = await readJson((one) => ask(address, one), path, statistics);
  return found === undefined ? 0 : memoryUsed(found);
}

/** Room above what a server uses, without which a limit would end programs in it. */
const ROOM = 1.1;

/**
 * Corrects servers. What the engine refuses is said, and stops no update: the server runs as it did.
 *
 * @param ready those whose network is there: of that name, or of none
 */
export async function correctServers(
  address: Address,
  servers: readonly ServerDrift[],
  ready: (network: string | undefined) => boolean,
): Promise<void> {
  for (const { object, id, corrections } of servers) {
    for (const correction of corrections.filter(({ network }) => ready(network))) {
      await correct(address, object, id, correction);
    }
  }
}

async function correct(
  address: Address,
  object: string,
  id: string,
  { path, body, otherwise, below }: Correction,
): Promise<void> {
  try {
    const use = below === undefined ? 0 : await used(address, id);
    if (below !== undefined && use * ROOM > below) {
      await pulumi.log.warn(
        `${plain(object)}: its memory stays as it is, because it uses ${bytes(Math.round(use / 2 ** 20) * 2 ** 20)}. ` +
          "The limit comes back when the server is restarted.",
      );
      return;
    }
    const post = (what: object | undefined) =>
      order(address, "POST", path.startsWith("/") ? path : `/containers/${id}/${path}`, what);
    await (otherwise === undefined ? post(body) : post(body).catch(() => post(otherwise)));
  } catch (error) {
    await pulumi.log.warn(
      plain(
        `${object}: it could not be corrected. Its owner can restart it in the hub. ${(error as Error).message}`,
      ),
    );
  }
}
