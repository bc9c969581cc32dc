import { takesOver } from "../../components/hub/settings/people";
import { DataVolume } from "../../components/storage/data-volume";
import { HomeTree } from "../../components/storage/home-tree";
import { type HubDatabase, hubDatabase } from "../database";
import type { Host } from "./host";
import type { HostImages } from "./images";
import type { HostNetwork } from "./network";

export interface HostStorage {
  /** What the hub knows. */
  readonly data: DataVolume;
  /** Routes that the hub notes, for the proxy. */
  readonly routes: DataVolume;
  /** The file with people's settings, where the hub takes them over while it runs. */
  readonly people: DataVolume | undefined;
  readonly database: HubDatabase;
  /** The folders that homes are in, where they are in a tree. */
  readonly tree: readonly HomeTree[];
}

/** Volumes, the database, and the tree of homes. */
export function hostStorage({ config, engine }: Host, images: HostImages, network: HostNetwork): HostStorage {
  const { name: prefix, storage, logging } = config;
  const { homes, retain } = storage;
  const { after } = images;
  return {
    data: new DataVolume("hub-data", { prefix, role: "hub-data", retain }, after),
    routes: new DataVolume("proxy-routes", { prefix, role: "proxy-routes", retain: false }, after),
    people: takesOver(config)
      ? new DataVolume("hub-people", { prefix, role: "hub-people", retain: false }, after)
      : undefined,
    database: hubDatabase({
      config,
      platform: engine.platform,
      network: network.networks.control.name,
      opts: after,
      kept: engine.kept,
    }),
    tree:
      homes.kind === "tree"
        ? [new HomeTree("home-tree", { prefix, image: images.hub, root: homes.root, logging }, after)]
        : [],
  };
}
