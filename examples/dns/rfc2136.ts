import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { RecordSet } from "./record-sets";

/** A name server that takes updates by RFC 2136, signed with a TSIG key: BIND, Knot, PowerDNS, Windows. */
export interface Rfc2136Server {
  readonly host: string;
  readonly port: number;
  readonly zone: string;
  readonly key: { readonly name: string; readonly algorithm: string; readonly secret: pulumi.Input<string> };
}

// The key is on standard input: on the command line everybody on the machine could read it.
const send = (updates: string) => `set -eu
{
  printf 'server %s %s\\nzone %s\\nkey %s:%s %s\\n' "$SERVER" "$PORT" "$ZONE" "$KEY_ALGORITHM" "$KEY_NAME" "$KEY_SECRET"
  printf 'update delete %s %s\\n' "$NAME" "$TYPE"
  ${updates}
  printf 'send\\n'
} | nsupdate -t 10
`;

// A name server takes no CNAME beside other records, and says nothing of it. What was there under another type goes first.
const REPLACE = send(`case "$TYPE" in
    CNAME) printf 'update delete %s\\n' "$NAME" ;;
    *) printf 'update delete %s CNAME\\n' "$NAME" ;;
  esac
  printf '%s\\n' "$VALUES" | while IFS= read -r value; do
    printf 'update add %s %s %s %s\\n' "$NAME" "$TTL" "$TYPE" "$value"
  done`);
const REMOVE = send(":");

/** The records of one name and type in a zone. What else is in the zone is left alone. */
export class Rfc2136RecordSet extends pulumi.ComponentResource {
  constructor(
    name: string,
    { server, set }: { server: Rfc2136Server; set: RecordSet },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("jupyterhub-dns:rfc2136:RecordSet", name, {}, opts);
    const isName = set.type === "CNAME";
    new command.local.Command(
      `${name} update`,
      {
        create: REPLACE,
        delete: REMOVE,
        environment: {
          SERVER: server.host,
          PORT: String(server.port),
          ZONE: server.zone,
          KEY_ALGORITHM: server.key.algorithm,
          KEY_NAME: server.key.name,
          KEY_SECRET: pulumi.secret(server.key.secret),
          NAME: `${set.name}.`,
          TYPE: set.type,
          TTL: String(set.ttl),
          VALUES: set.values.map((value) => (isName ? `${value}.` : value)).join("\n"),
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
