/** What this stack's state says that it made: read through Pulumi itself, whatever backend keeps the state. */
import * as pulumi from "@pulumi/pulumi";

import { type Fields, fields, isFields } from "./fields";

/** A resource of the last update, with what its provider said of it. */
export interface Made {
  /** Type token: `docker:index/container:Container`. */
  readonly type: string;
  /** Pulumi's name: `hub-container`. */
  readonly name: string;
  readonly outputs: Fields;
}

/** Type and name in `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`; a name may have `::` in it. */
export function partsOf(urn: string): Pick<Made, "type" | "name"> | undefined {
  const match = /^urn:pulumi:[^:]+::[^:]+::(?<types>(?:(?!::).)+)::(?<name>.+)$/.exec(urn);
  const { types, name } = match?.groups ?? {};
  return types === undefined || name === undefined
    ? undefined
    : { type: types.slice(types.lastIndexOf("$") + 1), name };
}

/** From Pulumi's answer, of which nothing is taken for granted: what has another shape is left out. */
export function readMade(answer: unknown): Made[] {
  return Object.entries(fields(fields(answer)["outputs"])).flatMap(([urn, resource]) => {
    const parts = partsOf(urn);
    const { outputs } = fields(resource);
    return parts === undefined || !isFields(outputs) ? [] : [{ ...parts, outputs }];
  });
}

/** Resources in the state; none where the stack is new. Values that are secret there are in the clear here. */
export async function madeBefore(): Promise<Made[]> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  return readMade(await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName }));
}
