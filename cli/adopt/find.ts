/** The older deployment on a Docker host: its hub, the servers of its people, and what publishes its ports. */
import type Docker from "dockerode";

import { STACK_LABEL } from "../../docker-api/naming";
import { SetupError } from "../../setup/errors";
import { nameOf } from "../stack";
import type { OldHost } from "./keys";

const PROJECT = "com.docker.compose.project";

/** A command that is a hub's: not that of a server, nor of a tool that has the word in its path. */
const HUB = /(^|[\s/])jupyterhub(\s|$)/;

/** @param named name or id that the administrator gave. @throws SetupError where there is none, or several may be it */
export async function findHub(
  docker: Docker,
  named: string | undefined,
): Promise<Docker.ContainerInspectInfo> {
  const all = (await docker.listContainers({ all: true })).filter(({ Labels }) => !(STACK_LABEL in Labels));
  const found =
    named === undefined
      ? all.filter(({ Command, State }) => State === "running" && HUB.test(Command))
      : all.filter((one) => nameOf(one) === named || one.Id.startsWith(named));
  const [one, ...more] = found;
  if (one === undefined) {
    throw new SetupError(
      named === undefined
        ? "adopt: expected a running container with the command jupyterhub, found none on the Docker host."
        : `adopt: expected a container ${named} that belongs to no stack, found none on the Docker host.`,
      ...(named === undefined ? ["--hub names the container."] : []),
    );
  }
  if (more.length > 0) {
    throw new SetupError(
      `adopt: expected one hub, found ${found.map(nameOf).join(", ")}.`,
      "--hub names the right one.",
    );
  }
  return docker.getContainer(one.Id).inspect();
}

export async function hostOf(docker: Docker, hub: Docker.ContainerInspectInfo): Promise<OldHost> {
  const [{ Volumes }, project] = await Promise.all([docker.listVolumes(), projectOf(docker, hub)]);
  const published = project.flatMap(({ Ports }) => Ports);
  const ports = new Map(
    published
      .filter(({ PublicPort }) => Boolean(PublicPort))
      .map(({ PublicPort: host, PrivatePort: container }) => [host, { host, container }] as const),
  );
  return {
    volumes: Volumes.filter(({ Labels }) => !(STACK_LABEL in ((Labels as object | null) ?? {}))).map(
      ({ Name }) => Name,
    ),
    ports: [...ports.values()].sort((a, b) => a.host - b.host),
  };
}

/** Containers of the hub's Compose project, or the hub alone. */
async function projectOf(docker: Docker, hub: Docker.ContainerInspectInfo): Promise<Docker.ContainerInfo[]> {
  const project = hub.Config.Labels[PROJECT];
  const all = await docker.listContainers({ all: true });
  return all.filter(
    ({ Id, Labels }) => Id === hub.Id || (project !== undefined && Labels[PROJECT] === project),
  );
}

/**
 * What would be in the way of the stack: the hub, what else of it publishes ports, and people's servers, which are those
 * that have one of the homes mounted. The hub is the first: it would start servers again.
 */
export async function inTheWay(
  docker: Docker,
  hub: Docker.ContainerInspectInfo,
  homes: readonly string[],
): Promise<Docker.ContainerInfo[]> {
  const project = await projectOf(docker, hub);
  const servers = (await docker.listContainers()).filter(
    ({ Labels, Mounts }) =>
      !(STACK_LABEL in Labels) &&
      (Mounts as Docker.ContainerInfo["Mounts"] | null)?.some(({ Name, Source }) =>
        homes.some((home) => home === Name || home === Source),
      ),
  );
  const edges = project.filter(
    ({ Id, Ports }) => Id !== hub.Id && Ports.some(({ PublicPort }) => PublicPort),
  );
  const found = [...project.filter(({ Id }) => Id === hub.Id), ...edges, ...servers];
  return [...new Map(found.map((one) => [one.Id, one])).values()].filter(({ State }) => State === "running");
}
