/**
 * Pulumi's property values over `google.protobuf.Struct`: objects with a signature stand for secrets and output values; a
 * fixed text stands for an unknown. Here they become plain values and back. Assets and archives are refused.
 */
import { type Props, UNKNOWN } from "./types";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SIGNATURES = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** The unknown that plugins send; the engine has one for each kind of value, all of which are understood. */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_TEXTS: ReadonlySet<string> = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Where secrets are in a value: everywhere, below some keys or indices, or (undefined) nowhere. */
export type SecretMask = true | { [key: string]: SecretMask } | undefined;

export interface Unmarshalled {
  props: Props;
  secrets: SecretMask;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * @param struct properties as they came over the wire; undefined counts as none
 * @returns plain values, and where secrets were among them
 */
export function unmarshal(struct: JsonObject | undefined): Unmarshalled {
  const props: Props = {};
  const secrets: Record<string, SecretMask> = {};
  for (const [key, raw] of Object.entries(struct ?? {})) {
    const [value, mask] = unmarshalValue(raw);
    props[key] = value;
    if (mask !== undefined) {
      secrets[key] = mask;
    }
  }
  return { props, secrets: Object.keys(secrets).length > 0 ? secrets : undefined };
}

function unmarshalValue(raw: Json): [unknown, SecretMask] {
  if (typeof raw === "string") {
    return [UNKNOWN_TEXTS.has(raw) ? UNKNOWN : raw, undefined];
  }
  if (typeof raw !== "object" || raw === null) {
    return [raw, undefined];
  }
  if (Array.isArray(raw)) {
    const mask: Record<string, SecretMask> = {};
    const values = raw.map((element, index) => {
      const [value, below] = unmarshalValue(element);
      if (below !== undefined) {
        mask[index] = below;
      }
      return value;
    });
    return [values, Object.keys(mask).length > 0 ? mask : undefined];
  }
  switch (raw[SIGNATURE_KEY]) {
    case SIGNATURES.secret:
      return [unmarshalValue(raw.value ?? null)[0], true];
    case SIGNATURES.output: {
      const [value, below] = "value" in raw ? unmarshalValue(raw.value ?? null) : [UNKNOWN, undefined];
      return [value, raw.secret === true ? true : below];
    }
    case SIGNATURES.asset:
    case SIGNATURES.archive:
      throw new Error("the stand-ins for Pulumi plugins do not take assets and archives");
    default: {
      const { props, secrets } = unmarshal(raw);
      return [props, secrets];
    }
  }
}

/**
 * @param props plain values; keys with the value undefined are left out
 * @param secrets what to mark as secret; places of the mask that the value does not have are ignored
 */
export function marshal(props: Props, secrets?: SecretMask): JsonObject {
  const struct: JsonObject = {};
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined) {
      continue;
    }
    const below = typeof secrets === "object" && Object.hasOwn(secrets, key) ? secrets[key] : undefined;
    struct[key] = marshalValue(value, secrets === true ? true : below);
  }
  return struct;
}

function marshalValue(value: unknown, mask: SecretMask): Json {
  if (mask === true) {
    return { [SIGNATURE_KEY]: SIGNATURES.secret, value: marshalValue(value, undefined) };
  }
  if (value === UNKNOWN) {
    return UNKNOWN_TEXT;
  }
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((element, index) => marshalValue(element, mask?.[index]));
  }
  if (isObject(value)) {
    return marshal(value, mask);
  }
  throw new Error(`expected a property value, got a ${typeof value}`);
}

/** True if the value is unknown or has an unknown somewhere in it. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some(hasUnknown);
  }
  return isObject(value) && Object.values(value).some(hasUnknown);
}
