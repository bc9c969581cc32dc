import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * Secrets that a stack had before its state was lost, by the name of the resource that would make each: they are used in
 * place of new ones.
 */
export type Kept = Readonly<Record<string, string>>;

/** A password of letters and digits: made once, and kept in the stack's state, encrypted. */
export function generatedPassword(
  name: string,
  length: number,
  parent: pulumi.Resource,
  kept: Kept = {},
): pulumi.Output<string> {
  const before = kept[name];
  return before === undefined
    ? new random.RandomPassword(name, { length, special: false }, { parent }).result
    : pulumi.secret(before);
}

/** 32 random bytes as hex, made and kept likewise. */
export function generatedKey(name: string, parent: pulumi.Resource, kept: Kept = {}): pulumi.Output<string> {
  const before = kept[name];
  return before === undefined
    ? new random.RandomBytes(name, { length: 32 }, { parent }).hex
    : pulumi.secret(before);
}
