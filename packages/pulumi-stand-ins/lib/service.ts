/** A provider as the protocol has it: plain async functions over requests and answers in their JSON form. */
import { status } from "@grpc/grpc-js";

import { type JsonObject, marshal, type SecretMask, unmarshal, type Unmarshalled } from "./marshal";
import type {
  ConfigureResponse,
  DiffResponse,
  InitFailure,
  Inspected,
  MessageSink,
  ProviderService,
  ResourceRequest,
  Severity,
  Timed,
} from "./protocol";
import {
  type CheckFailure,
  type DiffResult,
  InitError,
  type Log,
  type Props,
  type ProviderDefinition,
  type ResourceDefinition,
  UNKNOWN,
} from "./types";

/** An answer with a gRPC status of its own. */
export class ServiceError extends Error {
  constructor(
    readonly code: status,
    message: string,
    readonly initFailure?: InitFailure,
  ) {
    super(message);
    this.name = "ServiceError";
  }
}

const noMessages: MessageSink = { send: () => undefined, flush: () => Promise.resolve() };

function typeOf(request: ResourceRequest): string {
  return request.type || (request.urn.split("::")[2] ?? "").split("$").at(-1) || "";
}

function diffResponse(diff: DiffResult): DiffResponse {
  const { changes, detailedDiff, deleteBeforeReplace, ...lists } = diff;
  return {
    ...(changes !== "DIFF_UNKNOWN" && { changes }),
    ...Object.fromEntries(Object.entries(lists).filter(([, names]) => names.length > 0)),
    ...(deleteBeforeReplace && { deleteBeforeReplace }),
    ...(detailedDiff && {
      hasDetailedDiff: true,
      ...(Object.keys(detailedDiff).length > 0 && { detailedDiff }),
    }),
  };
}

/** The union of two masks: what either of them calls secret is secret. */
function mergeMasks(a: SecretMask, b: SecretMask): SecretMask {
  if (a === true || b === true) {
    return true;
  }
  if (!a || !b) {
    return a ?? b;
  }
  const merged = { ...a };
  for (const [key, mask] of Object.entries(b)) {
    merged[key] = mergeMasks(a[key], mask);
  }
  return merged;
}

/**
 * @param def the provider
 * @param messages where `Log` goes; @default nowhere
 * @returns one function a method of the protocol; failures are thrown, {@link ServiceError} where a status is meant
 */
