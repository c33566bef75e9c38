/** Reads and judges a ChangeResourceRecordsRequest: all of its changes are made, or none. */
import { fullName, type RecordSet } from './record-set';
import { Route53Fault } from './route53-fault';
import { XmlElement } from './xml-element';

export interface RecordChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly record: RecordSet;
}

const ACTIONS: readonly string[] = ['CREATE', 'DELETE', 'UPSERT'];
/** Everything else of a record set (aliases, routing policies, health checks) is refused, not ignored. */
const UNDERSTOOD: readonly string[] = ['Name', 'Type', 'TTL', 'ResourceRecords'];
const LONGEST_TTL = 2_147_483_647;

/** @throws Route53Fault */
export function readChangeBatch(body: string): RecordChange[] {
  const document = XmlElement.parse(body);
  const changes = document.child('ChangeBatch')?.child('Changes')?.children ?? [];
  if (document.name !== 'ChangeResourceRecordSetsRequest' || changes.length === 0) {
    throw new Route53Fault('InvalidInput', 'The request needs a ChangeBatch with at least one Change.');
  }
  return changes.map(readChange);
}

function readChange(change: XmlElement): RecordChange {
  const action = change.textOf('Action') ?? '';
  const record = change.child('ResourceRecordSet');
  if (!ACTIONS.includes(action) || !record) {
    throw new Route53Fault('InvalidInput', `Invalid Action "${action}", or a Change without ResourceRecordSet.`);
  }
  const unknown = record.children.filter(({ name }) => !UNDERSTOOD.includes(name));
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name).join(', ');
    throw new Route53Fault('InvalidInput', `Not implemented by the local Route 53 endpoint: ${names}.`);
  }
  const ttl = record.textOf('TTL') ?? '';
  const values = record.child('ResourceRecords')?.children.map((each) => each.textOf('Value') ?? '') ?? [];
  if (!/^\d+$/.test(ttl) || Number(ttl) > LONGEST_TTL || values.length === 0 || values.includes('')) {
    throw new Route53Fault(
      'InvalidInput',
      'A record set needs a TTL of 0 to 2147483647 and ResourceRecords with a Value.',
    );
  }
  const [name, type] = [fullName(record.textOf('Name') ?? ''), record.textOf('Type') ?? ''];
  return { action: action as RecordChange['action'], record: { name, type, ttl: Number(ttl), values } };
}

/** @returns the zone's records afterwards @throws Route53Fault InvalidChangeBatch with everything that speaks against it */
export function appliedTo(records: readonly RecordSet[], changes: readonly RecordChange[], zone: string): RecordSet[] {
  const problems: string[] = [];
  let after = [...records];
  for (const { action, record } of changes) {
    const existing = after.find(({ name, type }) => name === record.name && type === record.type);
    const others = after.filter((each) => each !== existing);
    problems.push(...(action === 'DELETE' ? [] : whyNotAdded(record, others, zone)));
    if (action === 'CREATE' && existing) {
      problems.push(`Tried to create resource record set ${inWords(record)} but it already exists`);
    }
    if (action === 'DELETE' && (!existing || JSON.stringify(existing) !== JSON.stringify(record))) {
      const why = existing ? 'the values provided do not match the current values' : 'it was not found';
      problems.push(`Tried to delete resource record set ${inWords(record)} but ${why}`);
    }
    after = action === 'DELETE' ? others : [...others, record];
  }
  if (problems.length > 0) throw new Route53Fault('InvalidChangeBatch', `[${problems.join(', ')}]`);
  return after;
}

function whyNotAdded({ name, type, values }: RecordSet, others: readonly RecordSet[], zone: string): string[] {
  const what = `RRSet of type ${type} with DNS name ${name}`;
  if (name !== zone && !name.endsWith(`.${zone}`)) {
    return [`RRSet with DNS name ${name} is not permitted in zone ${zone}`];
  }
  const sameName = others.filter((other) => other.name === name);
  if (type === 'CNAME') {
    const [value = ''] = values;
    return [
      ...(name === zone ? [`${what} is not permitted at apex in zone ${zone}`] : []),
      ...(values.length > 1 ? [`${what} may have one value only`] : []),
      ...(/^[\w*-]+(\.[\w-]+)*\.?$/.test(value) ? [] : [`Invalid Resource Record: '${value}' is no domain name`]),
      ...(sameName.length > 0 ? [conflict(what, zone)] : []),
    ];
  }
  return sameName.some((other) => other.type === 'CNAME') ? [conflict(what, zone)] : [];
}

function conflict(what: string, zone: string): string {
  return `${what} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`;
}

function inWords({ name, type }: RecordSet): string {
  return `[name='${name}', type='${type}']`;
}
