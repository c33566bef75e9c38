/** DescribeEvents. */
import type { EventRecord } from '../model/records';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { list, type XmlTree } from '../protocol/xml';
import { filtered } from './filters';
import { page } from './paging';
import type { Action } from './service';

const MINUTE_MS = 60_000;
const DEFAULT_DURATION_MINUTES = 60;

export const describeEvents: Action = async (request, { account }) => {
  const identifier = request.text('SourceIdentifier');
  const source = request.text('SourceType');
  if (identifier !== undefined && source === undefined) {
    throw new RdsFault('InvalidParameterCombination', 'SourceIdentifier cannot be given without SourceType.');
  }
  const { from, until } = readSpan(request, account.now());
  const categories = request.texts('EventCategories') ?? [];
  const events = filtered(request, account.events, {})
    .filter(({ at }) => at >= from && at <= until)
    .filter((event) => source === undefined || event.source === source)
    .filter((event) => identifier === undefined || event.identifier === identifier.toLowerCase())
    .filter((event) => categories.length === 0 || event.categories.some((category) => categories.includes(category)))
    .map((event, index) => ({ event, key: String(index).padStart(6, '0') }));
  const { items, marker } = page(request, events, ({ key }) => key);
  request.refuseUnread();
  return {
    Events: list(
      'Event',
      items.map(({ event }) => eventView(event)),
    ),
    Marker: marker,
  };
};

function readSpan(request: QueryRequest, now: number): { from: number; until: number } {
  const duration = request.integer('Duration') ?? DEFAULT_DURATION_MINUTES;
  const start = request.time('StartTime');
  const end = request.time('EndTime');
  const until = end ?? (start === undefined ? now : Number.POSITIVE_INFINITY);
  const from = start ?? Math.min(until, now) - duration * MINUTE_MS;
  if (from > until) {
    throw new RdsFault('InvalidParameterCombination', 'StartTime must not be later than EndTime.');
  }
  return { from, until };
}

function eventView({ source, identifier, arn, message, categories, at }: EventRecord): XmlTree {
  return {
    SourceIdentifier: identifier,
    SourceType: source,
    SourceArn: arn,
    Message: message,
    EventCategories: list('EventCategory', categories),
    Date: new Date(at),
  };
}
