/** `network`: addresses of the notebooks' network, and what notebooks may reach directly. */
import { isIPv4 } from "node:net";
import { z } from "zod";
import { contains, parseCidr } from "../cidr";
import { key } from "./key";

const NETWORK_REPLACED =
  "The notebooks' network is replaced: running notebook servers are stopped, hub and proxy are replaced.";

/** A network of 256 to 65,536 addresses, written with its first one. */
function isSubnet(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.bits >= 16 && cidr.bits <= 24;
}

/** One address, or a network. */
function isTarget(text: string): boolean {
  const cidr = isIPv4(text) ? parseCidr(`${text}/32`) : parseCidr(text);
  // All of it at once would be no firewall.
  return cidr !== undefined && !contains(cidr, "0.0.0.0");
}

export const network = key(
  z
    .strictObject({
      subnet: key(z.string().refine(isSubnet).optional(), {
        description:
          "Addresses of the notebooks' network on the Docker host. The second half is for notebook servers. No other " +
          "network of the host, and no server that the hub talks to, may have addresses in it.",
        expected: "an IPv4 network from /16 to /24, as 10.200.8.0/21",
        example: "10.200.8.0/21",
        otherwise: "a /21 network in 10.128.0.0/9, chosen by the stack's name",
        change: NETWORK_REPLACED,
      }),
      allow: key(
        z
          .array(
            z.strictObject({
              to: key(z.string().refine(isTarget), {
                description: "Address or network.",
                expected: "an IPv4 address or network, as 192.168.7.20 or 192.168.7.0/24",
                example: "192.168.7.20",
              }),
              ports: key(z.array(z.int().min(1).max(65535)).default([]), {
                description: "TCP ports; none for everything.",
                expected: "a list of ports from 1 to 65535",
                example: [5432],
              }),
            }),
          )
          .default([]),
        {
          description:
            "Private addresses that notebooks may reach: a database or a file server of the house. All others are closed, " +
            "and so are the Docker host and cloud metadata. Only for `single-host`: in a lockdown there is `egress.allow`.",
          expected: "a list of maps with the keys to, ports",
          example: [{ to: "192.168.7.20", ports: [5432] }],
          change: "The firewall is replaced; running notebook servers go on.",
        },
      ),
      selfCheck: key(z.boolean().optional(), {
        description:
          "Whether `pulumi up` ends with attacks from inside a throw-away notebook server, and fails where one succeeds. " +
          "It takes about six seconds, and runs again only when something changed. `npm run probe` does it at any time.",
        expected: "true or false",
        example: true,
        otherwise: "`true` for `lockdown`, `false` for `single-host`",
        change: "Nothing is replaced.",
      }),
    })
    .prefault({}),
  {
    description: "The notebooks' network.",
    expected: "a map with the keys subnet, allow, selfCheck",
    example: { subnet: "10.200.8.0/21" },
  },
);
