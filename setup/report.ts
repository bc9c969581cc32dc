import type { LoginValues, StateOutputs } from "../stacks/outputs";
import { hubCommand, upCommand } from "./stacks";
import { renderUnmade } from "./verify/finding";

/** What the stack's outputs and this machine say at the end of a run. */
export interface Report {
  readonly stack: string;
  /** The stack that `./hub` takes where none is named; commands name any other. */
  readonly meant: string | undefined;
  readonly outputs: StateOutputs;
  /** Checks that could not be made, and why. @default none */
  readonly unmade?: readonly string[];
}

// More names than this fill the screen; the output has them all.
const SHOWN_NAMES = 12;

function names(value: unknown): string | undefined {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    return undefined;
  }
  if (value.length === 0) {
    return "none";
  }
  const rest = value.length - SHOWN_NAMES;
  return value.slice(0, SHOWN_NAMES).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** The command that prints one output in any shell, without setting anything up first. */
const outputCommand = ({ stack, meant }: Report, output: keyof StateOutputs, secret: boolean): string =>
  hubCommand(`pulumi stack output ${output}${secret ? " --show-secrets" : ""}`, stack, meant);

const INDENT = " ".repeat(19);

/** What to say of each kind of login, beside names and passwords. */
const LOGINS: { readonly [Kind in LoginValues["login"]]: string | undefined } = {
  // Names and passwords say it all.
  "shared-password": undefined,
  native: "Log in:            with an account on the hub. Sign up, then an administrator approves it:",
  github: "Log in:            with GitHub.",
  gitlab: "Log in:            with GitLab.",
  google: "Log in:            with Google.",
  azuread: "Log in:            with Microsoft Entra ID (Azure AD).",
  oidc: "Log in:            at the OpenID Connect provider.",
  cilogon: "Log in:            with CILogon.",
  ldap: "Log in:            with the password of the LDAP directory.",
  pam: "Log in:            with the passwords whose hashes are in the configuration.",
  lti13: "Log in:            from the learning platform.",
  anonymous: "Log in:            not needed: everybody who opens the address gets a temporary server.",
};

/** Addresses that somebody has to know, by output. */
const ADDRESSES: readonly (readonly [output: keyof LoginValues, label: string])[] = [
  ["signUpUrl", ""],
  ["loginUrl", "Login address:    "],
  ["callbackUrl", "Callback address: "],
  ["toolConfigurationUrl", "Tool's settings:  "],
];

const PASSWORDS: readonly (readonly [output: keyof LoginValues, label: string])[] = [
  ["userPassword", "Users' password: "],
  ["adminPassword", "Admins' password:"],
];

/** How to get in. */
function renderLogin(report: Report): string[] {
  const { outputs } = report;
  const login = typeof outputs.login === "string" ? outputs.login : undefined;
  // Where a service says who may, an empty list is nothing to tell.
  const shown = (value: unknown) => {
    const isEmpty = Array.isArray(value) && value.length === 0;
    return isEmpty && login !== undefined && login !== "shared-password" ? undefined : names(value);
  };
  const [users, admins] = [shown(outputs.users), shown(outputs.admins)];
  const people = [users && `Users: ${users}`, admins && `Admins: ${admins}`].filter(
    (part) => part !== undefined,
  );
  const how =
    login === undefined ? undefined : (LOGINS as Readonly<Record<string, string | undefined>>)[login];
  const first = login === "native" ? "  (temporary: change it at hub/change-password)" : "";
  return [
    ...(people.length > 0 ? [`${INDENT}${people.join("        ")}`] : []),
    ...(how === undefined ? [] : [how]),
    ...ADDRESSES.flatMap(([output, label]) => {
      const address = outputs[output];
      return typeof address === "string" ? [`${label === "" ? INDENT : `${label} `}${address}`] : [];
    }),
    ...PASSWORDS.flatMap(([output, label]) =>
      outputs[output] === undefined || outputs[output] === null
        ? []
        : [`${label}  ${outputCommand(report, output, true)}${first}`],
    ),
  ];
}

/** Where the hub is and how to get in, as far as the outputs tell. */
export function renderReport(report: Report): string[] {
  const { outputs, unmade = [] } = report;
  if (typeof outputs.url !== "string") {
    return [];
  }
  // What nobody has looked at is not said to be up.
  const title = unmade.length === 0 ? "JupyterHub is up: " : "JupyterHub is at: ";
  const lines = [`${title} ${outputs.url.replace(/\/$/, "")}`, ...renderUnmade(unmade)];
  lines.push(...renderLogin(report));
  if (outputs.caCertificate) {
    const secret = typeof outputs.caCertificate !== "string";
    lines.push(
      "The certificate is self-signed, so browsers warn. Its authority, to import into a browser:",
      `                   ${outputCommand(report, "caCertificate", secret)}`,
    );
  }
  return lines;
}

/** What is left after a destroy. */
export interface Left {
  readonly stack: string;
  /** Names of volumes with data. */
  readonly volumes: readonly string[];
  /** How many images the stack built. */
  readonly images: number;
  /** Whether the state has no resources left: it has where some are protected. */
  readonly isEmpty: boolean;
}

/** What is left after a destroy, and how to be rid of it. */
export function renderLeft({ stack, volumes, images, isEmpty }: Left): string[] {
  const again = upCommand(stack);
  const shown = volumes.length > SHOWN_NAMES ? `${volumes.length} of them` : volumes.join(", ");
  const remove = (options: string) => hubCommand(`objects remove${options}`, stack);
  const protectedToo = isEmpty ? "" : `${again} --destroy --ignore-protect && `;
  return [
    ...(volumes.length === 0
      ? []
      : [
          `Volumes with data were kept (${again} uses them again): ${shown}`,
          `To delete them with their data, permanently: ${protectedToo}${remove(" --data")}`,
        ]),
    ...(images === 0 || !isEmpty
      ? []
      : [
          `Images of the stack were kept, so that the next ./up is faster: ${images}. To delete them: ${remove("")}`,
        ]),
    // Pulumi names a command that is not on PATH here, and that removes the stack's settings file as well.
    ...(isEmpty
      ? [
          `To delete the stack's empty state, but not Pulumi.${stack}.yaml, as pulumi's command above would: ` +
            hubCommand("pulumi stack rm --yes --preserve-config", stack),
        ]
      : []),
  ];
}
