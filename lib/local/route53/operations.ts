/** The operations of the local Route 53: finds the one a request asks for, and says what it answers. */
import type { EndpointRequest } from '../http/http-endpoint';
import { list, type XmlTree } from '../rds/protocol/xml';
import { readChangeBatch } from './change-batch';
import type { ChangeInfo, HostedZone } from './hosted-zone';
import { fullName, type RecordSet } from './record-set';
import { Route53Fault } from './route53-fault';

interface Asked {
  readonly zone: HostedZone;
  /** What the path names: a zone or a change. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Operation {
  readonly method: string;
  readonly path: RegExp;
  readonly run: (asked: Asked) => XmlTree | Promise<XmlTree>;
}

const MOST_ITEMS = 300;

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ChangeResourceRecordSets: { method: 'POST', path: /^hostedzone\/([^/]+)\/rrset\/?$/, run: changeRecords },
  GetChange: { method: 'GET', path: /^change\/([^/]+)$/, run: getChange },
  GetHostedZone: { method: 'GET', path: /^hostedzone\/([^/]+)$/, run: getHostedZone },
  ListResourceRecordSets: { method: 'GET', path: /^hostedzone\/([^/]+)\/rrset\/?$/, run: listRecords },
};

/** @returns the operation's name and its result @throws Route53Fault */
export async function answerOf(
  zone: HostedZone,
  { method, path, body }: EndpointRequest,
): Promise<readonly [string, XmlTree]> {
  const { pathname, searchParams } = new URL(path, 'http://route53');
  const resource = /^\/2013-04-01\/(.+)$/.exec(decodeURIComponent(pathname))?.[1] ?? '';
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [, id] = (operation.method === method && operation.path.exec(resource)) || [];
    if (id !== undefined) return [name, await operation.run({ zone, id, query: searchParams, body })];
  }
  throw new Route53Fault(
    'InvalidInput',
    `${method} ${pathname} is not implemented by the local Route 53 endpoint. It has: ${Object.keys(OPERATIONS).join(', ')}.`,
  );
}

async function changeRecords({ zone, id, body }: Asked): Promise<XmlTree> {
  requireZone(zone, id);
  return { ChangeInfo: changeView(await zone.change(readChangeBatch(body))) };
}

function getChange({ zone, id }: Asked): XmlTree {
  return { ChangeInfo: changeView(zone.changeInfo(id)) };
}

function getHostedZone({ zone, id }: Asked): XmlTree {
  requireZone(zone, id);
  const { name, size } = zone;
  return {
    HostedZone: {
      Id: `/hostedzone/${id}`,
      Name: name,
      CallerReference: 'local',
      Config: { PrivateZone: true },
      ResourceRecordSetCount: size,
    },
  };
}

function listRecords({ zone, id, query }: Asked): XmlTree {
  requireZone(zone, id);
  const [name, type] = [query.get('name'), query.get('type')];
  if (type && !name) throw new Route53Fault('InvalidInput', 'A record type to begin with needs a name to begin with.');
  const most = Math.min(MOST_ITEMS, Number(query.get('maxitems') ?? MOST_ITEMS));
  if (!(most >= 1)) throw new Route53Fault('InvalidInput', `Invalid maxitems "${query.get('maxitems')}".`);
  const records = name ? zone.listed({ name: fullName(name), type: type ?? '' }) : zone.listed({ name: '', type: '' });
  const next = records[most];
  return {
    ResourceRecordSets: list('ResourceRecordSet', records.slice(0, most).map(recordView)),
    IsTruncated: next !== undefined,
    ...(next && { NextRecordName: next.name, NextRecordType: next.type }),
    MaxItems: most,
  };
}

function requireZone(zone: HostedZone, id: string): void {
  if (zone.id !== id) throw new Route53Fault('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
}

function changeView({ id, status, submittedAt }: ChangeInfo): XmlTree {
  return { Id: `/change/${id}`, Status: status, SubmittedAt: submittedAt };
}

function recordView({ name, type, ttl, values }: RecordSet): XmlTree {
  const records = values.map((value) => ({ Value: value }));
  return { Name: name, Type: type, TTL: ttl, ResourceRecords: list('ResourceRecord', records) };
}
