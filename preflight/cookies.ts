/** That people log in anew, once: the hub's cookies have names of their own since this version. */
import type { HubConfig } from "../config";
import type { RunningHub } from "./running-hub";

/** What a preview says where the running hub is from before the change. Its settings have `visitors` since then. */
export function loggedOut(_config: HubConfig, hub: RunningHub): readonly string[] {
  if ("visitors" in hub.settings) {
    return [];
  }
  return [
    "Everybody has to log in again, once: the hub's cookies get their own names, so that two hubs on one host name no " +
      "longer log each other out. Servers and open notebooks keep running.",
  ];
}
