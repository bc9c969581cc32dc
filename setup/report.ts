/** What the stack's outputs and this machine say at the end of a run. */
export interface Report {
  readonly stack: string;
  /** Outputs of the stack; a secret one is any object. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

// More names than this fill the screen; the output has them all.
const shownNames = 12;

function names(value: unknown): string | undefined {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    return undefined;
  }
  if (value.length === 0) {
    return "none";
  }
  const rest = value.length - shownNames;
  return value.slice(0, shownNames).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** The command that prints one output in any shell, without setting anything up first. */
export function outputCommand(stack: string, output: string, secret: boolean): string {
  const options = `${secret ? " --show-secrets" : ""}${stack === "dev" ? "" : ` --stack ${stack}`}`;
  return `npm run -s pulumi -- stack output ${output}${options}`;
}

/** Where the hub is and how to get in, as far as the outputs tell. */
export function renderReport({ stack, outputs }: Report): string[] {
  if (typeof outputs.url !== "string") {
    return [];
  }
  const lines = [`JupyterHub is up:  ${outputs.url.replace(/\/$/, "")}`];
  const [users, admins] = [names(outputs.users), names(outputs.admins)];
  const people = [users && `Users: ${users}`, admins && `Admins: ${admins}`].filter(
    (part) => part !== undefined,
  );
  if (people.length > 0) {
    lines.push(`                   ${people.join("        ")}`);
  }
  for (const [output, label] of [
    ["userPassword", "Users' password: "],
    ["adminPassword", "Admins' password:"],
  ] as const) {
    if (outputs[output] !== undefined && outputs[output] !== null) {
      lines.push(`${label}  ${outputCommand(stack, output, true)}`);
    }
  }
  if (outputs.caCertificate) {
    const secret = typeof outputs.caCertificate !== "string";
    lines.push(
      "The certificate is self-signed, so a browser warns of it. Its authority, for import into the browser:",
      `                   ${outputCommand(stack, "caCertificate", secret)}`,
    );
  }
  return lines;
}

/**
 * What is left after a destroy, and how to be rid of it.
 * @param isEmpty whether the state has no resources left: it has where some are protected.
 */
export function renderRemains(stack: string, volumes: readonly string[], isEmpty: boolean): string[] {
  if (volumes.length === 0) {
    return [];
  }
  const again = stack === "dev" ? "./up" : `./up ${stack}`;
  const protectedToo = isEmpty ? "" : `${again} --destroy --ignore-protect; `;
  return [
    `Volumes with data were kept (${again} finds them again): ${volumes.join(", ")}`,
    `To delete them and the data in them for good: ${protectedToo}docker volume rm ${volumes.join(" ")}`,
  ];
}
