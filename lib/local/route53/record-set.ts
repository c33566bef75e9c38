/** A record of a hosted zone, its name as Route 53 writes it, and the order in which a zone lists its records. */

export interface RecordSet {
  /** Lower case, with its trailing dot. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
}

/** `Orders-DB.example.com` becomes `orders-db.example.com.`, and `*` what it is escaped to. */
export function fullName(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '').replaceAll('*', '\\052')}.`;
}

/** By the labels from the last one on, as zones are sorted; then by type. */
export function inOrderOfZone(one: Pick<RecordSet, 'name' | 'type'>, other: Pick<RecordSet, 'name' | 'type'>): number {
  return compare(reversed(one.name), reversed(other.name)) || compare(one.type, other.type);
}

function reversed(name: string): string {
  return name.split('.').reverse().join('\u0000');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
