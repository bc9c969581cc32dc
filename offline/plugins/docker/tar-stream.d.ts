/** The part of tar-stream (which dockerode brings) that is used here; the package has no declarations of its own. */
declare module "tar-stream" {
  import type { Readable, Writable } from "node:stream";

  export interface Header {
    name: string;
    mode?: number;
    uid?: number;
    gid?: number;
    size?: number;
    type?: "file" | "directory" | "symlink";
    linkname?: string;
  }

  export interface Pack extends Readable {
    /** Without the content it has to be written to the answer. */
    entry(header: Header, content?: Buffer): Writable;
    finalize(): void;
  }

  export function pack(): Pack;
}
