import type Docker from "dockerode";

import { filesOf } from "../docker-api/archive";
import { withoutSecrets, withStackName } from "../docker-api/hidden";
import { demultiplex, isElsewhere } from "../docker-api/logs";
import { ROLE_LABEL, STACK_LABEL } from "../docker-api/naming";
import { hubCommand } from "./stacks";

export { withoutSecrets, withStackName } from "../docker-api/hidden";

/** Lines that are shown of each container. */
const SHOWN_LINES = 15;

/** The parts of a container's state that tell whether it is well. */
export interface ContainerState {
  readonly Running: boolean;
  readonly Restarting: boolean;
  readonly ExitCode: number;
  readonly Health?: { readonly Status: string } | undefined;
}

/**
 * What is wrong with a container, or undefined. One that has done its work and ended with 0 is well.
 * @param staysUp whether it has work without an end
 */
export function complaint(
  { Running, Restarting, ExitCode, Health }: ContainerState,
  staysUp = false,
): string | undefined {
  if (Restarting) {
    return `keeps restarting, exit code ${ExitCode}`;
  }
  if (!Running) {
    return ExitCode === 0 && !staysUp ? undefined : `has ended, exit code ${ExitCode}`;
  }
  return Health === undefined || Health.Status === "healthy" || Health.Status === "none"
    ? undefined
    : Health.Status;
}

/**
 * The last log lines of the stack's containers that are not well, for whoever reads why an `up` failed. Empty where all
 * are.
 * @param stack for commands that help
 * @param prefix of the stack's names, for example `jupyterhub-dev`.
 */
export async function failedLogs(docker: Docker, stack: string, prefix: string): Promise<string[]> {
  const all = await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${prefix}`] } });
  const own = all
    .filter(({ Labels }) => Labels[ROLE_LABEL] !== "user")
    .map(({ Id }) => docker.getContainer(Id));
  const found = await Promise.all(
    own.map(async (container) => ({ container, info: await container.inspect() })),
  );
  const sick = found.flatMap(({ container, info }) => {
    const what = complaint(info.State, info.HostConfig.RestartPolicy?.Name === "unless-stopped");
    const role = info.Config.Labels[ROLE_LABEL] ?? "";
    return what === undefined ? [] : [{ container, what, role, name: info.Name.replace(/^\//, "") }];
  });
  if (sick.length === 0) {
    return [];
  }
  const secrets = (await Promise.all(own.map(secretsOf))).flat();
  const parts = await Promise.all(
    sick.map(async ({ container, what, role, name }) => {
      let raw: Buffer;
      try {
        raw = await container.logs({ stdout: true, stderr: true, tail: SHOWN_LINES });
      } catch (error) {
        if (!isElsewhere(error)) {
          throw error;
        }
        return [`${name}: ${what}. Its log goes only to where logging.driver sends it.`];
      }
      const text = withStackName(withoutSecrets(demultiplex(raw), secrets), stack);
      // One that could not be started has said nothing: the error of the run says why.
      if (text.trim() === "") {
        return [`${name}: ${what}. Its log is empty.`];
      }
      const lines = text.trimEnd().split("\n");
      return [
        `${name}: ${what}. Its last lines (${hubCommand(`logs ${role}`, stack)}):`,
        ...lines.map((line) => `  ${line}`),
      ];
    }),
  );
  return ["", ...parts.flat()];
}

/** What is in the secret files of a container, running or not. */
const secretsOf = (container: Docker.Container): Promise<string[]> =>
  filesOf(container, "/run/secrets").catch(() => []);
