/** What every key is made with: its documentation, and the kinds of values that several keys have. */
import { z } from "zod";
import { SecretText, type SecretReader } from "../secrets";
import { SIZE_PATTERN, formatSize, parseSize } from "../size";

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

export const HUB_REPLACED = "The hub's container is replaced; notebook servers keep running.";
export const NEXT_START =
  "The hub's container is replaced; a notebook server gets the new value at its next start.";
export const PROXY_REPLACED = "The proxy's container is replaced: connections break for a few seconds.";

export function size(minimum: number, doc: KeyDoc) {
  const isAllowed = (value: string | number) => (parseSize(value) ?? -1) >= minimum;
  return key(z.union([z.string().regex(SIZE_PATTERN), z.int().min(minimum)]).refine(isAllowed), {
    ...doc,
    expected: `${doc.expected} of at least ${formatSize(minimum)}, such as 350m, 1G or 8G (k, m, g, t; base 1024)`,
  }).transform((value) => parseSize(value) ?? 0);
}

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
