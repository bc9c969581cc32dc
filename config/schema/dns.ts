/** `dns`: what the records in the outputs say. */
import { z } from "zod";
import { ipVersion } from "../cidr";
import { HOST_NAME, key } from "./key";

const OUTPUT = "The outputs change; nothing is replaced.";

export const dns = key(
  z
    .strictObject({
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
          description: "Addresses under which browsers reach the hub: A and AAAA records.",
          otherwise: "`ports.address`, or the Docker host's",
          expected: "a list of IP addresses",
          example: ["192.0.2.10", "2001:db8::10"],
          change: OUTPUT,
        },
      ),
      target: key(z.string().regex(HOST_NAME).optional(), {
        description:
          "Host name that the domain stands for, such as a load balancer's: a CNAME instead of addresses.",
        otherwise: "none, or the Docker host's name where it is given by name",
        expected: "a host name",
        example: "lb.example.net",
        change: OUTPUT,
      }),
      ttl: key(z.int().min(30).max(604_800).default(300), {
        description: "Seconds that resolvers may keep the records.",
        expected: "a whole number of seconds from 30 to 604800",
        example: 3600,
        change: OUTPUT,
      }),
      caaIssuer: key(z.string().regex(HOST_NAME).optional(), {
        description: "Name of the one authority that may issue certificates for the domain: a CAA record.",
        otherwise: "`letsencrypt.org` with Let's Encrypt, else no record",
        expected: "the domain name of a certificate authority",
        example: "letsencrypt.org",
        change: OUTPUT,
      }),
    })
    .prefault({}),
  {
    description: "DNS records that the stack puts out, for `examples/dns` or by hand.",
    expected: "a map with the keys addresses, target, ttl, caaIssuer",
    example: { addresses: ["192.0.2.10"] },
    change: OUTPUT,
  },
);
