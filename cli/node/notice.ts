/** Tells people whose servers are on a node what will happen to it: as a file where JupyterLab shows it. */
import type Docker from "dockerode";
import { pack } from "tar-stream";

import { ROLE_LABEL, STACK_LABEL } from "../../docker-api/naming";

/** JupyterLab's list of files has it within seconds. */
export const NOTICE = "READ-ME-your-server-will-restart.txt";

export interface NoticeArgs {
  /** The node's own engine. */
  readonly docker: Docker;
  readonly prefix: string;
  readonly text: string;
  /** Folder of the servers that people see first. */
  readonly folder: string;
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** Puts the notice into each server of the stack on a node; returns how many there are. */
export async function leaveNotices({ docker, prefix, text, folder, owner }: NoticeArgs): Promise<number> {
  const label = [`${STACK_LABEL}=${prefix}`, `${ROLE_LABEL}=user`];
  const servers = await docker.listContainers({ filters: { label } });
  for (const { Id } of servers) {
    const archive = pack();
    archive.entry({ name: NOTICE, mode: 0o644, ...owner, mtime: new Date() }, `${text}\n`);
    archive.finalize();
    await docker.getContainer(Id).putArchive(archive, { path: folder });
  }
  return servers.length;
}
