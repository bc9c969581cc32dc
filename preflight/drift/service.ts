/** Fields of a Swarm service that `docker service update` and `scale` change. */
import type { FoundService } from "./engine";
import { difference, type Fields, fields, list } from "./fields";

/** What is different between what the provider made and what there is. */
export function serviceChanges(outputs: Fields, { Spec }: FoundService): string[] {
  const task = fields(outputs["taskSpec"]);
  const limits = fields(fields(task["resources"])["limits"]);
  const replicated = fields(fields(outputs["mode"])["replicated"]);
  const { ContainerSpec, Resources, Placement, Networks } = Spec.TaskTemplate;
  const found = Resources?.Limits;
  return [
    ...same("replicas", replicated["replicas"], Spec.Mode.Replicated?.Replicas),
    ...same("image", fields(task["containerSpec"])["image"], ContainerSpec?.Image),
    ...same("memory", limits["memoryBytes"], found?.MemoryBytes ?? 0),
    ...same("nano CPUs", limits["nanoCpus"], found?.NanoCPUs ?? 0),
    ...difference(
      "constraints",
      list(fields(task["placement"])["constraints"]),
      Placement?.Constraints ?? [],
    ),
    ...difference(
      "networks",
      list(task["networksAdvanceds"]).flatMap((one) => fields(one)["id"] ?? fields(one)["name"] ?? []),
      (Networks ?? []).map(({ Target }) => Target),
    ),
  ];
}

/** Nothing is said of a field that the provider left out. */
const same = (field: string, wanted: unknown, found: unknown): string[] =>
  wanted === undefined || wanted === null
    ? []
    : difference(field, [wanted], found === undefined ? [] : [found]);
