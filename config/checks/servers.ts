/** Idle culling: times that fit each other. */
import { formatDuration } from "../duration";
import { type ConfigError, describeValue, formatKey, removeCommand, setCommand } from "../errors";
import type { ParseContext } from "../context";
import { show, type CheckResult, type Values } from "./check";

export function checkServers({ servers, notebook }: Values, context: ParseContext): Partial<CheckResult> {
  if (!servers) return {};
  const { idle, activityInterval } = servers;
  const errors: ConfigError[] = [];
  const timeouts = [idle.timeout, ...idle.exceptions.map(({ timeout }) => timeout)];
  const shortest = Math.min(...timeouts.filter((timeout) => typeof timeout === "number"));
  if (activityInterval * 2 > shortest) {
    const path = ["servers", "activityInterval"];
    errors.push({
      key: formatKey(context.project, path),
      expected: `at most half of the shortest idle timeout (${formatDuration(shortest)}), or servers in use would be stopped`,
      got: show(context, "servers", describeValue(formatDuration(activityInterval))),
      fix: `Set it with: ${setCommand(context.project, path, formatDuration(Math.max(1, Math.floor(shortest / 2))))}`,
    });
  }
  if (idle.users && idle.timeout === null) {
    const path = ["servers", "idle", "timeout"];
    errors.push({
      key: formatKey(context.project, path),
      expected: "a time after which people are removed, since servers.idle.users is true",
      got: "never",
      fix: `Set it with: ${setCommand(context.project, path, "1h")}`,
    });
  }
  const group = idle.exceptions.findIndex(({ kind }) => kind === "group");
  if (idle.users && group >= 0) {
    const path = ["servers", "idle", "users"];
    errors.push({
      key: formatKey(context.project, path),
      expected: "false where a group has times of its own: its members would be removed with all others",
      got: show(context, "servers", "true"),
      fix: `Remove it with: ${removeCommand(context.project, path)}`,
    });
  }
  const profiles = notebook?.profiles.map(({ slug }) => slug);
  idle.exceptions.forEach(({ kind, name }, index) => {
    if (kind === "profile" && profiles && !profiles.includes(name)) {
      const path = ["servers", "idle", "exceptions", index, "name"];
      errors.push({
        key: formatKey(context.project, path),
        expected:
          profiles.length > 0
            ? `the slug of a profile (${profiles.join(", ")})`
            : "a profile of notebook.profiles",
        got: show(context, "servers", describeValue(name)),
        fix: `Set it with: ${setCommand(context.project, path, profiles[0] ?? "<slug>")}`,
      });
    }
    if (idle.exceptions.findIndex((other) => other.kind === kind && other.name === name) === index) return;
    const path = ["servers", "idle", "exceptions", index];
    errors.push({
      key: formatKey(context.project, path),
      expected: "every group and profile once",
      got: show(context, "servers", `the ${kind} ${describeValue(name)} again`),
      fix: `Remove it with: ${removeCommand(context.project, path)}`,
    });
  });
  return { errors };
}
