/** Cuts lists into pages as the RDS API does: MaxRecords and Marker. */
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';

export interface Page<T> {
  items: T[];
  /** To be sent back for the next page; undefined on the last. */
  marker: string | undefined;
}

/**
 * A marker holds the key of the last item given out, so a page stays right when items come or go in between.
 *
 * @param key unique, and in the order in which the items are to be shown
 */
export function page<T>(request: QueryRequest, all: readonly T[], key: (item: T) => string): Page<T> {
  const size = request.integer('MaxRecords') ?? 100;
  if (size < 20 || size > 100) {
    throw new RdsFault('InvalidParameterValue', `Invalid value ${size} for MaxRecords: must be from 20 to 100.`);
  }
  const after = decodeMarker(request.text('Marker'));
  const rest = all
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .filter((entry) => after === undefined || entry.key > after);
  const last = rest[size - 1];
  const items = rest.slice(0, size).map((entry) => entry.item);
  return { items, marker: last && rest.length > size ? encodeMarker(last.key) : undefined };
}

function encodeMarker(key: string): string {
  return Buffer.from(`after:${key}`).toString('base64url');
}

function decodeMarker(marker: string | undefined): string | undefined {
  if (marker === undefined || marker === '') return undefined;
  const text = Buffer.from(marker, 'base64url').toString();
  if (!text.startsWith('after:')) {
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid Marker ${JSON.stringify(marker)}: send back one that a call returned.`,
    );
  }
  return text.slice('after:'.length);
}
