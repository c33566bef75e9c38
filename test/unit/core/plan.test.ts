import { PlanInvalid } from '../../../lib/core/errors';
import { parsePlanSettings } from '../../../lib/core/plan';

const VALID = {
  name: 'orders',
  blue: {
    identifier: 'orders-production',
    database: 'orders',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders/bluegreen-AbCdEf',
  },
  endpoint: { type: 'route53', hostedZoneId: 'Z0123456789ABCDEFGHIJ', recordName: 'orders-db.internal.example.com' },
  network: {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a'],
    subnetIds: ['subnet-0123456789abcdef0'],
    securityGroupIds: ['sg-0123456789abcdef0'],
  },
};

function problems(json: unknown): readonly string[] {
  try {
    parsePlanSettings('plan.json', json);
  } catch (error) {
    expect(error).toBeInstanceOf(PlanInvalid);
    return (error as PlanInvalid).problems;
  }
  return [];
}

const withBlue = (blue: object) => ({ ...VALID, blue: { ...VALID.blue, ...blue } });
const IDENTIFIER = 'allowed: 1 to 63 letters, digits and hyphens, first a letter, no trailing or double hyphen';

describe('plan.json', () => {
  it('is accepted with what is required, and may name its schema', () => {
    expect(problems(VALID)).toEqual([]);
    expect(parsePlanSettings('plan.json', { $schema: './plan.schema.json', ...VALID })).not.toHaveProperty('$schema');
  });

  it('is completed with a default for everything that is not required', () => {
    expect(parsePlanSettings('plan.json', VALID)).toEqual({
      ...VALID,
      sync: 'replication',
      followedDatabases: [],
      abandonedDatabases: [],
      acceptOneWay: false,
      endpoint: { ...VALID.endpoint, ttlSeconds: 5 },
      snapshot: { keep: false },
      freeze: { timeoutSeconds: 7_200 },
      follow: { timeoutSeconds: 86_400, maxWalKeptMiB: 51_200 },
      validation: {
        lockTimeoutMs: 500,
        parallelism: 2,
        timeoutSeconds: 14_400,
        timeZone: 'UTC',
        slowerThan: 1.5,
        driftBeyond: 0.2,
      },
      report: { showValues: false, rowsNamed: 10 },
      switchover: { timeoutSeconds: 30, attempts: 3, maxLagMiB: 16 },
      bake: { seconds: 3_600, alarms: [] },
      retire: { blue: 'delete', finalSnapshot: true },
      local: { writers: 4, dnsTtlSeconds: 0 },
    });
  });

  it('keeps what it says instead of the defaults', () => {
    const said = {
      ...VALID,
      sync: 'freeze',
      followedDatabases: ['warehouse', 'Größe "L"'],
      abandonedDatabases: ['scratch'],
      acceptOneWay: true,
      follow: { timeoutSeconds: 60, maxWalKeptMiB: 64 },
      validation: { lockTimeoutMs: 10, timeoutSeconds: 259_200 },
      switchover: { timeoutSeconds: 600, attempts: 20, maxLagMiB: 10_240 },
      bake: { seconds: 31_000_000, alarms: ['orders-5xx'] },
      local: { writers: 0, dnsTtlSeconds: 0.25 },
    };
    expect(parsePlanSettings('plan.json', said)).toMatchObject(said);
  });

  it('needs only one key of a group', () => {
    expect(parsePlanSettings('plan.json', { ...VALID, follow: { maxWalKeptMiB: 1_024 } }).follow).toEqual({
      timeoutSeconds: 86_400,
      maxWalKeptMiB: 1_024,
    });
  });

  it.each([
    ['not an object', [], 'the document: [] is not of type object'],
    ['null', null, 'the document: null is not of type object'],
    [
      'an unknown key',
      { ...VALID, timeout: 3 },
      'timeout: unknown key; allowed: $schema, name, blue, sync, followedDatabases, abandonedDatabases, acceptOneWay, endpoint, network, snapshot, freeze, follow, validation, report, switchover, bake, retire, local',
    ],
    [
      'an unknown key further down',
      { ...VALID, retire: { blue: 'keep', when: 1 } },
      'retire.when: unknown key; allowed: blue, finalSnapshot',
    ],
    ['a wrong type', { ...VALID, snapshot: { keep: 'yes' } }, 'snapshot.keep: "yes" is not of type boolean'],
    [
      'a number that is not whole',
      { ...VALID, switchover: { timeoutSeconds: 1.5 } },
      'switchover.timeoutSeconds: 1.5 is not of type int',
    ],
    [
      'a number that is too small',
      { ...VALID, freeze: { timeoutSeconds: 5 } },
      'freeze.timeoutSeconds: 5; allowed: at least 60',
    ],
    [
      'a number that is too big',
      { ...VALID, switchover: { timeoutSeconds: 601 } },
      'switchover.timeoutSeconds: 601; allowed: at most 600',
    ],
    ['an empty text', withBlue({ database: '' }), 'blue.database: ""; allowed: at least 1 characters'],
    [
      'an empty list',
      { ...VALID, network: { ...VALID.network, subnetIds: [] } },
      'network.subnetIds: []; allowed: at least 1 items',
    ],
    [
      'a wrong item',
      { ...VALID, network: { ...VALID.network, subnetIds: ['subnet-1', 'net'] } },
      'network.subnetIds.1: "net"; allowed: subnet ids',
    ],
    ['another word', { ...VALID, retire: { blue: 'stop' } }, 'retire.blue: "stop"; allowed: "delete" or "keep"'],
    ['another way to sync', { ...VALID, sync: 'online' }, 'sync: "online"; allowed: "replication" or "freeze"'],
    [
      'a followed database without a name',
      { ...VALID, followedDatabases: ['warehouse', ''] },
      'followedDatabases.1: ""; allowed: at least 1 characters',
    ],
    [
      'an abandoned database whose name is longer than PostgreSQL keeps',
      { ...VALID, abandonedDatabases: ['x'.repeat(64)] },
      `abandonedDatabases.0: "${'x'.repeat(64)}"; allowed: at most 63 characters`,
    ],
    [
      'databases that are no list',
      { ...VALID, followedDatabases: 'warehouse' },
      'followedDatabases: "warehouse" is not of type array',
    ],
    ['a consent that is a word', { ...VALID, acceptOneWay: 'yes' }, 'acceptOneWay: "yes" is not of type boolean'],
    [
      'too little time to catch up',
      { ...VALID, follow: { timeoutSeconds: 59 } },
      'follow.timeoutSeconds: 59; allowed: at least 60',
    ],
    [
      'more time to catch up than a month',
      { ...VALID, follow: { timeoutSeconds: 2_592_001 } },
      'follow.timeoutSeconds: 2592001; allowed: at most 2592000',
    ],
    [
      'less WAL than a few segments',
      { ...VALID, follow: { maxWalKeptMiB: 63 } },
      'follow.maxWalKeptMiB: 63; allowed: at least 64',
    ],
    [
      'more WAL than RDS has storage',
      { ...VALID, follow: { maxWalKeptMiB: 67_108_865 } },
      'follow.maxWalKeptMiB: 67108865; allowed: at most 67108864',
    ],
    [
      'an unknown key of following',
      { ...VALID, follow: { maxWalKept: 64 } },
      'follow.maxWalKept: unknown key; allowed: timeoutSeconds, maxWalKeptMiB',
    ],
    [
      'a lock timeout nobody can meet',
      { ...VALID, validation: { lockTimeoutMs: 9 } },
      'validation.lockTimeoutMs: 9; allowed: at least 10',
    ],
    [
      'a lock timeout for which writers would wait too long',
      { ...VALID, validation: { lockTimeoutMs: 10_001 } },
      'validation.lockTimeoutMs: 10001; allowed: at most 900',
    ],
    [
      'a proof that is too old at once',
      { ...VALID, validation: { timeoutSeconds: 30 } },
      'validation.timeoutSeconds: 30; allowed: at least 60',
    ],
    [
      'a switchover that is never tried',
      { ...VALID, switchover: { attempts: 0 } },
      'switchover.attempts: 0; allowed: at least 1',
    ],
    [
      'a switchover that is tried too often',
      { ...VALID, switchover: { attempts: 21 } },
      'switchover.attempts: 21; allowed: at most 20',
    ],
    [
      'a switchover that begins without any lag',
      { ...VALID, switchover: { maxLagMiB: 0 } },
      'switchover.maxLagMiB: 0; allowed: at least 1',
    ],
    [
      'a switchover that begins with a lag beyond measure',
      { ...VALID, switchover: { maxLagMiB: 10_241 } },
      'switchover.maxLagMiB: 10241; allowed: at most 10240',
    ],
    [
      'an alarm without a name',
      { ...VALID, bake: { alarms: [''] } },
      'bake.alarms.0: ""; allowed: at least 1 characters',
    ],
    [
      'an alarm that is no name',
      { ...VALID, bake: { alarms: [{ name: 'orders-5xx' }] } },
      'bake.alarms.0: {"name":"orders-5xx"} is not of type string',
    ],
    [
      'DNS that looks ahead',
      { ...VALID, local: { dnsTtlSeconds: -1 } },
      'local.dnsTtlSeconds: -1; allowed: at least 0',
    ],
    [
      'DNS that forgets nothing',
      { ...VALID, local: { dnsTtlSeconds: 61 } },
      'local.dnsTtlSeconds: 61; allowed: at most 60',
    ],
    ['a missing key', { ...VALID, name: undefined }, 'name: missing; required: string'],
    [
      'a missing word',
      { ...VALID, endpoint: { ...VALID.endpoint, type: undefined } },
      'endpoint.type: missing; required: "route53"',
    ],
    ['a missing object', { ...VALID, blue: undefined }, 'blue: missing; required: object'],
    [
      'a plan name with capitals',
      { ...VALID, name: 'Orders' },
      'name: "Orders"; allowed: lower-case letters, digits and single hyphens, first a letter',
    ],
    [
      'a plan name that is too long',
      { ...VALID, name: 'a'.repeat(47) },
      `name: "${'a'.repeat(47)}"; allowed: at most 46 characters, since the names of green and its snapshot are made from it`,
    ],
    [
      'an identifier that begins with a digit',
      withBlue({ identifier: '1st' }),
      `blue.identifier: "1st" does not start with a letter; ${IDENTIFIER}`,
    ],
    [
      'an identifier with a double hyphen',
      withBlue({ identifier: 'a--b' }),
      `blue.identifier: "a--b" ends with a hyphen or contains two in a row; ${IDENTIFIER}`,
    ],
    [
      'an identifier with an underscore',
      withBlue({ identifier: 'a_b' }),
      `blue.identifier: "a_b" contains a character that is neither letter, digit nor hyphen; ${IDENTIFIER}`,
    ],
    ['an empty identifier', withBlue({ identifier: '' }), `blue.identifier: "" has 0 characters; ${IDENTIFIER}`],
    [
      'a record name with a trailing dot',
      { ...VALID, endpoint: { ...VALID.endpoint, recordName: 'db.internal.' } },
      'endpoint.recordName: "db.internal."; allowed: a lower-case DNS name without trailing dot',
    ],
    [
      'a time zone that is none',
      { ...VALID, validation: { timeZone: 'Mars/Olympus' } },
      'validation.timeZone: "Mars/Olympus"; allowed: the name of a time zone, such as UTC or America/New_York',
    ],
  ])('is refused for %s', (_what, json, problem) => {
    expect(problems(json)).toEqual([problem]);
  });

  it('is refused with every problem at once', () => {
    expect(problems({ ...withBlue({ identifier: '-', extra: 1 }), name: 7, bake: { seconds: -1 } })).toEqual([
      'name: 7 is not of type string',
      `blue.identifier: "-" does not start with a letter; ${IDENTIFIER}`,
      'blue.extra: unknown key; allowed: identifier, database, secretArn, applicationSecretArn',
      'bake.seconds: -1; allowed: at least 0',
    ]);
  });

  it('is refused without showing more than the beginning of a long value', () => {
    const [problem = ''] = problems({ ...VALID, name: ['x'.repeat(500)] });
    expect(problem).toBe(`name: ["${'x'.repeat(75)}... is not of type string`);
  });
});
