/** Makes a plugin resource from a table of fields and the few calls to the engine that are its own. */
import { InitError, type Log, type Props, type ResourceDefinition } from "../../lib/serve";
import { check } from "./check";
import { diff } from "./diff";
import { type Shape } from "./shape";
import { inputsOf, planned, stateOf, withDefaults } from "./state";

export interface Call {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A create that failed after the object existed: it stays in the state, to be replaced. */
export class HalfMade extends Error {
  constructor(
    readonly id: string,
    readonly reason: Error,
  ) {
    super(reason.message);
  }
}

export interface EngineResource {
  readonly shape: Shape;
  /** The state's schema version, as the real plugin notes it, so that a stack can move between the two. */
  readonly schemaVersion?: number;
  /** `name` is made up when the program gives none. */
  readonly autoName?: boolean;
  readonly deleteBeforeReplace?: boolean;
  /** Makes the object; inputs have all fields, defaults filled in. Returns its id. */
  create(inputs: Props, call: Call): Promise<string>;
  /**
   * What the engine tells of the object now, and its id, or undefined when it is gone.
   *
   * @param known inputs or the state before: some answers depend on what was asked for.
   */
  read(id: string, known: Props): Promise<{ id?: string; live: Props } | undefined>;
  /** False where the real plugin trusts its own plan. @default true */
  readonly readAfterUpdate?: boolean;
  /** Changes the object in place. Without it, what changes in place lives in the state only. */
  update?(id: string, olds: Props, inputs: Props, call: Call): Promise<void>;
  delete(id: string, state: Props, call: Call): Promise<void>;
}

/** The bridge's key for a state's schema version. */
const META = "__meta";

/** In the notes of an object whose create failed half-way: the next update replaces it. */
const TAINTED = "tainted";

const isTainted = (state: Props): boolean =>
  typeof state[META] === "string" && TAINTED in (JSON.parse(state[META]) as object);

export function bridged(resource: EngineResource): ResourceDefinition {
  const { shape } = resource;
  const notes =
    resource.schemaVersion === undefined ? {} : { schema_version: String(resource.schemaVersion) };
  const meta: Props = resource.schemaVersion === undefined ? {} : { [META]: JSON.stringify(notes) };

  const readBack = async (
    id: string,
    known: Props,
    prior: Props,
    stage: "fresh" | "refresh",
  ): Promise<Props | undefined> => {
    const found = await resource.read(id, known);
    const kept = prior[META] === undefined ? meta : { [META]: prior[META] };
    return found && { ...kept, ...stateOf(shape, found.id ?? id, found.live, known, prior, stage) };
  };

  return {
    check: (request) => Promise.resolve(check(shape, request, resource.autoName === true)),

    diff({ olds, news, ignoreChanges }) {
      const { deleteBeforeReplace } = resource;
      const result = diff(shape, olds, news, { ignoreChanges, deleteBeforeReplace });
      return Promise.resolve(
        isTainted(olds)
          ? {
              ...result,
              changes: "DIFF_SOME",
              replaces: [META, ...(result.replaces ?? [])],
              deleteBeforeReplace: true,
            }
          : result,
      );
    },

    async create({ inputs, preview, log, signal }) {
      if (preview) {
        return { id: "", outputs: planned(shape, inputs) };
      }
      const filled = withDefaults(shape, inputs);
      try {
        const id = await resource.create(filled, { log, signal });
        const outputs = await readBack(id, filled, filled, "fresh");
        if (outputs === undefined) {
          throw new Error("it was made, but the engine does not know it any more");
        }
        return { id: outputs.id as string, outputs };
      } catch (error) {
        if (error instanceof HalfMade) {
          const outputs = (await readBack(error.id, filled, filled, "fresh")) ?? { ...filled, id: error.id };
          outputs[META] = JSON.stringify({ ...notes, [TAINTED]: true });
          throw new InitError(error.message, error.id, outputs, inputs);
        }
        throw error;
      }
    },

    async read({ id, inputs, state }) {
      const known = state ?? {};
      const outputs = await readBack(id, known, known, "refresh");
      return (
        outputs && { id: outputs.id as string, inputs: inputsOf(shape, outputs, inputs), state: outputs }
      );
    },

    async update({ id, olds, news, preview, log, signal }) {
      const plan = { ...meta, ...planned(shape, news, olds) };
      if (preview) {
        return { outputs: plan };
      }
      const filled = withDefaults(shape, news);
      await resource.update?.(id, olds, filled, { log, signal });
      if (resource.readAfterUpdate === false) {
        return { outputs: plan };
      }
      const outputs = await readBack(id, plan, olds, "fresh");
      if (outputs === undefined) {
        throw new Error(`the engine does not know ${id} any more; a refresh takes it out of the state`);
      }
      return { outputs };
    },

    delete: ({ id, state, log, signal }) => resource.delete(id, state, { log, signal }),
  };
}
