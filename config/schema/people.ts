/** Names of people and of groups, wherever the configuration has them: see ../names for the rule. */
import { z } from "zod";

import {
  accountProblem,
  canonicalName,
  composed,
  groupNameProblem,
  nameProblem,
  signUpProblem,
  USER_NAME_PATTERN,
  USER_NAME_RULE,
} from "../values/names";
import { key, type KeyDoc, TAKEN_OVER } from "./key";

/** What an issue of a name says beside its code; ../parse makes the error's text of it. */
export interface NameIssue {
  /** The end of "it …". */
  readonly problem: string;
}

type Problem = (name: string) => string | undefined;

/** A name in its one spelling, or the reason why it is none. */
function named(spelling: (name: string) => string, problem: Problem) {
  return z
    .string()
    .superRefine((name, context) => {
      const found = problem(spelling(name));
      if (found !== undefined) {
        context.addIssue({ code: "custom", params: { problem: found } satisfies NameIssue });
      }
    })
    .transform(spelling);
}

function names(problem: Problem, rule: string) {
  return (description: string, example = "alice") =>
    key(z.array(userName(example, problem, rule)).prefault([]), {
      description,
      expected: "a list of user names",
      example: [example],
      change: TAKEN_OVER,
    });
}

/** One person's name. Capitals and small letters are the same, as the hub has all in lower case. */
export function userName(example: string, problem: Problem = nameProblem, rule: string = USER_NAME_RULE) {
  return named(canonicalName, problem).meta({
    description: `A user name: ${rule.replaceAll(/`/g, "backtick")}. Upper and lower case are the same.`,
    expected: `a user name (${rule})`,
    example,
    pattern: USER_NAME_PATTERN,
  });
}

/** Names of people. */
export const userNames = names(nameProblem, USER_NAME_RULE);
/** Names that people sign up with at the hub. */
export const signUpNames = names(
  signUpProblem,
  "1 to 128 letters and digits of any language and . _ @ + - ' ~, since the sign-up pages accept no others",
);
/** Names of accounts in lines `name:hash`. */
export const accountNames = names(accountProblem, `${USER_NAME_RULE}, no colon`);

/** A group's name, as login services have them. */
export const groupName = (example = "physics") =>
  named(composed, groupNameProblem).meta({
    description: "A group's name, as the hub and the login service have it.",
    expected: "a group's name (1 to 255 characters without control characters, no space at either end)",
    example,
  });

/** A map by names of people. */
export function byPerson<T extends z.ZodType>(value: T, doc: KeyDoc) {
  return byName(canonicalName, nameProblem, value, doc);
}

/** A map by names of groups. */
export function byGroup<T extends z.ZodType>(value: T, doc: KeyDoc) {
  return byName(composed, groupNameProblem, value, doc);
}

/** A map whose keys are spelt in one way; two spellings of one name are refused. */
function byName<T extends z.ZodType>(
  spelling: (name: string) => string,
  problem: Problem,
  value: T,
  doc: KeyDoc,
) {
  const name = z.string().superRefine((given, context) => {
    const found = problem(spelling(given));
    if (found !== undefined) {
      context.addIssue({ code: "custom", params: { problem: found } satisfies NameIssue });
    }
  });
  const map = z
    .record(name, value)
    .superRefine((given, context) => {
      const seen = new Map<string, string>();
      for (const one of Object.keys(given)) {
        const other = seen.get(spelling(one));
        if (other !== undefined) {
          const params = { problem: `is the same name as ${JSON.stringify(other)}` } satisfies NameIssue;
          context.addIssue({ code: "custom", path: [one], params });
        }
        seen.set(spelling(one), one);
      }
    })
    .prefault({});
  return key(map, doc).transform(
    (given) =>
      Object.fromEntries(Object.entries(given).map(([one, of]) => [spelling(one), of])) as Record<
        string,
        z.output<T>
      >,
  );
}
