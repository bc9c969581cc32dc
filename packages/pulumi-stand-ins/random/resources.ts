/** The resources of the random provider as tables: inputs, defaults, what is made, what an import reads. */
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import { hashSync } from "bcryptjs";
import type { CheckFailure, Props } from "../lib/serve";
import { petName, randomText, shuffle, type TextRules } from "./text";

export interface Input {
  type: "integer" | "boolean" | "string" | "strings" | "keepers";
  required?: true;
  default?: number | boolean | string;
  /** The least value. */
  least?: number;
}

export interface RandomResource {
  inputs: Readonly<Record<string, Input>>;
  /** Names of what is made: unknown in previews. */
  outputs: readonly string[];
  /** Rules over several inputs; only asked when all are known. @param inputs with defaults */
  check?: (inputs: Props) => CheckFailure[];
  /** @param inputs with defaults */
  make: (inputs: Props) => { id: string; outputs: Props };
  /** @param id what the user gave to `pulumi import` @throws Error if the id has the wrong form */
  importFrom?: (id: string) => { id: string; state: Props };
}

const keepers: Input = { type: "keepers" };

const textInputs = {
  keepers,
  length: { type: "integer", required: true, least: 1 },
  lower: { type: "boolean", default: true },
  minLower: { type: "integer", default: 0, least: 0 },
  minNumeric: { type: "integer", default: 0, least: 0 },
  minSpecial: { type: "integer", default: 0, least: 0 },
  minUpper: { type: "integer", default: 0, least: 0 },
  number: { type: "boolean", default: true },
  numeric: { type: "boolean", default: true },
  overrideSpecial: { type: "string" },
  special: { type: "boolean", default: true },
  upper: { type: "boolean", default: true },
} as const satisfies Record<string, Input>;

const textRules = (inputs: Props): TextRules => inputs as unknown as TextRules;

function checkText(inputs: Props): CheckFailure[] {
  const { length, lower, upper, numeric, special, minLower, minUpper, minNumeric, minSpecial } =
    textRules(inputs);
  const least = minLower + minUpper + minNumeric + minSpecial;
  const failures: CheckFailure[] = [];
  if (length < least) {
    failures.push({
      property: "length",
      reason:
        `Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special ` +
        `(${least}), got: ${length}`,
    });
  }
  if (!lower && !upper && !numeric && !special) {
    failures.push({
      property: "special",
      reason: "At least one attribute out of [special, upper, lower, numeric] must be true",
    });
  }
  return failures;
}

const importedText = {
  lower: true,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  minUpper: 0,
  number: true,
  numeric: true,
  special: true,
  upper: true,
};

/** bcrypt takes 72 bytes at most, and so does the real plugin. Its hashes carry Go's mark 2a; 2b means the same. */
const bcryptHash = (password: string): string => hashSync(password, 10).replace(/^\$2b\$/, "$2a$");

const password: RandomResource = {
  inputs: textInputs,
  outputs: ["bcryptHash", "id", "result"],
  check: checkText,
  make(inputs) {
    const result = randomText(textRules(inputs));
    return { id: "none", outputs: { bcryptHash: bcryptHash(result), id: "none", result } };
  },
  importFrom: (id) => ({
    id: "none",
    state: {
      ...importedText,
      bcryptHash: bcryptHash(id),
      id: "none",
      length: Array.from(id).length,
      result: id,
    },
  }),
};

const string: RandomResource = {
  inputs: textInputs,
  outputs: ["id", "result"],
  check: checkText,
  make(inputs) {
    const result = randomText(textRules(inputs));
    return { id: result, outputs: { id: result, result } };
  },
  importFrom: (id) => ({ id, state: { ...importedText, id, length: Array.from(id).length, result: id } }),
};

function idOutputs(bytes: Buffer, prefix = ""): Props {
  return {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
    dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
    hex: prefix + bytes.toString("hex"),
    id: bytes.toString("base64url"),
  };
}

const randomId: RandomResource = {
  inputs: { byteLength: { type: "integer", required: true, least: 1 }, keepers, prefix: { type: "string" } },
  outputs: ["b64Std", "b64Url", "dec", "hex", "id"],
  make({ byteLength, prefix }) {
    const bytes = randomBytes(byteLength as number);
    return { id: bytes.toString("base64url"), outputs: idOutputs(bytes, prefix as string | undefined) };
  },
  importFrom(given) {
    const comma = given.lastIndexOf(",");
    const prefix = comma < 0 ? undefined : given.slice(0, comma);
    const id = given.slice(comma + 1);
    if (!/^[\w-]+$/.test(id))
      throw new Error(`expected [PREFIX,]ID with an unpadded base64url id, got "${given}"`);
    const bytes = Buffer.from(id, "base64url");
    return {
      id,
      state: {
        byteLength: bytes.length,
        ...(prefix !== undefined && { prefix }),
        ...idOutputs(bytes, prefix),
      },
    };
  },
};

