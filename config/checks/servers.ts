/** Idle culling: times that fit each other. */
import { describeValue } from "../errors";
import { formatDuration } from "../values/duration";
import type { Report, Values } from "./report";
import { words } from "./words";

export function checkServers({ servers, notebook }: Values, report: Report): void {
  if (!servers) {
    return;
  }
  const { idle, activityInterval } = servers;
  const timeouts = [idle.timeout, ...idle.exceptions.map(({ timeout }) => timeout)];
  const shortest = Math.min(...timeouts.filter((timeout) => typeof timeout === "number"));
  if (activityInterval * 2 > shortest) {
    const path = ["servers", "activityInterval"];
    const longest = formatDuration(Math.max(1, Math.floor(shortest / 2)));
    report.refuse(
      path,
      words`at most half of the shortest idle timeout (${report.value(["servers", "idle"], formatDuration(shortest))}), or servers in use would be stopped`,
      {
        got: report.value(path, describeValue(formatDuration(activityInterval))),
        set: report.made(path, longest, "1m"),
      },
    );
  }
  if (idle.users && idle.timeout === null) {
    report.refuse(
      ["servers", "idle", "timeout"],
      words`a time after which people are removed, since servers.idle.users is true`,
      { got: words`never`, set: "1h" },
    );
  }
  if (idle.users && idle.exceptions.some(({ kind }) => kind === "group")) {
    report.refuse(
      ["servers", "idle", "users"],
      words`false, since a group has its own times: its members would be removed like all others`,
      { remove: true },
    );
  }
  const profiles = notebook?.profiles.map(({ slug }) => slug);
  idle.exceptions.forEach(({ kind, name }, index) => {
    const path = ["servers", "idle", "exceptions", index];
    if (kind === "profile" && profiles && !profiles.includes(name)) {
      const slugs = ["notebook", "profiles"];
      report.refuse(
        [...path, "name"],
        profiles.length > 0
          ? words`the slug of a profile (${report.value(slugs, profiles.join(", "))})`
          : words`a profile of notebook.profiles`,
        { set: report.made(slugs, profiles[0] ?? "<slug>", "<slug>") },
      );
    }
    if (idle.exceptions.findIndex((other) => other.kind === kind && other.name === name) === index) {
      return;
    }
    report.refuse(path, words`every group and profile once`, {
      got: words`the ${report.value([...path, "kind"], kind)} ${report.value([...path, "name"])} again`,
      remove: true,
    });
  });
}
