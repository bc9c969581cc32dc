/** Registries: which one an image's name names, and the user's credentials for it. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  readonly serveraddress: string;
}

/** The registry that an image name names; Docker Hub when it names none. */
export function registryOf(image: string): string {
  const first = image.split("/")[0] ?? "";
  return image.includes("/") && /[.:]|^localhost$/.test(first) ? first : "index.docker.io";
}

/** `host/path` of an image name, in its long form. */
export function repositoryOf(image: string): string {
  const bare = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  if (registryOf(image) !== "index.docker.io") {
    return bare;
  }
  return `docker.io/${bare.includes("/") ? bare.replace(/^docker\.io\//, "") : `library/${bare}`}`;
}

/** What the user's Docker configuration has for a registry. */
export function authFor(registry: string): RegistryAuth | undefined {
  const { auths } = JSON.parse(configFile()) as { auths?: Record<string, { auth?: string }> };
  const entry = Object.entries(auths ?? {}).find(([address]) => hostOf(address) === registry)?.[1];
  if (entry?.auth === undefined) {
    return undefined;
  }
  const pair = Buffer.from(entry.auth, "base64").toString();
  const colon = pair.indexOf(":");
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1), serveraddress: registry };
}

const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

function configFile(): string {
  try {
    return readFileSync(join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json"), "utf8");
  } catch {
    return "{}"; // No file, no credentials: pulls of public images need none.
  }
}
