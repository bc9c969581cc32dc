/** Making again what is gone or was changed: by an input that is different then, and stays so. */
import * as pulumi from "@pulumi/pulumi";

import { type Label, RECREATED_LABEL } from "../../docker-api/naming";
import { plain } from "../../docker-api/plain";
import type { Drift } from "./compare";
import type { Standing } from "./engine";
import { entries, type Fields, fields, list, texts } from "./fields";
import {
  BUILT_IMAGE,
  COMMAND,
  CONFIG,
  CONTAINER,
  NETWORK,
  PULLED_IMAGE,
  SECRET,
  SERVICE,
  VOLUME,
} from "./kinds";
import type { Made } from "./made";

/** Where a kind of resource keeps the time at which it was made again. */
interface Place {
  /** From the state. */
  read(outputs: Fields): string | undefined;
  /** Into the inputs; the provider replaces the resource when it is another one, or builds anew. */
  write(inputs: Fields, time: string): Fields;
}

const timeIn = (value: unknown, key: string): string | undefined => {
  const time = fields(value)[key];
  return typeof time === "string" && time !== "" ? time : undefined;
};

/** Makes an input of another, whose value may not be known yet. */
const later = (value: unknown, make: (known: unknown) => unknown): pulumi.Output<string> =>
  pulumi.output(value as string).apply(make as (known: string) => string);

const asLabel: Place = {
  read: ({ labels }) =>
    entries(labels).flatMap(({ label, value }) =>
      label === RECREATED_LABEL && typeof value === "string" ? [value] : [],
    )[0],
  write: ({ labels, ...inputs }, time) => ({
    ...inputs,
    labels: later(labels, (given) =>
      [...(list(given) as readonly Label[]), { label: RECREATED_LABEL, value: time }].sort((a, b) =>
        a.label < b.label ? -1 : 1,
      ),
    ),
  }),
};

/** No Dockerfile asks for it, so an image comes out as before. */
const BUILD_ARG = "RECREATED";

const asBuildArg: Place = {
  read: (outputs) => timeIn(fields(fields(outputs["__inputs"])["build"])["args"], BUILD_ARG),
  write: ({ build, ...inputs }, time) => ({
    ...inputs,
    build: later(build, (given) => ({
      ...fields(given),
      args: { ...fields(fields(given)["args"]), [BUILD_ARG]: time },
    })),
  }),
};

const asTrigger: Place = {
  read: ({ triggers }) => timeIn(triggers, "recreated"),
  write: (inputs, time) => ({ ...inputs, triggers: { recreated: time } }),
};

const AGAIN_AT = "again at ";

/** Beside the triggers that it has; another one has its program run again. */
const asFurtherTrigger: Place = {
  read: ({ triggers }) =>
    texts(triggers).flatMap((one) => (one.startsWith(AGAIN_AT) ? [one.slice(AGAIN_AT.length)] : []))[0],
  write: ({ triggers, ...inputs }, time) => ({
    ...inputs,
    triggers: later(triggers, (given) => [...list(given), `${AGAIN_AT}${time}`]),
  }),
};

const PLACES: Readonly<Record<string, Place>> = {
  [CONTAINER]: asLabel,
  [NETWORK]: asLabel,
  [VOLUME]: asLabel,
  [SERVICE]: asLabel,
  [SECRET]: asLabel,
  [CONFIG]: asLabel,
  [COMMAND]: asFurtherTrigger,
  [BUILT_IMAGE]: asBuildArg,
  [PULLED_IMAGE]: asTrigger,
};

const key = ({ type, name }: Pick<Made, "type" | "name">): string => `${type}::${name}`;

const AGAIN: Readonly<Record<string, string>> = {
  [BUILT_IMAGE]: "rebuilt",
  [PULLED_IMAGE]: "pulled again",
  // Of all commands only the one that joins nodes is ever run again.
  [COMMAND]: "joined again",
};

/** What is said of it, whoever runs the update. */
export const sentence = ({ object, changes, type, left, isThere = false }: Drift): string =>
  `${object}: ${changes.join("; ")}. ` +
  `${left ?? `It will be ${isThere ? "updated" : (AGAIN[type] ?? "recreated")}`}.`;

