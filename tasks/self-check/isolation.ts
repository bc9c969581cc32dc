import type Docker from "dockerode";

import type { Row } from "./report";
import { tryAll } from "./run";
import { isSwarm } from "./swarm-facts";
import { tryNodes } from "./swarm-run";

/** Tries all that a notebook server must not reach or do, from inside one. @returns what came of each */
export const checkIsolation = async (docker: Docker, prefix: string): Promise<readonly Row[]> =>
  ((await isSwarm(docker, prefix)) ? tryNodes : tryAll)(docker, prefix);
