/** States: what a preview promises, what create and refresh report, and the inputs that an import or refresh gives back. */
import { type Props, UNKNOWN } from "../../lib/serve";
import { DEFAULTS } from "./check";
import { canonical, type Field, holdsUnknown, isObject, isUnknown, isZero, type Shape } from "./shape";

/** Inputs without the bridge's notes, every field present: its default, or null. */
export function withDefaults(shape: Shape, inputs: Props): Props {
  return Object.fromEntries(
    Object.entries(shape)
      .filter(([, field]) => field.output !== true)
      .map(([name, field]) => [name, fill(field, inputs[name])]),
  );
}

function fill(field: Field, value: unknown): unknown {
  if (isUnknown(value)) {
    return value;
  }
  const given = value ?? field.default ?? null;
  const { of } = field;
  if (of === undefined) {
    return given;
  }
  if (isObject(given)) {
    return withDefaults(of, given);
  }
  return Array.isArray(given)
    ? given.map((item: unknown) => (isObject(item) ? withDefaults(of, item) : item))
    : given;
}

/** The outputs that a preview shows: what the engine decides is unknown, unless an update keeps it. */
export function planned(shape: Shape, inputs: Props, olds?: Props): Props {
  const outputs: Props = { id: olds?.id ?? UNKNOWN };
  for (const [name, field] of Object.entries(shape)) {
    outputs[name] = engineDecides(field, inputs[name])
      ? keptOrUnknown(olds, name)
      : complete(field, inputs[name], olds?.[name], "plan");
  }
  return outputs;
}

const engineDecides = (field: Field, given: unknown): boolean =>
  (field.computed === true || field.output === true) && (given === undefined || given === null);

const keptOrUnknown = (olds: Props | undefined, name: string): unknown =>
  olds !== undefined && name in olds ? olds[name] : UNKNOWN;

/**
 * A full state from what the engine told and, for what it does not tell, what is known already.
 *
 * @param known what was asked for: inputs at create and update, the state before at refresh.
 * @param prior the inputs at create, the state before at update and refresh.
 * @param stage at create and update, collections that the program left out stay as they were; a refresh makes them empty.
 */
export function stateOf(
  shape: Shape,
  id: string,
  live: Props,
  known: Props,
  prior: Props,
  stage: "fresh" | "refresh",
): Props {
  const state: Props = { id };
  for (const [name, field] of Object.entries(shape)) {
    const told = name in live;
    const value = complete(field, told ? live[name] : known[name], prior[name], stage);
    state[name] = value ?? (told && stage === "refresh" && isCollection(field) ? zeroOf(field) : null);
  }
  return state;
}

type Stage = "plan" | "fresh" | "refresh";

function complete(field: Field, value: unknown, prior: unknown, stage: Stage): unknown {
  if (isUnknown(value)) {
    return value;
  }
  const { of } = field;
  if (of && field.kind === "block") {
    return isObject(value) ? completeElement(of, value, prior, stage, field.single === true) : null;
  }
  if (of) {
    const items: unknown[] = Array.isArray(value) ? value : [];
    const before: unknown[] = Array.isArray(prior) ? prior : [];
    return items.map((item, index) => {
      // Elements that only the engine knows are told in full at once.
      const from = stage === "fresh" && before[index] === undefined ? "refresh" : stage;
      return isObject(item) ? completeElement(of, item, before[index], from, field.kind === "set") : item;
    });
  }
  // A set of texts is told by its members: with one unknown, all of it is.
  if (field.kind === "set" && holdsUnknown(value)) {
    return UNKNOWN;
  }
  // Nothing stays the kind of nothing that it was: null or empty.
  if (stage !== "refresh" && isZero(value) && isZero(prior)) {
    const zero = isCollection(field)
      ? field.computed === true
        ? zeroOf(field)
        : null
      : (value ?? field.default);
    return prior ?? zero ?? null;
  }
  return value ?? field.default ?? null;
}

function completeElement(shape: Shape, element: Props, known: unknown, stage: Stage, inSet: boolean): Props {
  const before = isObject(known) ? known : undefined;
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => {
      if (stage === "plan" && engineDecides(field, element[name])) {
        return [name, keptOrUnknown(before, name)];
      }
      const notGiven = before !== undefined && (before[name] === null || before[name] === undefined);
      if (inSet && stage === "fresh" && notGiven && (element[name] === false || element[name] === 0)) {
        return [name, null]; // A refresh will tell.
      }
      const value = complete(field, element[name], before?.[name], stage);
      return [name, value ?? (inSet ? emptyInSet(field, stage) : emptyInBlock(field, stage))];
    }),
  );
}

/** In a set's elements texts and lists are empty, never null; numbers and switches are null until a refresh reads them. */
function emptyInSet(field: Field, stage: Stage): unknown {
  if (field.kind === "string") {
    return "";
  }
  if (field.kind === "list" || field.kind === "set") {
    return [];
  }
  return stage === "refresh" ? zeroOf(field) : null;
}

/** In other elements all is null until the engine was asked; lists and maps until a refresh. */
function emptyInBlock(field: Field, stage: Stage): unknown {
  if (field.sparse === true || stage === "plan" || (stage === "fresh" && isCollection(field))) {
    return null;
  }
  return zeroOf(field);
}

const ZEROS: Record<Field["kind"], unknown> = {
  string: "",
  int: 0,
  bool: false,
  list: [],
  set: [],
  map: {},
  block: null,
};
const zeroOf = (field: Field): unknown => ZEROS[field.kind];

const isCollection = (field: Field): boolean =>
  field.kind === "map" || field.kind === "list" || field.kind === "set";

/** The inputs that a state stands for: the old inputs brought up to date or, at an import, all that differ from defaults. */
export function inputsOf(shape: Shape, state: Props, oldInputs?: Props): Props {
  if (oldInputs === undefined) {
    return imported(shape, state);
  }
  return refreshed(shape, state, oldInputs);
}

function refreshed(shape: Shape, state: Props, oldInputs: Props): Props {
  const inputs: Props = {};
  for (const [name, old] of Object.entries(oldInputs)) {
    const field = shape[name];
    inputs[name] = field === undefined ? old : refreshedValue(field, state[name], old);
  }
  // What differs from its default is no default any more.
  if (Array.isArray(oldInputs[DEFAULTS])) {
    inputs[DEFAULTS] = oldInputs[DEFAULTS].filter((name: string) => inputs[name] === oldInputs[name]);
  }
  return inputs;
}

function refreshedValue(field: Field, value: unknown, old: unknown): unknown {
  if (canonical(field, value) === canonical(field, old)) {
    return old;
  }
  const { of } = field;
  if (of && isObject(value) && isObject(old)) {
    return refreshed(of, value, old);
  }
  if (of && Array.isArray(value)) {
    const before: unknown[] = Array.isArray(old) ? old : [];
    return value.map((item: unknown, index) => {
      const prior = before[index];
      return isObject(item) ? (isObject(prior) ? refreshed(of, item, prior) : imported(of, item)) : item;
    });
  }
  return value;
}

function imported(shape: Shape, state: Props): Props {
  const inputs: Props = { [DEFAULTS]: [] };
  for (const [name, field] of Object.entries(shape)) {
    const value = state[name];
    if (field.output === true || isZero(value) || value === field.default) {
      continue;
    }
    const { of } = field;
    if (of && isObject(value)) {
      inputs[name] = imported(of, value);
    } else if (of && Array.isArray(value)) {
      inputs[name] = value.map((item: unknown) => (isObject(item) ? imported(of, item) : item));
    } else {
      inputs[name] = value;
    }
  }
  return inputs;
}
