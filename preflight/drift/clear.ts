/** Removing what has the name of something that is to be made. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import type { Address } from "../../docker-api/client";
import { ask, readJson } from "../../docker-api/get";
import { STACK_LABEL } from "../../docker-api/naming";
import type { TaskAnswer } from "../../docker-api/swarm";
import { until } from "../../docker-api/wait";
import { type FoundService, service } from "./swarm-shapes";

/** Milliseconds for the containers of a service to end. */
const ENDS = 60_000;

const labelled = z.object({ Spec: z.object({ Labels: z.record(z.string(), z.string()).nullish() }) });

const attached = z.object({
  Name: z.string(),
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});

const listed = z.array(z.object({ Id: z.string(), Names: z.array(z.string()) }));

/** A request that changes something on the engine. @throws pulumi.RunError where it refuses; 404 is no refusal. */
export async function order(
  address: Address,
  method: "POST" | "DELETE",
  path: string,
  body?: object,
): Promise<void> {
  const answer = await ask(address, path, {
    method,
    timeout: 60_000,
    ...(body === undefined ? {} : { body }),
  });
  if (answer.status >= 300 && answer.status !== 404) {
    throw new pulumi.RunError(
      `${method} ${path}: HTTP ${answer.status} from the Docker Engine: ${answer.body.toString().trim()}`,
    );
  }
}

export const removeContainer = (address: Address, id: string): Promise<void> =>
  order(address, "DELETE", `/containers/${id}?force=1`);

/**
 * Removes a network that took the name of one of the stack's. Of two with one name containers would join either.
 *
 * @param own ids of the stack's containers, people's servers among them: these are taken off it
 */
export async function removeNetwork(address: Address, id: string, own: ReadonlySet<string>): Promise<void> {
  const found = await readJson((path) => ask(address, path), `/networks/${id}`, attached);
  if (found === undefined) {
    return;
  }
  const on = Object.entries(found.Containers ?? {});
  // The network tells of those that run.
  const filters = encodeURIComponent(JSON.stringify({ network: [id] }));
  const all = await readJson(
    (path) => ask(address, path),
    `/containers/json?all=1&filters=${filters}`,
    listed,
  );
  const strange = [
    ...new Map([
      ...on.map(([container, { Name }]) => [container, Name] as const),
      ...(all ?? []).map(({ Id, Names }) => [Id, (Names[0] ?? Id).replace("/", "")] as const),
    ]),
  ]
    .filter(([container]) => !own.has(container))
    .map(([, name]) => name);
  if (strange.length > 0) {
    throw new pulumi.RunError(
      `network ${found.Name}: another network has its name, which this stack did not make, and these containers are on ` +
        `it: ${strange.sort().join(", ")}. Disconnect each with: docker network disconnect ${found.Name} ${strange[0] ?? ""}`,
    );
  }
  for (const [container] of on) {
    await order(address, "POST", `/networks/${id}/disconnect`, { Container: container, Force: true });
  }
  await order(address, "DELETE", `/networks/${id}`);
}

/** With its secrets and configs: they have names of their own each time. */
export async function removeService(address: Address, id: string): Promise<void> {
  const { status, body } = await ask(address, `/services/${id}`);
  const answer = status === 200 ? service.safeParse(JSON.parse(body.toString())) : undefined;
  await order(address, "DELETE", `/services/${id}`);
  const prefix = answer?.data?.Spec.Labels[STACK_LABEL];
  // Two hubs on one database, for a moment, are too many. A node that is down never says that its tasks have ended.
  await until(() => hasEnded(address, id), ENDS);
  for (const path of answer?.success === true ? handedOut(answer.data) : []) {
    await removeUnused(address, path, prefix);
  }
}

/** States of a task that no container runs for. */
const ENDED: ReadonlySet<string> = new Set([
  "complete",
  "failed",
  "shutdown",
  "rejected",
  "orphaned",
  "remove",
]);

async function hasEnded(address: Address, serviceId: string): Promise<boolean> {
  const filters = encodeURIComponent(JSON.stringify({ label: [STACK_LABEL] }));
  const { status, body } = await ask(address, `/tasks?filters=${filters}`);
  const tasks = status === 200 ? (JSON.parse(body.toString()) as TaskAnswer[]) : undefined;
  return tasks?.every(({ ServiceID, Status }) => ServiceID !== serviceId || ENDED.has(Status.State)) ?? false;
}

const handedOut = ({ Spec }: FoundService): string[] => {
  const { Secrets = [], Configs = [] } = Spec.TaskTemplate.ContainerSpec ?? {};
  return [
    ...Secrets.map(({ SecretID }) => `/secrets/${SecretID}`),
    ...Configs.map(({ ConfigID }) => `/configs/${ConfigID}`),
  ];
};

/** One that another service has stays, and so does one of somebody else. */
async function removeUnused(address: Address, path: string, prefix: string | undefined): Promise<void> {
  const { status, body } = await ask(address, path);
  const found = status === 200 ? labelled.safeParse(JSON.parse(body.toString())) : undefined;
  if (prefix !== undefined && found?.data?.Spec.Labels?.[STACK_LABEL] === prefix) {
    await ask(address, path, { method: "DELETE" });
  }
}
