/** Containers of the hub that Pulumi does not make: the one in which a hub is tried, and the spare one. */
import { dirname } from "node:path/posix";
import type Docker from "dockerode";

import { paths } from "../../components/hub/settings/paths";
import { ignoring } from "../../docker-api/errors";
import { demultiplex } from "../../docker-api/logs";
import { physicalName, ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";
import { TASK_LABEL, tasksOf } from "../../docker-api/swarm";

export const hubName = (prefix: string): string => physicalName(prefix, "hub");
export const proxyName = (prefix: string): string => physicalName(prefix, "proxy");
export const trialName = (prefix: string): string => physicalName(prefix, "hub-trial");
export const undoName = (prefix: string): string => physicalName(prefix, "hub-spare-database");
export const spareName = (prefix: string): string => physicalName(prefix, "hub-spare");
export const previousName = (prefix: string): string => physicalName(prefix, "hub-previous");
export const previousImageName = (prefix: string): string => physicalName(prefix, "hub-previous-image");
export const filterName = (prefix: string): string => physicalName(prefix, "docker-filter");

/** Labels of such a container. */
export const labelsOf = (prefix: string, role: string): Record<string, string> => ({
  [ROLE_LABEL]: role,
  [STACK_LABEL]: prefix,
});

/** Folders that may have files of the configuration in them, which a container does not have from its image. */
const FOLDERS = ["/etc/jupyterhub", paths.secrets, "/opt/venv/share/jupyterhub/static/external"];

/** A container, or undefined where there is none. */
export const inspected = (docker: Docker, name: string): Promise<Docker.ContainerInspectInfo | undefined> =>
  docker.getContainer(name).inspect().catch(ignoring(404));

/** Whether the engine could not start it, for example since a port that it publishes was taken. */
export const couldNotStart = ({ State: state }: Docker.ContainerInspectInfo): boolean =>
  !state.Running && state.Error !== "";

/** The container of the hub that runs: in a Swarm that of its task, where this engine has it. */
export async function runningHub(
  docker: Docker,
  prefix: string,
  isSwarm: boolean,
): Promise<Docker.ContainerInspectInfo | undefined> {
  let name = hubName(prefix);
  if (isSwarm) {
    const filters = {
      label: [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=hub`, TASK_LABEL],
      status: ["running"],
    };
    const [task] = await docker.listContainers({ filters });
    if (task === undefined) {
      return undefined;
    }
    name = task.Id;
  }
  const found = await inspected(docker, name);
  return found?.State.Running === true && !found.State.Restarting ? found : undefined;
}

/** Whether another manager of the Swarm runs the hub. */
export async function runsElsewhere(docker: Docker, prefix: string): Promise<boolean> {
  const tasks = await tasksOf(docker, { service: [hubName(prefix)], "desired-state": ["running"] }).catch(
    ignoring(404),
  );
  return (tasks ?? []).some(({ Status }) => Status.State === "running");
}

/** Removes a container, running or not; it may be gone already. */
export async function removeContainer(docker: Docker, name: string): Promise<void> {
  const container = docker.getContainer(name);
  await container.remove({ force: true }).catch(ignoring(404, 409));
  await container.wait({ condition: "removed" }).catch(ignoring(404));
}

/** What another container has in place of the one's own. */
export interface Changes {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly restart: "no" | "unless-stopped";
  /** Words of its command. @default that of the one */
  readonly command?: readonly string[];
}

/** Makes a container like another, with its image, settings, networks and files; it does not start it. */
export async function copyContainer(
  docker: Docker,
  from: Docker.ContainerInspectInfo,
  { name, labels, restart, command }: Changes,
): Promise<Docker.Container> {
  const { Hostname: _own, ...config } = from.Config;
  const made = await docker.createContainer({
    ...config,
    ...(command === undefined ? {} : { Cmd: [...command] }),
    name,
    Image: from.Image,
    Labels: { ...labels },
    HostConfig: { ...from.HostConfig, NetworkMode: "bridge", RestartPolicy: { Name: restart } },
  });
  try {
    await docker
      .getNetwork("bridge")
      .disconnect({ Container: made.id })
      .catch(ignoring(403, 404, 500));
    for (const [network, { IPAMConfig, Aliases }] of Object.entries(networksOf(from))) {
      // The engine adds the container's own id.
      const aliases = (Aliases ?? []).filter((alias) => !from.Id.startsWith(alias));
      await docker.getNetwork(network).connect({
        Container: made.id,
        EndpointConfig: { IPAMConfig: { ...IPAMConfig }, Aliases: aliases },
      });
    }
    // Its settings are for the networks of the one alone.
    const on = Object.keys(networksOf(await made.inspect()));
    const wanted = Object.keys(networksOf(from));
    const further = on.filter((network) => !wanted.includes(network));
    if (further.length > 0) {
      throw new Error(
        `${name}: expected to be on ${wanted.join(", ")} alone, is on ${further.join(", ")} too`,
      );
    }
    for (const folder of FOLDERS) {
      const archive = await docker.getContainer(from.Id).getArchive({ path: folder }).catch(ignoring(404));
      if (archive !== undefined) {
        await made.putArchive(archive, { path: dirname(folder) });
      }
    }
  } catch (error) {
    await removeContainer(docker, made.id);
    throw error;
  }
  return made;
}

interface Endpoint {
  readonly IPAMConfig: { readonly IPv4Address?: string } | null;
  readonly Aliases: readonly string[] | null;
}

const networksOf = ({ NetworkSettings }: Docker.ContainerInspectInfo) =>
  NetworkSettings.Networks as unknown as Readonly<Record<string, Endpoint>>;

/** What a container wrote. @param tail how many of the last lines */
export async function wordsOf(
  container: Docker.Container,
  stream: { readonly stdout?: true; readonly stderr?: true },
  tail: number,
): Promise<string> {
  const options = {
    stdout: stream.stdout ?? false,
    stderr: stream.stderr ?? false,
    tail,
    follow: false as const,
  };
  return demultiplex(await container.logs(options)).trim();
}
