/** Reads tags from requests and writes them into answers, by the rules of RDS tags. */
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { list, type XmlList } from '../protocol/xml';

const MOST_TAGS = 50;

export function readTags(request: QueryRequest): Record<string, string> | undefined {
  const records = request.records('Tags');
  if (!records) return undefined;
  const tags = Object.fromEntries(records.map((tag) => [tag.requiredText('Key'), tag.text('Value') ?? '']));
  for (const [key, value] of Object.entries(tags)) requireValidTag(key, value);
  requireFewEnough(tags);
  return tags;
}

export function requireFewEnough(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length <= MOST_TAGS) return;
  throw new RdsFault('InvalidParameterValue', `A resource can have at most ${MOST_TAGS} tags.`);
}

export function tagList(tags: Readonly<Record<string, string>>): XmlList {
  return list(
    'Tag',
    Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  );
}

function requireValidTag(key: string, value: string): void {
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
  const valid = key.length <= 128 && value.length <= 256 && allowed.test(key) && allowed.test(value);
  if (!valid || /^(aws|rds):/.test(key)) {
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid tag ${JSON.stringify(key)}=${JSON.stringify(value)}: a key has 1 to 128 and a value up to 256 letters, digits, spaces ` +
        'or any of "_.:/=+-@", and a key must not begin with "aws:" or "rds:".',
    );
  }
}
