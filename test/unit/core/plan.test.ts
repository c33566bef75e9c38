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

  it.each([
    ['not an object', [], 'the document: [] is not of type object'],
    ['null', null, 'the document: null is not of type object'],
    [
      'an unknown key',
      { ...VALID, timeout: 3 },
      'timeout: unknown key; allowed: $schema, name, blue, sync, endpoint, network, snapshot, freeze, switchover, bake, retire, local',
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
    ['another way to sync', { ...VALID, sync: 'replication' }, 'sync: "replication"; allowed: "freeze"'],
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
