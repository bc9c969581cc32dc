import type { HubConfig } from "../../../config";
import { sorted } from "../../sorted";
import { section } from "./section";
import { someVariables } from "./variables";

type Gpus = HubConfig["notebook"]["gpus"];

/** A request for GPUs as Docker's API has it: a count, -1 for all, or ids. */
export interface GpuRequest {
  readonly count: number;
  readonly ids: readonly string[];
}

export function renderGpus(gpus: Gpus): GpuRequest | null {
  if (gpus === undefined) {
    return null;
  }
  if (typeof gpus === "object") {
    return { count: 0, ids: gpus };
  }
  return { count: gpus === "all" ? -1 : gpus, ids: [] };
}

/** All requests for GPUs that servers may make, each once. */
export function gpuRequests(notebook: {
  readonly gpus?: Gpus;
  readonly profiles: readonly { readonly gpus?: Gpus }[];
}): GpuRequest[] {
  const requests = [notebook, ...notebook.profiles].flatMap(({ gpus }) => renderGpus(gpus) ?? []);
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}

const ORDER = [
  "slug",
  "name",
  "description",
  "default",
  "image",
  "command",
  "startPage",
  "environment",
  "limits",
  "gpus",
] as const;

/**
 * A kind of server that people may choose; what is null is as it is without a profile. The order of people and groups
 * means nothing; that of profiles is the form's.
 *
 * @param image id of its image
 */
export function renderProfile(profile: HubConfig["notebook"]["profiles"][number], image: string) {
  const { secrets, ...own } = profile;
  return section(ORDER, {
    ...own,
    ...someVariables({ secrets }),
    image,
    environment: sorted(profile.environment),
    // JSON leaves out what is undefined.
    limits: sorted(profile.limits),
    gpus: renderGpus(profile.gpus),
    users: [...profile.users].sort(),
    groups: [...profile.groups].sort(),
  });
}
