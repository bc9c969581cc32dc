/** The hub's name for somebody in a list, as images/hub/jupyterhub_on_docker/names/hub_name.py makes it. */
import { scryptSync } from "node:crypto";

import { canonicalName } from "./names";

/** Section `usernames` of `auth`, in the configuration or in a hub's settings. */
interface Usernames {
  readonly fromEmail?: boolean;
  readonly domains?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
}

const MAX_LENGTH = 31;
const BASE_32 = "abcdefghijklmnopqrstuvwxyz234567";
const PLAIN = /^[a-z0-9]+(\.[a-z0-9]+)*$/;

/** @param usernames the section; anything else counts as none */
export function hubName(name: string, usernames: unknown): string {
  const { fromEmail, domains = [], map = {} } = (usernames ?? {}) as Usernames;
  const spelt = canonicalName(name);
  for (const [person, mapped] of Object.entries(map)) {
    if (canonicalName(person) === spelt) {
      return canonicalName(mapped);
    }
  }
  return fromEmail === true && spelt.includes("@") ? fromAddress(spelt, domains) : spelt;
}

function fromAddress(address: string, domains: readonly string[]): string {
  const at = address.lastIndexOf("@");
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  if (local === "" || domain === "") {
    return address;
  }
  const before = slug(local.replace(/[, ]/g, "").replaceAll("@", "--"));
  const after = `--${slug(domain)}`;
  if (isPlain(local, domain, domains) && `${before}${after}`.length <= MAX_LENGTH) {
    return before + after;
  }
  const ending = `_${hash(address)}`;
  const room = Math.max(1, MAX_LENGTH - ending.length - after.length);
  return `${before.slice(0, room)}${ending}${after}`.slice(0, MAX_LENGTH).replace(/-+$/, "");
}

function isPlain(local: string, domain: string, domains: readonly string[]): boolean {
  if (!PLAIN.test(local)) {
    return false;
  }
  if (domains.includes(domain)) {
    return true;
  }
  return !domains.map(slug).includes(slug(domain)) && PLAIN.test(domain);
}

function slug(text: string): string {
  const plain = text
    .replaceAll(".", "-")
    .replace(/[^a-z0-9-]/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "x" : plain;
}

function hash(address: string): string {
  const digest = scryptSync(address, "jupyterhub user name", 5, { N: 2 ** 12, r: 8, p: 1 });
  let bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let text = "";
  for (; bits !== ""; bits = bits.slice(5)) {
    text += BASE_32[Number.parseInt(bits.slice(0, 5), 2)] ?? "";
  }
  return text;
}
