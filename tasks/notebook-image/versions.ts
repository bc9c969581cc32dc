/** JupyterHub's versions in the hub and in a notebook image. */

/** The version in what a command printed, as `6.1.1` or `6.2.0.dev`. */
export function versionIn(output: string): string | undefined {
  return /(?<![\d.])\d+\.\d+\.\d+\S*/.exec(output)?.[0];
}

/** What is wrong with a notebook image under a hub, or undefined: major and minor version have to be the same. */
export function versionProblem(image: string, hub: string, notebook: string): string | undefined {
  const minor = (version: string) => version.split(".").slice(0, 2).join(".");
  if (minor(hub) === minor(notebook)) {
    return undefined;
  }
  return (
    `${image}: expected JupyterHub ${minor(hub)} (the hub has ${hub}), got ${notebook}. The hub was left as it is. ` +
    `Use an image with jupyterhub==${minor(hub)}.*, or install that version in it.`
  );
}

/** The message for an image in which the version can't be found out. */
export function noVersion(image: string, output: string): string {
  const said = output.trim().split("\n").at(-1) ?? "";
  return (
    `${image}: expected a notebook image with the command jupyterhub-singleuser, got one that does not run it` +
    `${said === "" ? "" : ` (${said})`}. The hub was left as it is. Install jupyterhub and jupyterlab in the image.`
  );
}
