/** Addresses of the stack's networks: none has another's, and each variant has keys of its own. */
import { type ConfigError, formatKey, removeCommand, setCommand } from "../errors";
import { isPrivate, overlap, parseCidr } from "../cidr";
import type { ParseContext } from "../context";
import type { CheckResult, Values } from "./check";

const KEYS = ["subnet", "public", "control", "egress"] as const;

export function checkNetworks(values: Values, context: ParseContext): Partial<CheckResult> {
  const { variant, network } = values;
  if (!variant || !network) return {};
  const { project } = context;
  const errors: ConfigError[] = [];
  const warnings: string[] = [];
  const given = KEYS.flatMap((name) => {
    const subnet = network[name];
    const cidr = subnet === undefined ? undefined : parseCidr(subnet);
    return subnet === undefined || cidr === undefined ? [] : [{ name, subnet, cidr }];
  });
  const stray = (name: string, expected: string): void => {
    const path = ["network", name];
    const fix = `Remove it with: ${removeCommand(project, path)}`;
    errors.push({ key: formatKey(project, path), expected, got: "one", fix });
  };
  for (const { name } of given) {
    if (variant === "swarm" && name !== "subnet") {
      stray(name, "no such key in a Swarm, whose networks have their addresses from swarm.network");
    }
    if (variant === "single-host" && name === "egress") {
      warnings.push(
        `${formatKey(project, ["network", name])}: there is no such network in a single-host stack. ` +
          `Remove it with: ${removeCommand(project, ["network", name])}`,
      );
    }
  }
  for (const [index, { name, subnet, cidr }] of given.entries()) {
    const other = given.slice(0, index).find((one) => overlap(one.cidr, cidr));
    if (other === undefined) continue;
    const path = ["network", name];
    errors.push({
      key: formatKey(project, path),
      expected: `addresses that no other network of the stack has`,
      got: `${subnet}, which overlaps ${other.subnet} of ${formatKey(project, ["network", other.name])}`,
      fix: `Set it with: ${setCommand(project, path, `10.201.${index}.0/24`)}`,
    });
  }
  const { subnet } = network;
  const cidr = subnet === undefined ? undefined : parseCidr(subnet);
  if (cidr && !isPrivate(cidr)) {
    warnings.push(
      `${formatKey(project, ["network", "subnet"])}: ${subnet} is no private network: what has such an address on the ` +
        "internet cannot be reached from the stack.",
    );
  }
  return { errors, warnings };
}