const bytesOutputs = (bytes: Buffer): Props => ({
  base64: bytes.toString("base64"),
  hex: bytes.toString("hex"),
});

const randomBytesResource: RandomResource = {
  inputs: { keepers, length: { type: "integer", required: true, least: 1 } },
  outputs: ["base64", "hex"],
  make({ length }) {
    const bytes = randomBytes(length as number);
    return { id: bytes.toString("base64"), outputs: bytesOutputs(bytes) };
  },
  importFrom(id) {
    const bytes = Buffer.from(id, "base64");
    if (bytes.length === 0 || bytes.toString("base64") !== id) {
      throw new Error("expected the bytes in standard base64 as the id");
    }
    return { id, state: { ...bytesOutputs(bytes), length: bytes.length } };
  },
};

const pet: RandomResource = {
  inputs: {
    keepers,
    length: { type: "integer", default: 2, least: 1 },
    prefix: { type: "string" },
    separator: { type: "string", default: "-" },
  },
  outputs: ["id"],
  make({ length, prefix, separator }) {
    const name = petName(length as number, separator as string);
    const id = prefix === undefined ? name : `${prefix as string}${separator as string}${name}`;
    return { id, outputs: { id } };
  },
};

/** Numbers that follow from a seed, the same each time (not those that the real plugin makes of it). */
function seeded(seed: string): (bound: number) => number {
  let count = 0;
  return (bound) => {
    const digest = createHash("sha256").update(`${seed}\0${count}`).digest();
    count += 1;
    return Number(digest.readBigUInt64BE() % BigInt(bound));
  };
}

/** `randomInt` for spans of more than 48 bits too. */
const randomBelow = (span: number): number =>
  span < 2 ** 48 ? randomInt(span) : Number(randomBytes(8).readBigUInt64BE() % BigInt(span));

const integer: RandomResource = {
  inputs: {
    keepers,
    max: { type: "integer", required: true },
    min: { type: "integer", required: true },
    seed: { type: "string" },
  },
  outputs: ["id", "result"],
  check: ({ min, max }) =>
    (max as number) < (min as number)
      ? [
          {
            property: "min",
            reason: `The minimum (min) value needs to be smaller than or equal to maximum (max) value.`,
          },
        ]
      : [],
  make({ min, max, seed }) {
    const span = (max as number) - (min as number) + 1;
    const result = (min as number) + (typeof seed === "string" ? seeded(seed)(span) : randomBelow(span));
    return { id: String(result), outputs: { id: String(result), result } };
  },
  importFrom(given) {
    const [result = NaN, min = NaN, max = NaN] = given.split(",").map(Number);
    const seed = given.split(",")[3];
    if (![result, min, max].every(Number.isInteger)) {
      throw new Error(`expected RESULT,MIN,MAX[,SEED] as the id, got "${given}"`);
    }
    return { id: String(result), state: { id: String(result), max, min, result, ...(seed && { seed }) } };
  },
};

const shuffled: RandomResource = {
  inputs: {
    inputs: { type: "strings", required: true },
    keepers,
    resultCount: { type: "integer", least: 0 },
    seed: { type: "string" },
  },
  outputs: ["id", "results"],
  make({ inputs, resultCount, seed }) {
    const items = inputs as string[];
    const below = typeof seed === "string" ? seeded(seed) : randomInt;
    const count = (resultCount as number | undefined) ?? items.length;
    const results: string[] = [];
    // More results than items: the list again, in a new order.
    while (results.length < count && items.length > 0) results.push(...shuffle(items, below));
    return { id: "-", outputs: { id: "-", results: results.slice(0, count) } };
  },
};

/** Milliseconds since 1970 in the first 48 bits, then random bits (RFC 9562). */
function uuid7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function uuid(make: () => string): RandomResource {
  return {
    inputs: { keepers },
    outputs: ["id", "result"],
    make() {
      const result = make();
      return { id: result, outputs: { id: result, result } };
    },
    importFrom(id) {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
        throw new Error(`expected a UUID as the id, got "${id}"`);
      }
      return { id, state: { id, result: id } };
    },
  };
}

/** By type token. */
export const randomResources: Readonly<Record<string, RandomResource>> = {
  "random:index/randomBytes:RandomBytes": randomBytesResource,
  "random:index/randomId:RandomId": randomId,
  "random:index/randomInteger:RandomInteger": integer,
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomPet:RandomPet": pet,
  "random:index/randomShuffle:RandomShuffle": shuffled,
  "random:index/randomString:RandomString": string,
  "random:index/randomUuid:RandomUuid": uuid(randomUUID),
  "random:index/randomUuid4:RandomUuid4": uuid(randomUUID),
  "random:index/randomUuid7:RandomUuid7": uuid(uuid7),
};
