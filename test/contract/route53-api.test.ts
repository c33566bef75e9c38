/** The local Route 53, asked by AWS's own client, and the adapter in front of it. */
import {
  ChangeResourceRecordSetsCommand,
  type ChangeResourceRecordSetsCommandInput,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { Route53Endpoint } from '../../lib/endpoints/route53/route53-endpoint';
import { LocalRoute53 } from '../../lib/local/route53/local-route53';
import type { RecordSet } from '../../lib/local/route53/record-set';

const ZONE = 'Z0123456789ABCDEFGHIJ';
const RECORD = 'orders-db.internal.example.com';

let nowMs: number;
let route53: LocalRoute53;
let client: Route53Client;
let answered: string[];
let accepted: string[];
let slept: number[];

const values = (records: readonly RecordSet[]) =>
  records.filter(({ name }) => name === `${RECORD}.`).flatMap((record) => record.values);

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  answered = [];
  accepted = [];
  slept = [];
  route53 = await LocalRoute53.serve({
    id: ZONE,
    name: 'internal.example.com',
    clock: { now: () => nowMs, sleep: async () => undefined },
    records: [{ name: `${RECORD}.`, type: 'CNAME', ttl: 5, values: ['blue.rds.amazonaws.com'] }],
    onAccepted: async (records) => {
      accepted = values(records);
    },
    onAnswered: async (records) => {
      answered = values(records);
    },
  });
  client = new Route53Client({
    endpoint: route53.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await route53.close();
});

type Change = NonNullable<NonNullable<ChangeResourceRecordSetsCommandInput['ChangeBatch']>['Changes']>[number];

function change(Action: Change['Action'], Name: string, Value: string, Type: 'CNAME' | 'TXT' = 'CNAME'): Change {
  return { Action, ResourceRecordSet: { Name, Type, TTL: 5, ResourceRecords: [{ Value }] } };
}

function send(...Changes: Change[]) {
  return client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: ZONE, ChangeBatch: { Changes } }));
}

/** Time in which a zone is done with a change, and the account may ask again. */
function aWhile(ms = 1_000) {
  nowMs += ms;
}

describe('a change', () => {
  it('is PENDING until it is INSYNC after 45 s, and listed at once', async () => {
    const { ChangeInfo } = await send(change('UPSERT', RECORD, 'green.rds.amazonaws.com'));
    expect(ChangeInfo).toEqual({
      Id: expect.stringMatching(/^\/change\/C[0-9A-F]+$/),
      Status: 'PENDING',
      SubmittedAt: new Date(nowMs),
    });
    const listed = await client.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, StartRecordName: RECORD, StartRecordType: 'CNAME' }),
    );
    expect(listed.ResourceRecordSets).toEqual([
      { Name: `${RECORD}.`, Type: 'CNAME', TTL: 5, ResourceRecords: [{ Value: 'green.rds.amazonaws.com' }] },
    ]);
    const status = async () =>
      (await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status ?? '';
    nowMs += 44_999;
    expect(await status()).toBe('PENDING');
    nowMs += 1;
    expect(await status()).toBe('INSYNC');
  });

  it('reaches resolvers later, and is not INSYNC before', async () => {
    route53.settings.answersMs = 1;
    const resolved = new Promise<void>((resolve) => {
      const before = answered;
      const look = setInterval(() => {
        if (answered !== before) {
          clearInterval(look);
          resolve();
        }
      });
    });
    const { ChangeInfo } = await send(change('UPSERT', RECORD, 'green.rds.amazonaws.com'));
    expect(accepted).toEqual(['green.rds.amazonaws.com']);
    await resolved;
    expect(answered).toEqual(['green.rds.amazonaws.com']);
    nowMs += 45_000;
    expect((await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status).toBe('INSYNC');
  });

  it('is refused while the zone is busy with the one before', async () => {
    await send(change('UPSERT', RECORD, 'green.rds'));
    aWhile(249);
    await expect(send(change('UPSERT', RECORD, 'blue.rds'))).rejects.toMatchObject({
      name: 'PriorRequestNotComplete',
      $metadata: { httpStatusCode: 400 },
      message: 'The request was rejected because Route 53 was still processing a prior request.',
    });
    aWhile(1);
    await send(change('UPSERT', RECORD, 'blue.rds'));
    expect(accepted).toEqual(['blue.rds']);
  });

  it.each([
    ['creates what exists', [change('CREATE', RECORD, 'green.rds')], /Tried to create .* but it already exists/],
    ['deletes what does not', [change('DELETE', `no.${RECORD}`, 'a')], /Tried to delete .* but it was not found/],
    ['deletes another value', [change('DELETE', RECORD, 'a')], /do not match the current values/],
    ['is for another zone', [change('UPSERT', 'orders.example.org', 'a')], /is not permitted in zone internal/],
    ['makes the zone itself an alias', [change('UPSERT', 'internal.example.com.', 'a')], /not permitted at apex/],
    ['puts something beside a CNAME', [change('CREATE', RECORD, '"a"', 'TXT')], /conflicts with other records/],
  ])('that %s is refused, with all that was to come with it', async (_what, changes, message) => {
    await expect(send(change('UPSERT', `other.${RECORD}`, 'a.rds'), ...changes)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    expect(accepted).toEqual([]);
    expect(route53.zone.size).toBe(3);
  });

  it('of something that is not understood is refused and not ignored', async () => {
    const weighted = change('UPSERT', RECORD, 'a.rds');
    const routed = { ...weighted, ResourceRecordSet: { ...weighted.ResourceRecordSet, SetIdentifier: 'a', Weight: 1 } };
    await expect(send(routed as Change)).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/Not implemented .*: \w+/),
    });
  });
});