/**
 * For each resource of the stack: the time at which it was made again, if it ever was, and now for what has changed.
 * Nothing else differs from the inputs of the update before, so a second update finds nothing to do.
 *
 * @param now in ISO 8601, in whole seconds
 */
export function times(
  made: readonly Made[],
  drift: readonly Drift[],
  now: string,
): ReadonlyMap<string, string> {
  const before = made.flatMap((one) => {
    const time = PLACES[one.type]?.read(one.outputs);
    return time === undefined ? [] : [[key(one), time] as const];
  });
  const again = drift.filter(({ left }) => left === undefined);
  return new Map([...before, ...again.map((one) => [key(one), now] as const)]);
}

/** What the resources to come have to be given. */
export interface Plan {
  readonly made: readonly Made[];
  readonly drift: readonly Drift[];
  /** Time of this run, in ISO 8601, in whole seconds. */
  readonly now: string;
  /** Networks and volumes to take over, by type and name. */
  readonly takeOver?: (type: string, physicalName: string) => Pick<Standing, "id" | "recreated"> | undefined;
  /**
   * Removes whatever is in the way of a container, service or network of that name, when it is its `turn`; undefined where
   * nothing is.
   */
  readonly clear?: (type: string, physicalName: string, turn: Promise<void>) => Promise<void> | undefined;
  /** Called once a network of that name is there, in an update. */
  readonly networkMade?: (physicalName: string) => Promise<void> | undefined;
}

/** Done when all is there that a resource of this parent waits for. */
const turnOf = ({ parent }: pulumi.ResourceOptions): Promise<void> =>
  new Promise((resolve) => {
    if (parent === undefined) {
      resolve();
    } else {
      parent.urn.apply(() => {
        resolve();
      });
    }
  });

/** Registers a transformation that makes again what changed, and says so at the resource. To be called before any is made. */
export function recreate({ made, drift, now, takeOver, clear, networkMade }: Plan): void {
  const recreated = times(made, drift, now);
  const changed = new Map(drift.map((one) => [key(one), one]));
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts, resource }) => {
    const time = recreated.get(key({ type, name }));
    const one = changed.get(key({ type, name }));
    let inputs = props as Fields;
    let options: pulumi.CustomResourceOptions = opts;
    if (time !== undefined) {
      inputs = PLACES[type]?.write(inputs, time) ?? inputs;
    }
    if (one !== undefined) {
      // The resource has no name of its own yet: it is still being made.
      void Promise.resolve().then(() => pulumi.log.warn(plain(sentence(one)), resource));
    }
    // With another label a service is updated in place: all that is wanted of it is sent again.
    if (one !== undefined && type === SERVICE && one.isThere !== true) {
      options = { ...options, replaceOnChanges: ["labels"] };
    }
    const physical = inputs["name"];
    if (typeof physical === "string" && (type === NETWORK || type === VOLUME)) {
      const found = takeOver?.(type, physical);
      // A volume is used again by its name.
      options = found === undefined || type === VOLUME ? options : { ...options, import: found.id };
      // With other labels than it has it would be replaced, at once or after a refresh.
      inputs = found?.recreated === undefined ? inputs : asLabel.write(inputs, found.recreated);
    }
    if (typeof physical === "string" && type === NETWORK && one !== undefined) {
      void Promise.resolve().then(() => {
        const { id } = resource as unknown as { readonly id: pulumi.Output<string> };
        id.apply(() => networkMade?.(physical));
      });
    }
    if (typeof physical === "string" && [CONTAINER, SERVICE, NETWORK].includes(type)) {
      // Not before it is this resource's turn: what is in the way may be a hub that people use.
      const cleared = clear?.(type, physical, turnOf(opts));
      inputs = cleared === undefined ? inputs : { ...inputs, name: cleared.then(() => physical) };
    }
    return inputs === props && options === opts ? undefined : { props: inputs, opts: options };
  });
}
