/** A stack on the Docker host that the state does not know: said at preview, and taken over where that is asked for. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { Kept } from "../../components/generated";
import { tokenName } from "../../components/hub/settings/access";
import type { HubConfig } from "../../config";
import { program } from "../../config/commands";
import { setKeyCommand } from "../../config/keys";
import { entriesOf } from "../../docker-api/archive";
import { PASSING_ROLES } from "../../docker-api/naming";
import type { Standing } from "./engine";
import { fields } from "./fields";
import { KINDS_ON_ENGINE } from "./kinds";
import type { Made } from "./made";

/** Asks for the take-over; `./up --take-over` sets it. */
export const TAKE_OVER = "JUPYTERHUB_TAKE_OVER";

/** Resource that keeps the secrets of a stack that was taken over. */
const KEPT = "kept-secrets";

/**
 * What is on the host of a stack that the state knows nothing of; nothing where it knows any object. People's servers
 * alone are none: they are there when a hub was removed by hand. Nor are volumes, which a destroy leaves, nor what a
 * first run left that was killed before it had made any object.
 */
export function unknownToState(made: readonly Made[], standing: readonly Standing[]): readonly Standing[] {
  return made.some(({ type }) => KINDS_ON_ENGINE.has(type))
    ? []
    : standing.filter((one) => one.kind !== "volume" && !isServer(one) && !PASSING_ROLES.has(one.role));
}

/** Whether it is a person's server. Homes have the same role. */
export const isServer = ({ kind, role }: Standing): boolean =>
  (kind === "container" || kind === "service") && role === "user";

/** What to do, with a command for each way. */
export function lostStateProblem(
  stack: string,
  prefix: string,
  found: readonly Standing[],
  servers: number,
): string {
  const count = (kind: Standing["kind"]) => found.filter((one) => one.kind === kind).length;
  const parts = [
    [count("container"), "container"],
    [count("service"), "service"],
    [count("network"), "network"],
    [servers, "running notebook server"],
  ] as const;
  const there = parts.flatMap(([many, what]) =>
    many === 0 ? [] : [`${many} ${what}${many === 1 ? "" : "s"}`],
  );
  return (
    `State of stack "${stack}": expected to find there what this Docker host has of "${prefix}" (${there.join(", ")}), got ` +
    "a state without it. Another checkout may manage it, or the state was lost. Put the state back if there is a copy; " +
    "otherwise one of these:\n" +
    "- Manage it from here; data, passwords and running servers stay:\n" +
    `    ${program("up")} ${stack} --take-over\n` +
    "- Remove it, except for its volumes with data:\n" +
    `    ${program("hub")} objects remove --stack ${stack}\n` +
    "- Bring up another one under another name:\n" +
    `    ${setKeyCommand(stack, "name", `${prefix}-2`)}`
  );
}

/** What a secret of each file of the hub has to look like, and the resource that makes it. */
const SECRETS: Readonly<Record<string, { readonly resource: string; readonly form: RegExp }>> = {
  cookie_secret: { resource: "credentials-cookie-secret", form: /^[0-9a-f]{64}$/ },
  crypt_key: { resource: "credentials-crypt-key", form: /^[0-9a-f]{64}$/ },
  user_password: { resource: "credentials-user-password", form: /^[A-Za-z0-9]{16}$/ },
  admin_password: { resource: "credentials-admin-password", form: /^[A-Za-z0-9]{32}$/ },
  proxy_api_password: { resource: "credentials-proxy-api-password", form: /^[A-Za-z0-9]{32}$/ },
  database_password: { resource: "database-password", form: /^[A-Za-z0-9]{32}$/ },
};

/**
 * Secrets in the files of the stack's hub, by the name of the resource that would make each anew.
 *
 * @param archive of the folder with the files; undefined where there is none
 */
export function secretsOf(config: HubConfig, archive: Buffer | undefined): Kept {
  const tokens = Object.keys(config.hub.services).map(
    (name) => [tokenName(name), { resource: `service-tokens-${name}`, form: /^[A-Za-z0-9]{48}$/ }] as const,
  );
  const known = { ...SECRETS, ...Object.fromEntries(tokens) };
  return Object.fromEntries(
    (archive === undefined ? [] : entriesOf(archive)).flatMap(({ name, content }) => {
      const secret = known[name.replace(/^.*\//, "")];
      const value = content.toString();
      return secret?.form.test(value) === true ? [[secret.resource, value] as const] : [];
    }),
  );
}

/** Secrets of an earlier take-over, from the state. */
export function keptBefore(made: readonly Made[]): Kept {
  const found = made.find(({ type, name }) => type === "command:local:Command" && name === KEPT);
  return Object.fromEntries(
    Object.entries(fields(found?.outputs["environment"])).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : [],
    ),
  );
}

/** Keeps the secrets in the state, encrypted. Done when the promise is: nothing that still has them may go before. */
export function keep(kept: Kept): Promise<void> {
  const resource = new command.local.Command(
    KEPT,
    { create: "true", environment: pulumi.secret(kept) },
    { additionalSecretOutputs: ["environment"] },
  );
  return new Promise((resolve) => {
    resource.stdout.apply(() => {
      resolve();
    });
  });
}
