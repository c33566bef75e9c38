/** Applies the Filters of a Describe action. */
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';

/** For each filter name the texts of an item it looks at. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => readonly string[]>>;

/** An item passes when every filter has one of its values. @throws RdsFault for a filter name that is not in the table */
export function filtered<T>(request: QueryRequest, all: readonly T[], table: FilterTable<T>): T[] {
  const filters = (request.records('Filters') ?? []).map((filter) => {
    const name = filter.requiredText('Name');
    const texts = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!texts) {
      const known = Object.keys(table).join(', ') || 'none';
      throw new RdsFault('InvalidParameterValue', `Unrecognized filter name: ${name}. Known here: ${known}.`);
    }
    return { texts, values: filter.texts('Values') ?? [] };
  });
  return all.filter((item) => filters.every(({ texts, values }) => texts(item).some((text) => values.includes(text))));
}
