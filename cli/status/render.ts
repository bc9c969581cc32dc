/** The facts of `./hub status` for people and for programs. Pure. */
import { plain } from "../../docker-api/plain";
import type { Answer } from "../answer";
import { age, render as renderServers } from "../servers/list";
import type { Facts, Image, Part } from "./facts";

const DAY = 86_400_000;
const UNITS = [
  [2 ** 40, "TiB"],
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
] as const;

/** Bytes for people: `23.4 GiB`. */
export function bytes(count: number): string {
  const [size, unit] = UNITS.find(([least]) => count >= least) ?? [2 ** 10, "KiB"];
  const value = count / size;
  return `${value < 100 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

/** Days until a moment, rounded down; negative for one that is over. */
export const daysUntil = (moment: string, now: Date): number =>
  Math.floor((Date.parse(moment) - now.getTime()) / DAY);

export function render(facts: Facts, now: Date): Answer {
  const { servers, engine, unknown } = facts;
  const list = renderServers(servers, now);
  const lines = rows(facts, now).map(([name, value]) => `${name}:`.padEnd(WIDTH) + plain(value));
  return {
    text: [
      ...lines,
      ...unknown.map((reason) => plain(`Not known:   ${reason.replace(/\.$/, "")}.`)),
      "",
      list.text.trimEnd(),
      ...(servers.length === 0 ? [] : [total(facts)]),
    ].join("\n"),
    json: {
      ...facts,
      url: facts.url ?? null,
      hub: partJson(facts.hub),
      proxy: partJson(facts.proxy),
      engine,
      images: facts.images.map(({ created = null, ...rest }) => ({ ...rest, created })),
      certificate: facts.certificate
        ? { ...facts.certificate, days: daysUntil(facts.certificate.until, now) }
        : null,
      disk: facts.disk ?? null,
      backup: facts.backup ?? null,
      servers: list.json,
    },
  };
}

const WIDTH = 13;

const partJson = (one: Part | undefined) => (one ? { ...one, version: one.version ?? null } : null);

function rows(facts: Facts, now: Date): [string, string][] {
  const {
    stack,
    url = "address not known",
    variant,
    hub,
    proxy,
    engine,
    images,
    certificate,
    disk,
    backup,
  } = facts;
  return [
    ["Stack", `${stack} (${variant}), ${url}`],
    ["JupyterHub", part(hub, now)],
    ["Traefik", part(proxy, now)],
    [
      "Docker host",
      `Docker ${engine.version}, ${engine.processors} processors, ${bytes(engine.memory)} of memory`,
    ],
    ...images.map((image): [string, string] => ["Image", imageText(image, now)]),
    ...(certificate === undefined
      ? []
      : [["Certificate", certificateText(certificate.until, now)] as [string, string]]),
    ...(disk === undefined
      ? []
      : [
          ["Disk", `${bytes(disk.free)} of ${bytes(disk.size)} are free where the hub's data are`] as [
            string,
            string,
          ],
        ]),
    ...(backup === undefined ? [] : [["Backup", backupText(backup, now)] as [string, string]]),
  ];
}

const part = (one: Part | undefined, now: Date): string =>
  one === undefined
    ? "does not run"
    : `${one.version ?? "version not known"}, running for ${age(one.since, now)}`;

function imageText({ name, profiles, created }: Image, now: Date): string {
  const of = profiles.length === 0 ? "" : `, for ${profiles.join(", ")}`;
  return `${name}, ${created === undefined ? "not on this host" : `${age(created, now)} old`}${of}`;
}

function certificateText(until: string, now: Date): string {
  const days = daysUntil(until, now);
  const day = until.slice(0, 10);
  return days < 0 ? `expired on ${day}` : `valid for ${days} more days, until ${day}`;
}

function total({ servers, engine }: Facts): string {
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce((all: number, one) => all + (one ?? 0), 0);
  const running = servers.filter(({ state }) => state === "running").length;
  const memory = bytes(sum(servers.map((one) => one.memory)));
  const cpu = Math.round(sum(servers.map((one) => one.processors)) * 100);
  const limits = sum(servers.map((one) => one.memoryLimit));
  const allowed =
    limits === 0 ? "" : ` They may use up to ${bytes(limits)}; the host has ${bytes(engine.memory)}.`;
  return `${running} ${running === 1 ? "server runs and uses" : "servers run and use"} ${memory} and ${cpu} % of a processor.${allowed}`;
}

function backupText({ lastGood, problem }: NonNullable<Facts["backup"]>, now: Date): string {
  const good = lastGood === null ? "none is good yet" : `the last good one is ${age(lastGood, now)} old`;
  return problem === null ? good : `the last one failed: ${problem} (${good})`;
}
