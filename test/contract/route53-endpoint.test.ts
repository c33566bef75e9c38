import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Route53Client } from '@aws-sdk/client-route-53';
import { ControlPlaneRefused, TemporarilyUnavailable } from '../../lib/core/errors';
import { Route53Endpoint } from '../../lib/endpoints/route53/route53-endpoint';

const NAMESPACE = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const XML = '<?xml version="1.0" encoding="UTF-8"?>';

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** Speaks Route 53's REST XML: what it answers is set by each test, what it was asked is kept. */
class Route53Stub {
  readonly asked: { method: string; url: string; body: string }[] = [];
  answer: (request: { method: string; url: string }) => Answer | 'never' = () => ({ body: '' });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Route53Stub> {
    const server = createServer();
    const stub = new Route53Stub(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const asked = { method: request.method ?? '', url: request.url ?? '' };
        stub.asked.push({ ...asked, body });
        const answer = stub.answer(asked);
        if (answer === 'never') {
          return;
        }
        const { status = 200, body: text } = answer;
        response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

function records(...items: string[]): Answer {
  return {
    body: `${XML}<ListResourceRecordSetsResponse ${NAMESPACE}><ResourceRecordSets>${items.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>1</MaxItems></ListResourceRecordSetsResponse>`,
  };
}

function record(name: string, type: string, value: string): string {
  return `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
}

function change(operation: string, status: string): Answer {
  return {
    body: `${XML}<${operation}Response ${NAMESPACE}><ChangeInfo><Id>/change/C2682N5HXP0BZ4</Id><Status>${status}</Status><SubmittedAt>2026-03-01T12:00:00Z</SubmittedAt></ChangeInfo></${operation}Response>`,
  };
}

function refusal(status: number, code: string): Answer {
  return {
    status,
    body: `${XML}<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>said no</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  };
}

let stub: Route53Stub;
let client: Route53Client;
let slept: number[];
let endpoint: Route53Endpoint;
beforeEach(async () => {
  stub = await Route53Stub.start();
  client = new Route53Client({
    endpoint: stub.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  slept = [];
  endpoint = new Route53Endpoint({
    route53: client,
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    recordName: 'orders-db.internal.example.com',
    ttlSeconds: 5,
    clock: {
      now: () => 0,
      sleep: async (ms) => {
        slept.push(ms);
      },
    },
  });
});
afterEach(async () => {
  client.destroy();
  await stub.close();
});

describe('the target', () => {
  it('is what the CNAME says, without its trailing dot', async () => {
    stub.answer = () =>
      records(record('orders-db.internal.example.com.', 'CNAME', 'Blue.abc.eu-west-1.rds.amazonaws.com.'));
    expect(await endpoint.target()).toEqual({ host: 'blue.abc.eu-west-1.rds.amazonaws.com' });
    expect(stub.asked).toEqual([
      {
        method: 'GET',
        url: '/2013-04-01/hostedzone/Z0123456789ABCDEFGHIJ/rrset?maxitems=1&name=orders-db.internal.example.com&type=CNAME',
        body: '',
      },
    ]);
  });

  it.each([
    ['there is no record at all', records()],
    ['the next name in the zone', records(record('other.internal.example.com.', 'CNAME', 'blue.rds'))],
    ['a wildcard', records(record('\\052.internal.example.com.', 'CNAME', 'blue.rds'))],
    ['a record of another type', records(record('orders-db.internal.example.com.', 'TXT', '"blue"'))],
    [
      'an alias, which names no host',
      records(
        '<ResourceRecordSet><Name>orders-db.internal.example.com.</Name><Type>CNAME</Type><AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>blue.rds.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet>',
      ),
    ],
  ])('is nowhere when Route 53 answers with %s', async (_what, answer) => {
    stub.answer = () => answer;
    expect(await endpoint.target()).toBeUndefined();
  });
});

describe('a swap', () => {
  it('upserts the CNAME, and is over when Route 53 has accepted it', async () => {
    stub.answer = () => change('ChangeResourceRecordSets', 'PENDING');
    expect(await endpoint.swap({ host: 'green.abc.rds.amazonaws.com', port: 5432 })).toBe('/change/C2682N5HXP0BZ4');
    const [upsert, ...others] = stub.asked;
    expect(upsert?.url).toMatch(/^\/2013-04-01\/hostedzone\/Z0123456789ABCDEFGHIJ\/rrset\/?$/);
    expect(upsert?.body.replace(/^<\?xml[^>]*>/, '')).toBe(
      `<ChangeResourceRecordSetsRequest ${NAMESPACE}><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>orders-db.internal.example.com</Name><Type>CNAME</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>green.abc.rds.amazonaws.com</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
    );
    expect(others).toEqual([]);
    expect(slept).toEqual([]);
  });

  it.each(['Throttling', 'PriorRequestNotComplete'])('is asked for again when it meets %s', async (code) => {
    const answers = [refusal(400, code), refusal(400, code), change('ChangeResourceRecordSets', 'PENDING')];
    stub.answer = () => answers.shift() ?? { body: '' };
    await endpoint.swap({ host: 'green.rds', port: 5432 });
    expect(answers).toEqual([]);
    expect(slept).toEqual([250, 500]);
  });

  it.each(['Throttling', 'PriorRequestNotComplete'])(
    'is asked for once while nobody may write, also when it meets %s',
    async (code) => {
      stub.answer = () => refusal(400, code);
      const swap = endpoint.swap({ host: 'green.rds', port: 5432 }, { onceWithinMs: 20_000 });
      await expect(swap).rejects.toThrow(/^Route 53 is not available right now: said no$/);
      expect(stub.asked.length).toBe(1);
      expect(slept).toEqual([]);
    },
  );

  it('is given up while nobody may write when Route 53 does not answer in time', async () => {
    stub.answer = () => 'never';
    const swap = endpoint.swap({ host: 'green.rds', port: 5432 }, { onceWithinMs: 50 });
    await expect(swap).rejects.toThrow(
      /^Route 53 is not available right now: it did not accept the change within 50 ms$/,
    );
    expect(stub.asked.length).toBeLessThanOrEqual(1);
  });

  it('has settled when the change is INSYNC', async () => {
    const answers = ['PENDING', 'INSYNC'];
    stub.answer = () => change('GetChange', answers.shift() ?? '');
    expect(await endpoint.settled('/change/C2682N5HXP0BZ4')).toBe(false);
    expect(await endpoint.settled('/change/C2682N5HXP0BZ4')).toBe(true);
    expect(stub.asked.map(({ url }) => url)).toEqual(Array(2).fill('/2013-04-01/change/C2682N5HXP0BZ4'));
  });
});

describe('a refusal', () => {
  it.each([
    [400, 'Throttling'],
    [400, 'PriorRequestNotComplete'],
    [503, 'ServiceUnavailable'],
  ])('that passes is worth another try: %s %s', async (status, code) => {
    stub.answer = () => refusal(status, code);
    await expect(endpoint.target()).rejects.toBeInstanceOf(TemporarilyUnavailable);
    await expect(endpoint.swap({ host: 'green.rds', port: 1 })).rejects.toBeInstanceOf(TemporarilyUnavailable);
  });

  it.each([
    [404, 'NoSuchHostedZone'],
    [400, 'InvalidInput'],
    [403, 'AccessDenied'],
  ])('that stays is final, and says which operation: %s %s', async (status, code) => {
    stub.answer = () => refusal(status, code);
    await expect(endpoint.target()).rejects.toMatchObject({
      name: 'ControlPlaneRefused',
      operation: 'ListResourceRecordSets',
      code,
      message: expect.stringContaining(`ListResourceRecordSets was refused: `),
    });
    await expect(endpoint.swap({ host: 'green.rds', port: 1 })).rejects.toBeInstanceOf(ControlPlaneRefused);
  });

  it('of the network is worth another try', async () => {
    await stub.close();
    await expect(endpoint.target()).rejects.toBeInstanceOf(TemporarilyUnavailable);
    stub = await Route53Stub.start();
  });
});