export function providerService(
  def: ProviderDefinition,
  messages: MessageSink = noMessages,
): ProviderService {
  const running = new Map<AbortController, Promise<unknown>>();
  let cancelled: Error | undefined;

  function resource(request: ResourceRequest): ResourceDefinition {
    const type = typeOf(request);
    const found = Object.hasOwn(def.resources, type) ? def.resources[type] : undefined;
    if (!found) {
      const known = Object.keys(def.resources).join(", ");
      throw new ServiceError(
        status.UNIMPLEMENTED,
        `the stand-in for the ${def.name} plugin does not have the resource type ${JSON.stringify(type)}; it has ${known}`,
      );
    }
    return found;
  }

  /** Runs an operation that Cancel aborts, and that ends only when its messages are with the engine. */
  async function cancellable<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    // The engine can have sent a step on its way before it sent the Cancel that overtook it.
    if (cancelled !== undefined) {
      controller.abort(cancelled);
    }
    const result = run(controller.signal);
    running.set(controller, result);
    try {
      return await result;
    } finally {
      running.delete(controller);
      await messages.flush();
    }
  }

  function logFor(urn: string): Log {
    const say = (severity: Severity, ephemeral: boolean) => (text: string) => {
      messages.send({ severity, text, urn, ephemeral });
    };
    return {
      info: say("info", false),
      warn: say("warning", false),
      error: say("error", false),
      status: say("info", true),
    };
  }

  /** Marks the outputs: what is always secret once it is known, and what was secret in the inputs. */
  function marshalOutputs(token: string, outputs: Props, from: SecretMask): JsonObject {
    const known = (def.secretOutputs?.[token] ?? []).filter((name) => outputs[name] !== UNKNOWN);
    const named = Object.fromEntries(known.map((name) => [name, true as const]));
    return marshal(outputs, mergeMasks(from, named));
  }

  async function keepingInitFailures<T>(token: string, from: SecretMask, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof InitError)) {
        throw error;
      }
      throw new ServiceError(status.UNKNOWN, error.message, {
        id: error.id,
        properties: marshalOutputs(token, error.outputs, from),
        inputs: marshal(error.inputs, from),
        reasons: [error.message],
      });
    }
  }

  const timeoutOf = ({ timeout }: Timed): { timeoutMs?: number } =>
    timeout ? { timeoutMs: timeout * 1000 } : {};
  const secretsOf = (value: Unmarshalled): SecretMask => (def.acceptSecrets ? value.secrets : undefined);
  const features: Omit<ConfigureResponse, "supportsPreview"> = {
    ...(def.acceptSecrets && { acceptSecrets: true as const }),
    ...(def.acceptResources && { acceptResources: true as const }),
    ...(def.acceptOutputs && { acceptOutputs: true as const }),
    ...(def.supportsAutonamingConfiguration && { supportsAutonamingConfiguration: true as const }),
  };

  function inspected(result: { inputs: Props; failures?: CheckFailure[] }, secrets: SecretMask): Inspected {
    const inputs = marshal(result.inputs, secrets);
    return { inputs, ...(result.failures && result.failures.length > 0 && { failures: result.failures }) };
  }

  return {
    handshake: () =>
      def.handshake
        ? Promise.resolve(features)
        : Promise.reject(new ServiceError(status.UNIMPLEMENTED, "Handshake is not implemented")),
    getPluginInfo: () => Promise.resolve({ version: def.version }),
    getSchema: () =>
      Promise.resolve({ schema: JSON.stringify({ name: def.name, version: def.version, resources: {} }) }),

    async checkConfig(q) {
      const news = unmarshal(q.news);
      return inspected((await def.checkConfig?.(news.props)) ?? { inputs: news.props }, secretsOf(news));
    },
    async diffConfig(q) {
      if (!def.diffConfig) {
        throw new ServiceError(status.UNIMPLEMENTED, "DiffConfig is not implemented");
      }
      return diffResponse(await def.diffConfig(unmarshal(q.olds).props, unmarshal(q.news).props));
    },
    async configure(q) {
      await def.configure(unmarshal(q.args).props);
      return { ...features, ...(def.supportsPreview && { supportsPreview: true as const }) };
    },

    async check(q) {
      const news = unmarshal(q.news);
      const result = await resource(q).check({
        urn: q.urn,
        news: news.props,
        ...(q.olds && { olds: unmarshal(q.olds).props }),
        ...(q.randomSeed && { randomSeed: Buffer.from(q.randomSeed, "base64") }),
        ...(q.autonaming && { autonaming: q.autonaming }),
      });
      return inspected(result, secretsOf(news));
    },

    async diff(q) {
      const olds = unmarshal(q.olds).props;
      const diff = await resource(q).diff({
        id: q.id,
        urn: q.urn,
        olds,
        oldInputs: q.oldInputs ? unmarshal(q.oldInputs).props : olds,
        news: unmarshal(q.news).props,
        ignoreChanges: q.ignoreChanges ?? [],
      });
      return diffResponse(diff);
    },

    create: (q) =>
      cancellable(async (signal) => {
        const inputs = unmarshal(q.properties);
        const { id, outputs } = await keepingInitFailures(typeOf(q), secretsOf(inputs), () =>
          resource(q).create({
            urn: q.urn,
            inputs: inputs.props,
            preview: q.preview ?? false,
            ...timeoutOf(q),
            log: logFor(q.urn),
            signal,
          }),
        );
        return { ...(id && { id }), properties: marshalOutputs(typeOf(q), outputs, secretsOf(inputs)) };
      }),

    read: (q) =>
      cancellable(async () => {
        const state = unmarshal(q.properties);
        const inputs = unmarshal(q.inputs);
        const found = await resource(q).read({
          id: q.id,
          urn: q.urn,
          ...(q.inputs && { inputs: inputs.props }),
          ...(q.properties && { state: state.props }),
        });
        if (!found) {
          return {};
        }
        return {
          id: found.id,
          properties: marshalOutputs(typeOf(q), found.state, secretsOf(state)),
          inputs: marshal(found.inputs, secretsOf(inputs)),
        };
      }),

    update: (q) =>
      cancellable(async (signal) => {
        const olds = unmarshal(q.olds).props;
        const news = unmarshal(q.news);
        const { outputs } = await keepingInitFailures(typeOf(q), secretsOf(news), () =>
          resource(q).update({
            id: q.id,
            urn: q.urn,
            olds,
            oldInputs: q.oldInputs ? unmarshal(q.oldInputs).props : olds,
            news: news.props,
            preview: q.preview ?? false,
            ...timeoutOf(q),
            log: logFor(q.urn),
            signal,
          }),
        );
        return { properties: marshalOutputs(typeOf(q), outputs, secretsOf(news)) };
      }),

    delete: (q) =>
      cancellable(async (signal) => {
        const { props: state } = unmarshal(q.properties);
        await resource(q).delete({
          id: q.id,
          urn: q.urn,
          state,
          ...timeoutOf(q),
          log: logFor(q.urn),
          signal,
        });
        return {};
      }),

    cancel() {
      cancelled = new Error("the update was cancelled");
      for (const controller of running.keys()) {
        controller.abort(cancelled);
      }
      return Promise.resolve({});
    },
    async idle() {
      await Promise.allSettled(running.values());
    },
  };
}
