/** Addresses with a login in them are refused wherever they are, before any value is looked at in detail. */
import type { Path } from "../errors";
import { schemaAt } from "../json-schema";
import { credentialsIn, LOGIN_AT_HOST } from "../values/credentials";
import type { Report } from "./report";
import { own, type Words, words } from "./words";

/** Texts for people, and programs: an example of an address in them is none that something is fetched from. */
const FREE_TEXT = /^(hub\.announcement|hub\.extraConfig\.(parts\..*\.)?text)(\.|$)|\.description$/;

/** Refuses every address of the configuration with a login in it, but for secret values. */
export function checkCredentials(given: Readonly<Record<string, unknown>>, report: Report): void {
  const refuse = (path: Path, found: string): void => {
    report.refuse(
      path,
      words`an address without user, password or token, which would be readable in the state`,
      { got: words`one with ${own(found)}`, fix: wayOut(path, report) },
    );
  };
  const walk = (value: unknown, path: Path): void => {
    if (FREE_TEXT.test(path.join("."))) {
      return;
    }
    const found = typeof value === "string" ? held(value, path) : undefined;
    // The schema is asked last: it takes long to make, and few configurations need it.
    if (found !== undefined && !schemaAt(path, given)?.secret) {
      refuse(path, found);
    }
    if (typeof value !== "object" || value === null) {
      return;
    }
    for (const [name, below] of Object.entries(value)) {
      const inName = credentialsIn(name);
      if (inName !== undefined) {
        refuse(path, inName);
      } else {
        walk(below, [...path, Array.isArray(value) ? Number(name) : name]);
      }
    }
  };
  for (const [name, value] of Object.entries(given)) {
    walk(value, [name]);
  }
}

function held(value: string, path: Path): string | undefined {
  const isProxy = /proxy$/i.test(String(path.at(-1)));
  return credentialsIn(value) ?? (isProxy && LOGIN_AT_HOST.test(value) ? "a password" : undefined);
}

/** What else there is, by the end of the key. */
function wayOut(path: Path, report: Report): Words {
  const key = path.join(".");
  if (key.endsWith(".repository")) {
    return words`Use ssh://…, or an address without it and a Git credential helper on the machine that runs Pulumi (git config --global credential.helper store).`;
  }
  const service = /^hub\.services\.[^.]+\.environment\.([A-Z_][A-Z0-9_]*)$/.exec(key)?.[1];
  if (service !== undefined) {
    const place = [...path.slice(0, 3), "secrets", service];
    return words`Keep it secret with: ${report.set(place, "<the address>")}`;
  }
  const variable = /^hub\.environment\.([A-Z_][A-Z0-9_]*)$/.exec(key)?.[1];
  if (variable !== undefined) {
    return words`Keep it secret with: ${report.set(["hub", "secretEnvironment", variable], "<the address>")}`;
  }
  if (path.at(-2) === "environment" && /^(groups|users|notebook\.profiles)\./.test(key)) {
    const place = [...path.slice(0, -2), "secrets", String(path.at(-1))];
    return words`Keep it secret with: ${report.set(place, "<the address>")}`;
  }
  if (/\.environment\.\w+$/.test(key)) {
    return words`Remove it. Provide the login at run time: from hub.extraConfig with its secrets, or from a file on a volume.`;
  }
  if (/\.args\.\w+$/.test(key)) {
    return words`Remove it, and let the build use a server without a login: build arguments stay readable in the image.`;
  }
  if (key === "docker.host") {
    return words`Remove it: use ssh://user@host with a key, or tcp:// with docker.tls.`;
  }
  return words`Remove it from the address.`;
}
