/** What every key is made with: its documentation, and the kinds of values that several keys have. */
import { z } from "zod";

import { type SecretReader, SecretText } from "../secrets";
import { formatSize, parseSize, SIZE_PATTERN } from "../values/size";

declare module "zod" {
  interface GlobalMeta {
    /** Completes "expected …" in an error message. */
    expected?: string;
    /** A value that is allowed. */
    example?: unknown;
    /** What holds without a value, where that is not a plain default. */
    otherwise?: string;
    /** What happens on the next `pulumi up` when the value is changed. */
    change?: string;
    /** The value is kept from logs, state and files, and may be given encrypted. */
    secret?: true;
    /** Who is given a secret value. */
    readers?: readonly SecretReader[];
  }
}

// A process parses one configuration: compiling parsers would take longer than it saves.
z.config({ jitless: true });

export interface KeyDoc {
  readonly description: string;
  /** Completes "expected …" in an error message. */
  readonly expected: string;
  readonly example: unknown;
  /** What holds without a value, where that is not a plain default. */
  readonly otherwise?: string;
  readonly change?: string;
}

export interface SecretDoc extends KeyDoc {
  /** Who is given the value: nobody else. See SecretReader. */
  readonly for: readonly [SecretReader, ...SecretReader[]];
}

export function key<T extends z.ZodType>(schema: T, doc: KeyDoc): T {
  return schema.meta({ ...doc });
}

/** What a key says of itself where the rest follows from its type. */
export type ShortDoc = Omit<KeyDoc, "expected">;

/** A map with some keys. */
export function section<T extends z.ZodRawShape>(shape: T, doc: ShortDoc) {
  return key(z.strictObject(shape), { ...doc, expected: `a map with ${keysOf(shape)}` });
}

/** A list of maps, each with some keys. */
export function sections<T extends z.ZodRawShape>(
  shape: T,
  { example, ...doc }: ShortDoc & { readonly example: readonly unknown[] },
) {
  const keys = keysOf(shape);
  const item = z.strictObject(shape).meta({ expected: `a map with ${keys}`, example: example[0] });
  return key(z.array(item), { ...doc, example, expected: `a list of maps with ${keys}` });
}

/** A map whose `kind` says which other keys it has. */
export function oneKind<T extends readonly [z.ZodObject<Kind>, ...z.ZodObject<Kind>[]]>(
  options: T,
  doc: ShortDoc,
) {
  const kinds = options.map(({ shape }) => shape.kind.value);
  return key(z.discriminatedUnion("kind", options), {
    ...doc,
    expected: `a map whose kind is ${either(kinds)}`,
  });
}

/** Yes or no. */
export function flag(doc: ShortDoc) {
  return key(z.boolean(), { ...doc, expected: "true or false" });
}

/** One of some words. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T, doc: ShortDoc) {
  return key(z.enum(values), { ...doc, expected: either(values) });
}

type Kind = z.ZodRawShape & { readonly kind: z.ZodLiteral<string> };

function keysOf(shape: z.ZodRawShape): string {
  const names = Object.keys(shape);
  return `the ${names.length === 1 ? "key" : "keys"} ${names.join(", ")}`;
}

/** `a, b or c`; in quotes what YAML would take for a number. */
function either(words: readonly string[]): string {
  const written = words.map((word) => (Number.isNaN(Number(word)) ? word : JSON.stringify(word)));
  const [last = "", ...others] = written.reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
}

export const HUB_REPLACED = "The hub's container is replaced; notebook servers keep running.";
export const NEXT_START =
  "The hub's container is replaced; a notebook server gets the new value at its next start.";
const NOT_TAKEN_OVER = "In a Swarm, and with `hub.extraConfig`, the hub's container is replaced.";
export const TAKEN_OVER = `The running hub applies it; nothing restarts. ${NOT_TAKEN_OVER}`;
export const TAKEN_AT_NEXT_START = `A notebook server gets the new value at its next start; the running hub applies it. ${NOT_TAKEN_OVER}`;
export const PROXY_REPLACED = "The proxy's container is replaced: connections break for a few seconds.";

export function size(minimum: number, doc: KeyDoc) {
  const isAllowed = (value: string | number) => (parseSize(value) ?? -1) >= minimum;
  return key(z.union([z.string().regex(SIZE_PATTERN), z.int().min(minimum)]).refine(isAllowed), {
    ...doc,
    expected: `${doc.expected} of at least ${formatSize(minimum)}, such as 350m, 1G or 8G (k, m, g, t; base 1024)`,
  }).transform((value) => parseSize(value) ?? 0);
}

/** A TCP port. */
export const port = z.int().min(1).max(65535).meta({ expected: "a port from 1 to 65535", example: 443 });
/** A text in a list or a map of others. */
export const anyText = z.string().meta({ expected: "text", example: "text" });
/** A word of a command. */
export const word = z.string().min(1).meta({ expected: "a word", example: "--debug" });

export const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const ABSOLUTE_PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/;
/** One DNS label or more; a last label of digits only would be a mistyped address. */
export const HOST_NAME =
  /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*(?![0-9]+$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** [registry[:port]/]name[/name…][:tag][@sha256:digest] */
export const IMAGE_NAME =
  /^([A-Za-z0-9.-]+(:[0-9]+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

/** A map of text values; numbers and booleans are taken as what YAML writes them as. */
export function textMap(doc: KeyDoc) {
  const value = z
    .union([z.string(), z.number(), z.boolean()])
    .meta({ expected: "text", example: "text" })
    .transform(String);
  const name = z.string().regex(ENVIRONMENT_NAME);
  return key(z.record(name, value).prefault({}), doc);
}

/** A value that nobody may see: parse.ts takes it out of the configuration, see ../secrets. */
export function secret(
  { for: readers, ...doc }: SecretDoc,
  shape: z.ZodString = z.string().regex(/[^]/),
  normal: (value: string) => string = (value) => value,
) {
  return shape
    .meta({ ...doc, secret: true, readers })
    .transform((value) => new SecretText(normal(value), readers));
}
