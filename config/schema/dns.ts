/** `dns`: what the records in the outputs say. */
import { z } from "zod";

import { ipVersion } from "../values/cidr";
import { HOST_NAME, key, section } from "./key";

const OUTPUT = "The outputs change; nothing is replaced.";

export const dns = section(
  {
    addresses: key(
      z
        .array(
          key(
            z.string().refine((value) => ipVersion(value) !== 0),
            {
              description: "An IPv4 or IPv6 address.",
              expected: "an IP address",
              example: "192.0.2.10",
            },
          ),
        )
        .default([]),
      {
        description: "Addresses at which browsers reach the hub: A and AAAA records.",
        otherwise: "`ports.address`, or the Docker host's",
        expected: "a list of IP addresses",
        example: ["192.0.2.10", "2001:db8::10"],
        change: OUTPUT,
      },
    ),
    target: key(z.string().regex(HOST_NAME).optional(), {
      description:
        "Host name that the domain is an alias of, such as a load balancer's: a CNAME instead of addresses.",
      otherwise: "the Docker host's name if `docker.host` has one, else none",
      expected: "a host name",
      example: "lb.example.net",
      change: OUTPUT,
    }),
    ttl: key(z.int().min(30).max(604_800).default(300), {
      description: "Seconds that resolvers may cache the records.",
      expected: "a whole number of seconds from 30 to 604800",
      example: 3600,
      change: OUTPUT,
    }),
    caaIssuer: key(z.string().regex(HOST_NAME).optional(), {
      description: "The only authority that may issue certificates for the domain: a CAA record.",
      otherwise: "`letsencrypt.org` with Let's Encrypt, else no record",
      expected: "the domain name of a certificate authority",
      example: "letsencrypt.org",
      change: OUTPUT,
    }),
  },
  {
    description: "DNS records in the stack's outputs, to apply with `examples/dns` or by hand.",
    example: { addresses: ["192.0.2.10"] },
    change: OUTPUT,
  },
).prefault({});
