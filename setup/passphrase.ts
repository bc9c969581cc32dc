import { createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { SetupError } from "./errors";
import type { Machine } from "./machine";

/** Where the passphrase of a file backend is kept: for the owner only, beside the state that it protects. */
export const passphraseFile = (machine: Machine): string => join(machine.root, ".state", "passphrase");

/** Whether the person gave one. An empty passphrase is one too. */
export function isPassphraseGiven(env: Machine["env"]): boolean {
  return env.PULUMI_CONFIG_PASSPHRASE !== undefined || !!env.PULUMI_CONFIG_PASSPHRASE_FILE;
}

/**
 * The passphrase file for this checkout, generated where it may be.
 * @param salt `encryptionsalt` of the stack, where it has one: then some passphrase exists already.
 * @returns undefined where the person gave a passphrase.
 * @throws SetupError where a passphrase exists and is not here.
 */
export function providePassphrase(
  machine: Machine,
  stack: string,
  salt: string | undefined,
): string | undefined {
  if (isPassphraseGiven(machine.env)) {
    return undefined;
  }
  const file = passphraseFile(machine);
  if (existsSync(file) && statSync(file).size > 0) {
    if ((statSync(file).mode & 0o077) !== 0) {
      chmodSync(file, 0o600);
    }
    return file;
  }
  if (salt !== undefined) {
    throw new SetupError(
      `Passphrase: the secrets of stack "${stack}" are encrypted with a passphrase, but .state/passphrase ` +
        `${existsSync(file) ? "is empty" : "does not exist"}.`,
      "Restore it, or: export PULUMI_CONFIG_PASSPHRASE_FILE=<file with the passphrase>",
    );
  }
  mkdirSync(join(machine.root, ".state"), { recursive: true, mode: 0o700 });
  // Whole or not at all, whenever this is killed: an empty one encrypts nothing.
  const part = `${file}.${process.pid}`;
  writeFileSync(part, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    rmSync(file, { force: true });
    // Unlike a rename it takes nobody's away who has made one meanwhile.
    linkSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
  return file;
}

/** The passphrase that pulumi will take, as pulumi reads it. */
export function readPassphrase(env: Machine["env"]): string | undefined {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) {
    return env.PULUMI_CONFIG_PASSPHRASE;
  }
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  return file && existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

/**
 * Whether a passphrase opens a stack's secrets. `encryptionsalt` is `v1:<salt>:v1:<nonce>:<ciphertext>`: a known text
 * under AES-256-GCM with a key from PBKDF2 (SHA-256, 1,000,000 rounds).
 */
export async function passphraseFits(salt: string, passphrase: string): Promise<boolean> {
  const [version, keySalt, ...message] = salt.split(":");
  const [messageVersion, nonce, sealed] = message;
  if (version !== "v1" || messageVersion !== "v1" || !keySalt || !nonce || !sealed) {
    // Another kind of secret: pulumi knows better.
    return true;
  }
  const key = await promisify(pbkdf2)(passphrase, Buffer.from(keySalt, "base64"), 1_000_000, 32, "sha256");
  const data = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(data.subarray(-16));
  try {
    decipher.update(data.subarray(0, -16));
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
