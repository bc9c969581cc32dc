import * as pulumi from "@pulumi/pulumi";

import { type DnsRecords, recordSets } from "./record-sets";
import { Rfc2136RecordSet, type Rfc2136Server } from "./rfc2136";

/** Reads the records of a hub's stack and has a name server hold them: those and, of this project's, no others. */
async function deploy(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config();
  const server: Rfc2136Server = {
    host: config.require("server"),
    port: config.getNumber("port") ?? 53,
    zone: config.require("zone"),
    key: {
      name: config.require("keyName"),
      algorithm: config.get("keyAlgorithm") ?? "hmac-sha256",
      secret: config.requireSecret("keySecret"),
    },
  };
  const hub = new pulumi.StackReference(config.require("hub"));
  // As a plain value, so that a preview shows which records come and go.
  const output = (await hub.getOutputDetails("dnsRecords")) as { value?: DnsRecords };
  const { inZone, others } = recordSets(output.value ?? [], server.zone);
  for (const set of inZone) {
    new Rfc2136RecordSet(`${set.name} ${set.type}`, { server, set });
  }
  return {
    records: inZone.map(({ name, type, values }) => `${name} ${type} ${values.join(", ")}`),
    // Names of another zone: another stack of this project can hold them.
    otherZones: others.map(({ name, type }) => `${name} ${type}`),
  };
}

export = deploy;
