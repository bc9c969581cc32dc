/** `network`: addresses of the stack's networks on one host, and what notebooks may reach directly. */
import { isIPv4 } from "node:net";
import { z } from "zod";

import { contains, isPrivate, parseCidr } from "../values/cidr";
import { flag, key, port, section, sections } from "./key";

const NETWORK_REPLACED =
  "The notebooks' network is replaced: running notebook servers are stopped, hub and proxy are replaced.";

/** A network of 256 to 65,536 addresses, written with its first one. */
function isSubnet(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.bits >= 16 && cidr.bits <= 24;
}

/** A network of 16 to 65,536 private addresses, written with its first one. */
function isPrivateSubnet(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.bits >= 16 && cidr.bits <= 28 && isPrivate(cidr);
}

/** Addresses of a network that the engine chooses otherwise. */
const moved = (name: string, what: string, example: string, change: string) =>
  key(z.string().refine(isPrivateSubnet).optional(), {
    description: `Addresses of the network \`${name}\`: ${what}. It must not overlap another network of the host.`,
    expected: `a private IPv4 network from /16 to /28, written with its first address, such as ${example}`,
    example,
    otherwise: "chosen by the engine from its address pools",
    change,
  });

/** One address, or a network. */
function isTarget(text: string): boolean {
  const cidr = isIPv4(text) ? parseCidr(`${text}/32`) : parseCidr(text);
  // All of it at once would be no firewall.
  return cidr !== undefined && !contains(cidr, "0.0.0.0");
}

export const network = section(
  {
    subnet: key(z.string().refine(isSubnet).optional(), {
      description:
        "Addresses of the notebooks' network on the Docker host (in a Swarm: `swarm.network.subnet`). The second half is " +
        "for notebook servers. It must not overlap another network of the host, or contain a server that the hub connects to.",
      expected: "an IPv4 network from /16 to /24, such as 10.200.8.0/21",
      example: "10.200.8.0/21",
      otherwise: "a /21 network in 10.128.0.0/9, chosen from the stack's name",
      change: NETWORK_REPLACED,
    }),
    public: moved(
      "public",
      "the proxy, whose ports are published on it, and in a lockdown the hub's way out",
      "10.201.0.0/24",
      "That network is replaced, and with it the proxy's container (and in a lockdown the hub's): connections break for " +
        "a few seconds; notebook servers keep running.",
    ),
    control: moved(
      "control",
      "the proxy's API, the server of routes, the Docker filter and the database, out of notebooks' reach",
      "10.201.1.0/24",
      "That network is replaced, and with it the containers of hub, proxy, routes, Docker filter and database; notebook " +
        "servers keep running.",
    ),
    egress: moved(
      "egress",
      "the egress proxy's way out of a lockdown; only for a `lockdown` with `egress.allow`",
      "10.201.2.0/24",
      "That network is replaced, and with it the egress proxy's container; notebook servers keep running.",
    ),
    mtu: key(z.int().min(576).max(65_535).optional(), {
      description:
        "Largest packet in bytes (MTU) on all networks of the stack, in a Swarm too. Clouds and VPNs whose own networks carry less " +
        "than 1500 need it: connections to some sites hang otherwise. Builds of images use the engine's default network, whose " +
        'MTU is `"mtu"` in `/etc/docker/daemon.json`.',
      expected: "a whole number of bytes from 576 to 65535",
      example: 1450,
      otherwise: "the engine's, 1500 mostly",
      change:
        "All networks of the stack are replaced: running notebook servers are stopped; the stack's other containers are replaced.",
    }),
    allow: sections(
      {
        to: key(z.string().refine(isTarget), {
          description: "Address or network.",
          expected: "an IPv4 address or network, such as 192.168.7.20 or 192.168.7.0/24",
          example: "192.168.7.20",
        }),
        ports: key(z.array(port).default([]), {
          description: "TCP ports; an empty list for all ports and protocols.",
          expected: "a list of ports from 1 to 65535",
          example: [5432],
        }),
      },
      {
        description:
          "Private addresses that notebooks may reach, such as your database or file server. All others are closed, " +
          "and so are the Docker host and cloud metadata. A lockdown has `egress.allow` instead. In a `swarm`, " +
          "Swarm's own ports stay closed on every node.",
        example: [{ to: "192.168.7.20", ports: [5432] }],
        change: "The firewall is replaced; notebook servers keep running.",
      },
    ).default([]),
    selfCheck: flag({
      description:
        "End `pulumi up` with attacks from inside a temporary notebook server, and fail if one succeeds. " +
        "This takes about six seconds (half a minute in a `swarm`, where every node is tested), and runs again only when " +
        "something changed. `./hub probe` runs it at any time.",
      example: true,
      otherwise: "`true` for `lockdown`, else `false`",
      change: "Nothing is replaced.",
    }).optional(),
  },
  {
    description: "The stack's networks on one host, and what notebooks may reach directly.",
    example: { subnet: "10.200.8.0/21" },
  },
).prefault({});
