import type { DnsValues } from "../../stacks/outputs";

/** Records as the hub's stack puts them out. */
export type DnsRecords = DnsValues["dnsRecords"];

/** All records of one name and type: name servers hold and replace them as one. */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
  /** Seconds. */
  readonly ttl: number;
}

/** Records by name and type, sorted, those of a zone apart from the others. */
export function recordSets(
  records: DnsRecords,
  zone: string,
): { readonly inZone: readonly RecordSet[]; readonly others: readonly RecordSet[] } {
  const sets = new Map<string, RecordSet>();
  for (const { name, type, value, ttl } of records) {
    const id = `${name} ${type}`;
    const values = [...(sets.get(id)?.values ?? []), value].sort();
    sets.set(id, { name, type, values, ttl });
  }
  const sorted = [...sets.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
  const isInZone = ({ name }: RecordSet) => name === zone || name.endsWith(`.${zone}`);
  return { inZone: sorted.filter(isInZone), others: sorted.filter((set) => !isInZone(set)) };
}
