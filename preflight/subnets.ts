import { networkInterfaces } from "node:os";

import { formatCidr, overlap, parseCidr } from "../config/cidr";
import type { UsedSubnet } from "./engine";

/** Networks that this machine's interfaces are on, but for one interface and Docker's own, which Docker tells. */
export function interfaceSubnets(except: string): UsedSubnet[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    name === except || name.startsWith("br-") || name.startsWith("docker")
      ? []
      : (addresses ?? []).flatMap(({ family, cidr }) =>
          family === "IPv4" && cidr !== null
            ? [{ subnet: networkOf(cidr), owner: `the interface ${name} of this machine`, labels: {} }]
            : [],
        ),
  );
}

/** `10.0.0.0/8` for `10.1.2.3/8`. */
function networkOf(address: string): string {
  const bits = Number(address.split("/")[1]);
  const host = parseCidr(`${address.split("/")[0] ?? ""}/32`);
  if (host === undefined) return address;
  const size = 2 ** (32 - bits);
  return formatCidr({ base: Math.floor(host.base / size) * size, bits });
}

/** The message for a network whose addresses somebody else has; undefined when they are free. */
export function subnetInUse(subnet: string, others: readonly UsedSubnet[]): string | undefined {
  const wanted = parseCidr(subnet);
  const other = others.find((one) => {
    const cidr = parseCidr(one.subnet);
    return wanted !== undefined && cidr !== undefined && overlap(wanted, cidr);
  });
  if (other === undefined) return undefined;
  return (
    `jupyterhub:network.subnet: expected addresses that nothing else has, got ${subnet}, and ${other.owner} has ` +
    `${other.subnet}. Choose others with: pulumi config set --path jupyterhub:network.subnet <network>`
  );
}
