/** States: what a preview promises, what create and refresh report, and the inputs that an import or refresh gives back. */
import { UNKNOWN, type Props } from "../../lib/serve";
import { DEFAULTS } from "./check";
import { type Field, type Shape, canonical, holdsUnknown, isObject, isUnknown, isZero } from "./shape";

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
    const decidedByEngine = (field.computed === true || field.output === true) && inputs[name] === undefined;
    outputs[name] = decidedByEngine
      ? olds === undefined
        ? UNKNOWN
        : olds[name]
      : complete(field, inputs[name], undefined, true);
  }
  return outputs;
}

/**
 * A full state from what the engine told and, for what it does not tell, what is known already.
 *
 * @param known inputs at create and update, the state before at refresh.
 * @param fresh create and update: collections that the program left out stay null; a refresh makes them empty.
 */
export function stateOf(shape: Shape, id: string, live: Props, known: Props, fresh: boolean): Props {
  const state: Props = { id };
  for (const [name, field] of Object.entries(shape)) {
    state[name] = complete(field, name in live ? live[name] : known[name], known[name], fresh);
  }
  return state;
}

function complete(field: Field, value: unknown, known: unknown, fresh: boolean): unknown {
  if (isUnknown(value)) {
    return value;
  }
  const { of } = field;
  // A set of texts is told by its members: with one unknown, all of it is.
  if (of === undefined && field.kind === "set" && holdsUnknown(value)) {
    return UNKNOWN;
  }
  if (of) {
    if (field.kind === "block") {
      return isObject(value) ? completeElement(of, value, isObject(known) ? known : {}, fresh) : null;
    }
    const items: unknown[] = Array.isArray(value) ? value : [];
    const before: unknown[] = Array.isArray(known) ? known : [];
    return items.map((item, index) => {
      const prior = before[index];
      return isObject(item) ? completeElement(of, item, isObject(prior) ? prior : {}, fresh) : item;
    });
  }
  if (fresh && isCollection(field) && isZero(value) && isZero(known) && field.computed !== true) {
    return null;
  }
  return value ?? field.default ?? null;
}

/** Inside a block, texts and lists are empty, never null; numbers and switches are null until a refresh reads them. */
function completeElement(shape: Shape, element: Props, known: Props, fresh: boolean): Props {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => {
      const value = complete(field, element[name] ?? undefined, known[name], fresh);
      return [name, value ?? emptyIn(field, fresh)];
    }),
  );
}

function emptyIn(field: Field, fresh: boolean): unknown {
  switch (field.kind) {
    case "string":
      return "";
    case "list":
    case "set":
      return [];
    case "map":
      return fresh ? null : {};
    case "int":
      return fresh ? null : 0;
    case "bool":
      return fresh ? null : false;
    case "block":
      return null;
  }
}

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
