/** docker.Image: built by the engine from a local context, pushed unless told otherwise. */
import { stat } from "node:fs/promises";
import { isAbsolute, join, posix, relative } from "node:path";

import type { DiffResult, Log, PropertyDiff, Props, ResourceDefinition } from "../../lib/serve";
import { holdsUnknown, isObject, isUnknown } from "../bridge/shape";
import type { Connection } from "../connection";
import { registryOf } from "../registry";
import { build } from "./build";
import { contextDigest } from "./context";
import { push } from "./push";

/** Where the state keeps the inputs of the last build. */
const INPUTS = "__inputs";

export function image(engine: () => Connection): ResourceDefinition {
  /** Builds and, outside of previews, pushes. Returns the outputs. */
  const make = async (inputs: Props, preview: boolean, log: Log, signal: AbortSignal): Promise<Props> => {
    const settings = isObject(inputs.build) ? inputs.build : {};
    const name = inputs.imageName as string;
    const context = textOf(settings.context);
    const id = await build(engine(), inputs, log, signal);
    const repoDigest = inputs.skipPush === true || preview ? id : await push(engine(), inputs, log, signal);
    return {
      baseImageName: name,
      context,
      dockerfile: relative(context, textOf(settings.dockerfile)),
      imageName: name,
      ...(settings.platform === undefined ? {} : { platform: settings.platform }),
      registryServer: isObject(inputs.registry) ? textOf(inputs.registry.server) : "",
      repoDigest,
      [INPUTS]: inputs,
    };
  };

  return {
    async check({ news, urn }) {
      const resourceName = urn.slice(urn.lastIndexOf("::") + 2);
      const inputs = withoutEmpty(news);
      if (inputs.imageName === undefined) {
        return {
          inputs,
          failures: [
            {
              property: "imageName",
              reason: `Missing required property 'imageName'. Examine values at '${resourceName}.imageName'.`,
            },
          ],
        };
      }
      return { inputs: await checkImage(inputs) };
    },

    diff: ({ olds, oldInputs, news }) =>
      Promise.resolve(diffImage(isObject(olds[INPUTS]) ? olds[INPUTS] : oldInputs, news)),

    async create({ inputs, preview, log, signal }) {
      if (preview && !canPreview(inputs, log)) {
        return { id: "", outputs: inputs };
      }
      return { id: inputs.imageName as string, outputs: await make(inputs, preview, log, signal) };
    },

    read: ({ id, inputs, state }) =>
      // As the real plugin: what the engine has is not looked at, and there is nothing to import.
      Promise.resolve({ id, inputs: inputs ?? {}, state: state ?? {} }),

    async update({ news, preview, log, signal }) {
      return { outputs: preview && !canPreview(news, log) ? news : await make(news, preview, log, signal) };
    },

    // Images stay: containers of other stacks may run from them.
    delete: () => Promise.resolve(),
  };
}

async function checkImage(inputs: Props): Promise<Props> {
  const checked: Props = { ...inputs, buildOnPreview: inputs.buildOnPreview === true };
  const settings = inputs.build ?? {};
  if (isObject(settings)) {
    checked.build = await checkBuild(settings);
  }
  const cache = isObject(settings) && isObject(settings.cacheFrom) ? settings.cacheFrom : undefined;
  if (cache !== undefined && cache.images === undefined) {
    throw new Error("cacheFrom requires an `images` field");
  }
  if ((inputs.skipPush !== true || cache !== undefined) && typeof inputs.imageName === "string") {
    requireRegistry(inputs.imageName, isObject(inputs.registry) ? textOf(inputs.registry.server) : "");
  }
  return checked;
}

async function checkBuild(settings: Props): Promise<Props> {
  const { builderVersion } = settings;
  if (
    builderVersion !== undefined &&
    !isUnknown(builderVersion) &&
    !/^Builder(V1|BuildKit)$/.test(textOf(builderVersion))
  ) {
    throw new Error("invalid Docker Builder version: expected BuilderV1 or BuilderBuildKit");
  }
  const context = settings.context ?? ".";
  const checked: Props = { ...settings, context, platform: settings.platform ?? hostPlatform() };
  if (isUnknown(context) || isUnknown(settings.dockerfile)) {
    return checked;
  }
  const dockerfile = textOf(settings.dockerfile) || posix.join(textOf(context), "Dockerfile");
  await requireDockerfile(textOf(context), dockerfile);
  return { ...checked, dockerfile, contextDigest: await contextDigest(textOf(context), dockerfile) };
}

async function requireDockerfile(context: string, dockerfile: string): Promise<void> {
  const missing = await problemWith(dockerfile);
  if (missing === undefined) {
    return;
  }
  if (isAbsolute(dockerfile)) {
    throw new Error(`expected a relative Dockerfile path; got "${dockerfile}" instead: ${missing}`);
  }
  const inContext = join(context, dockerfile);
  throw new Error(
    (await problemWith(inContext)) === undefined
      ? `could not open dockerfile at relative path "${dockerfile}". Try setting \`dockerfile\` to "${inContext}"`
      : `could not open dockerfile at relative path "${dockerfile}": ${missing}`,
  );
}

const problemWith = (path: string): Promise<string | undefined> =>
  stat(path).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );

/** Pushing needs a name that says where to. */
function requireRegistry(name: string, server: string): void {
  const named = registryOf(name) !== "index.docker.io" || name.startsWith("docker.io/");
  if (server === "" && !named) {
    throw new Error(
      `"${name}": repository name must be canonical.\nThis resource requires all image names to be fully qualified.\n` +
        "For example, if you are attempting to push to Dockerhub, prefix your image name with `docker.io`:\n\n`docker.io/repository/image:tag`",
    );
  }
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ia32: "386" };
const hostPlatform = (): string => `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;

/** Inputs against those of the last build. Registry credentials change often and rebuild nothing. */
export function diffImage(olds: Props, news: Props): DiffResult {
  const detailedDiff: Record<string, PropertyDiff> = {};
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    const older = olds[key] ?? undefined;
    const newer = news[key] ?? undefined;
    if (older === undefined && newer !== undefined) {
      detailedDiff[key] = { kind: "ADD" };
    } else if (older !== undefined && newer === undefined) {
      detailedDiff[key] = { kind: "DELETE" };
    } else if (holdsUnknown(newer) || sorted(forDiff(key, older)) !== sorted(forDiff(key, newer))) {
      detailedDiff[key] = { kind: "UPDATE" };
    }
  }
  return Object.keys(detailedDiff).length === 0
    ? { changes: "DIFF_NONE" }
    : { changes: "DIFF_SOME", detailedDiff };
}

const forDiff = (key: string, value: unknown): unknown =>
  key === "registry" && isObject(value) ? value.server : value;

/** A text that does not depend on the order of keys. */
const sorted = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );

/** True when a preview shall build and can: everything it needs is known. */
function canPreview(inputs: Props, log: Log): boolean {
  if (inputs.buildOnPreview !== true) {
    return false;
  }
  const settings = isObject(inputs.build) ? inputs.build : {};
  if (isUnknown(inputs.imageName) || holdsUnknown([settings.dockerfile, settings.context, settings.args])) {
    log.warn(
      "Minimum inputs for build are unresolved. Continuing without preview image build. To avoid this warning, ensure image name, dockerfile, args, and context are resolved at preview.",
    );
    return false;
  }
  return true;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const withoutEmpty = (news: Props): Props =>
  Object.fromEntries(Object.entries(news).filter(([, value]) => value !== undefined && value !== null));