describe('the account', () => {
  it('has five requests a second, whatever they ask for', async () => {
    const ask = () => client.send(new GetHostedZoneCommand({ Id: `/hostedzone/${ZONE}` }));
    for (let request = 0; request < 5; request += 1) {
      expect((await ask()).HostedZone).toMatchObject({
        Id: `/hostedzone/${ZONE}`,
        Name: 'internal.example.com.',
        Config: { PrivateZone: true },
        ResourceRecordSetCount: 3,
      });
    }
    await expect(ask()).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    aWhile(200);
    await ask();
    await expect(ask()).rejects.toMatchObject({ name: 'Throttling' });
  });

  it('has this zone and its changes only', async () => {
    await expect(client.send(new GetHostedZoneCommand({ Id: 'ZOTHER' }))).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(client.send(new GetChangeCommand({ Id: '/change/COTHER' }))).rejects.toMatchObject({
      name: 'NoSuchChange',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

it('lists a zone in its order, page by page', async () => {
  await send(
    change('CREATE', 'b.internal.example.com', '"text"', 'TXT'),
    change('CREATE', 'z.a.internal.example.com', 'host.rds'),
  );
  const names: string[] = [];
  for (let from: { StartRecordName?: string | undefined; StartRecordType?: 'TXT' | undefined } = {}; ; ) {
    aWhile();
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, MaxItems: 2, ...from }));
    names.push(...(page.ResourceRecordSets ?? []).map(({ Name, Type }) => `${Type} ${Name}`));
    if (!page.IsTruncated) {
      break;
    }
    from = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType as 'TXT' };
  }
  expect(names).toEqual([
    'NS internal.example.com.',
    'SOA internal.example.com.',
    'CNAME z.a.internal.example.com.',
    'TXT b.internal.example.com.',
    `CNAME ${RECORD}.`,
  ]);
});

describe('the endpoint', () => {
  const GREEN = { host: 'green.rds.amazonaws.com', port: 5432 };
  const BLUE = { host: 'blue.rds.amazonaws.com', port: 5432 };
  let endpoint: Route53Endpoint;
  beforeEach(() => {
    endpoint = new Route53Endpoint({
      route53: client,
      hostedZoneId: ZONE,
      recordName: RECORD,
      ttlSeconds: 5,
      clock: {
        now: () => nowMs,
        sleep: async (ms) => {
          slept.push(ms);
          nowMs += ms;
        },
      },
    });
  });

  it('leads to the new side as soon as that is accepted, and has settled when it is INSYNC', async () => {
    expect(await endpoint.target()).toEqual({ host: BLUE.host });
    const swapId = await endpoint.swap(GREEN, { onceWithinMs: 10_000 });
    expect(await endpoint.target()).toEqual({ host: GREEN.host });
    expect(await endpoint.settled(swapId)).toBe(false);
    aWhile(45_000);
    expect(await endpoint.settled(swapId)).toBe(true);
    expect(slept).toEqual([]);
  });

  it('is led back while the first change is PENDING, as soon as the zone is not busy with it', async () => {
    await endpoint.swap(GREEN, { onceWithinMs: 10_000 });
    await endpoint.swap(BLUE);
    expect(await endpoint.target()).toEqual({ host: BLUE.host });
    expect(slept).toEqual([250]);
  });

  it('does not come to rest, and says so, when Route 53 throttles for good', async () => {
    route53.settings.requestsPerSecond = 0;
    await expect(endpoint.target()).rejects.toThrow('Route 53 is not available right now: Rate exceeded');
    expect(slept).toEqual([250, 500, 1_000, 2_000, 4_000]);
    slept = [];
    await expect(endpoint.swap(GREEN, { onceWithinMs: 10_000 })).rejects.toThrow('Rate exceeded');
    expect(slept).toEqual([]);
  });

  it('may be moved again to where it leads', async () => {
    await endpoint.swap(GREEN);
    await endpoint.swap(GREEN);
    expect(await endpoint.target()).toEqual({ host: GREEN.host });
  });
});
