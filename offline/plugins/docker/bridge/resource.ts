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

  const readBack = async (id: string, known: Props, fresh: boolean): Promise<Props | undefined> => {
    const found = await resource.read(id, known);
    const kept = !fresh && known[META] !== undefined ? { [META]: known[META] } : meta;
    return found && { ...kept, ...stateOf(shape, found.id ?? id, found.live, known, fresh) };
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
        const outputs = await readBack(id, filled, true);
        if (outputs === undefined) {
          throw new Error("it was made, but the engine does not know it any more");
        }
        return { id: outputs.id as string, outputs };
      } catch (error) {
        if (error instanceof HalfMade) {
          const outputs = (await readBack(error.id, filled, true)) ?? { ...filled, id: error.id };
          outputs[META] = JSON.stringify({ ...notes, [TAINTED]: true });
          throw new InitError(error.message, error.id, outputs, inputs);
        }
        throw error;
      }
    },

    async read({ id, inputs, state }) {
      const known = state ?? {};
      const outputs = await readBack(id, known, false);
      return (
        outputs && { id: outputs.id as string, inputs: inputsOf(shape, outputs, inputs), state: outputs }
      );
    },

    async update({ id, olds, news, preview, log, signal }) {
      if (preview) {
        return { outputs: { ...meta, ...planned(shape, news, olds) } };
      }
      const filled = withDefaults(shape, news);
      await resource.update?.(id, olds, filled, { log, signal });
      const known = {
        ...olds,
        ...Object.fromEntries(Object.entries(filled).filter(([name]) => keeps(shape, news, name))),
      };
      const outputs = await readBack(id, known, true);
      if (outputs === undefined) {
        throw new Error(`the engine does not know ${id} any more; a refresh takes it out of the state`);
      }
      return { outputs };
    },

    delete: ({ id, state, log, signal }) => resource.delete(id, state, { log, signal }),
  };
}

/** A computed field that the program leaves out keeps its old value. */
const keeps = (shape: Shape, news: Props, name: string): boolean =>
  news[name] !== undefined || shape[name]?.computed !== true;
