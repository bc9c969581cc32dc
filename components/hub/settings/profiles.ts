import { sorted } from "../../sorted";

/** GPUs of a server: how many, all of them, or which ones. */
export type Gpus = number | "all" | readonly string[];

/** A kind of server that people may choose. What is undefined is as it is without a profile. */
export interface ProfileSettings {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly default: boolean;
  /** Id of the image. */
  readonly image: string;
  readonly command?: readonly string[] | undefined;
  readonly startPage?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes of memory and swap, processors, processes. */
  readonly limits: {
    readonly memory?: number | undefined;
    readonly swap?: number | undefined;
    readonly cpus?: number | undefined;
    readonly processes?: number | undefined;
  };
  readonly gpus?: Gpus | undefined;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** A request for GPUs as Docker's API has it: a count, -1 for all, or ids. */
export interface GpuRequest {
  readonly count: number;
  readonly ids: readonly string[];
}

export function renderGpus(gpus: Gpus | undefined): GpuRequest | null {
  if (gpus === undefined) return null;
  if (typeof gpus === "object") return { count: 0, ids: gpus };
  return { count: gpus === "all" ? -1 : gpus, ids: [] };
}

/** All requests for GPUs that servers may make, each once. */
export function gpuRequests(notebook: {
  readonly gpus?: Gpus | undefined;
  readonly profiles: readonly { readonly gpus?: Gpus | undefined }[];
}): GpuRequest[] {
  const requests = [notebook, ...notebook.profiles].flatMap(({ gpus }) => renderGpus(gpus) ?? []);
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}

/** A profile in the hub's settings. The order of people and groups means nothing; that of profiles is the form's. */
export function renderProfile(profile: ProfileSettings): Record<string, unknown> {
  return {
    slug: profile.slug,
    name: profile.name,
    description: profile.description,
    default: profile.default,
    image: profile.image,
    command: profile.command ?? null,
    startPage: profile.startPage ?? null,
    environment: sorted(profile.environment),
    // JSON leaves out what is undefined.
    limits: sorted(profile.limits),
    gpus: renderGpus(profile.gpus),
    users: [...profile.users].sort(),
    groups: [...profile.groups].sort(),
  };
}
