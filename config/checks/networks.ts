/** Addresses of the stack's networks: none has another's, and each variant has keys of its own. */
import { isPrivate, overlap, parseCidr } from "../values/cidr";
import type { Report, Values } from "./report";
import { words } from "./words";

const KEYS = ["subnet", "public", "control", "egress"] as const;

export function checkNetworks({ variant, network }: Values, report: Report): void {
  if (!variant || !network) {
    return;
  }
  const given = KEYS.flatMap((name) => {
    const subnet = network[name];
    const cidr = subnet === undefined ? undefined : parseCidr(subnet);
    return subnet === undefined || cidr === undefined
      ? []
      : [{ path: ["network", name], name, subnet, cidr }];
  });
  for (const { path, name } of given) {
    if (variant === "swarm" && name !== "subnet") {
      report.refuse(
        path,
        words`no such key in a Swarm: its networks get their addresses from swarm.network`,
        { got: words`one`, remove: true },
      );
    }
    if (variant === "single-host" && name === "egress") {
      report.warn(
        words`${report.key(path)}: a single-host stack has no such network. Remove it with: ${report.remove(path)}`,
      );
    }
  }
  for (const [index, { path, subnet, cidr }] of given.entries()) {
    const other = given.slice(0, index).find((one) => overlap(one.cidr, cidr));
    if (other === undefined) {
      continue;
    }
    report.refuse(path, words`addresses that no other network of the stack has`, {
      got: words`${report.value(path, subnet)}, which overlaps ${report.value(other.path, other.subnet)} of ${report.key(other.path)}`,
      set: `10.201.${index}.0/24`,
    });
  }
  const [first] = given;
  if (first?.name === "subnet" && !isPrivate(first.cidr)) {
    const { path, subnet } = first;
    report.warn(
      words`${report.key(path)}: ${report.value(path, subnet)} is not a private network: hosts with such addresses on the internet cannot be reached from the stack.`,
    );
  }
}
