/** The resources of the random provider as tables: inputs, defaults, what is made. */
import { randomBytes } from "node:crypto";
import { hashSync } from "bcryptjs";

import type { CheckFailure, Props } from "../lib/serve";
import { randomText, type TextRules } from "./text";

export interface Input {
  type: "integer" | "boolean" | "string" | "keepers";
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
};

const bytes: RandomResource = {
  inputs: { keepers, length: { type: "integer", required: true, least: 1 } },
  outputs: ["base64", "hex"],
  make({ length }) {
    const made = randomBytes(length as number);
    const base64 = made.toString("base64");
    return { id: base64, outputs: { base64, hex: made.toString("hex") } };
  },
};

/** By type token. */
export const randomResources: Readonly<Record<string, RandomResource>> = {
  "random:index/randomBytes:RandomBytes": bytes,
  "random:index/randomPassword:RandomPassword": password,
};
