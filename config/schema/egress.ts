/** `egress`: what notebooks of a lockdown may reach outside. */
import { z } from "zod";

import { key, port, section, sections } from "./key";
import { groupName } from "./people";

/** `packages.example.org` or `*.example.org`; at least one dot, so that a mistyped list does not open all of `org`. */
const HOST_PATTERN =
  /^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?![0-9]+$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

const NEXT = "The egress proxy is replaced: downloads in progress break.";

export const egress = section(
  {
    allow: sections(
      {
        host: key(z.string().regex(HOST_PATTERN), {
          description:
            "Host name; `*.example.org` stands for all names under example.org, but not for example.org itself.",
          expected: "a host name such as packages.example.org, or *.example.org for all names under it",
          example: "packages.example.org",
          change: NEXT,
        }).transform((name) => name.toLowerCase()),
        ports: key(z.array(port).min(1).default([443]), {
          description: "TCP ports.",
          expected: "a list of ports from 1 to 65535",
          example: [443],
          change: NEXT,
        }),
        groups: key(z.array(groupName()).min(1).optional(), {
          description:
            "Groups of the hub whose members may reach the host. A change of somebody's groups takes effect at their " +
            "server's next start.",
          expected: "a list of names of groups",
          example: ["physics"],
          otherwise: "everybody",
          change: NEXT,
        }),
      },
      {
        description:
          "Hosts that notebooks may reach, through a proxy that pip, conda, npm, R and git find in the environment. " +
          "Names that resolve to private addresses are refused. Each request is logged with the user's name.",
        example: [{ host: "packages.example.org" }, { host: "files.example.org" }],
        otherwise: "nothing",
        change: NEXT,
      },
    ).default([]),
  },
  {
    description: "The way out of a lockdown.",
    example: { allow: [{ host: "packages.example.org" }, { host: "files.example.org" }] },
  },
).prefault({});
