/** Prints the commit that a ref of a Git repository stands for. Environment: REPOSITORY, REF. */
import { resolveRef } from "./git";

resolveRef(process.env["REPOSITORY"] ?? "", process.env["REF"] ?? "").then(
  (commit) => {
    console.log(commit);
  },
  (error: unknown) => {
    console.error(`jupyterhub:notebook: a Git image could not be looked up: ${(error as Error).message}`);
    process.exitCode = 1;
  },
);
