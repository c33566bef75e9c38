/** What prepare makes of ways that are closed, all of them together. */
import { closedApis, refuseClosedWays } from '../../../lambdas/steps/ways';
import { Unreachable } from '../../../lib/core/network-errors';
import type { Place } from '../../../lib/core/security-groups';
import type { ApiWay, Obstruction } from '../../../lib/core/ways';
import type { DatabaseDescription } from '../../../lib/ports/control-plane';
import type { Placement } from '../../../lib/ports/network';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const SILENCE: Obstruction = { kind: 'way', message: 'no connection was made within 3000 ms' };
const UNRESOLVED: Obstruction = { kind: 'name', message: 'getaddrinfo ENOTFOUND' };
const [FUNCTIONS = '', DATABASE] = [planFixture().network.securityGroupIds[0], 'sg-db'];

const everything = { protocol: '-1', groups: [], ranges: ['0.0.0.0/0'], prefixLists: [] };
const nobody: readonly never[] = [];
const from = (group: string) => ({ ...everything, ranges: [], groups: [group] });

interface Around {
  readonly apis?: readonly ApiWay[];
  readonly server?: Obstruction;
  /** Undefined: the rules cannot be read. */
  readonly rules?: Record<string, Pick<Place['groups'][number], 'inbound' | 'outbound'>> | undefined;
  readonly sync?: 'replication' | 'freeze';
}

function world({ apis = [], server, rules, sync = 'replication' }: Around): World {
  const place = async ({ securityGroupIds }: Placement) =>
    rules && {
      groups: securityGroupIds.map((id) => ({ id, ...(rules[id] ?? { inbound: nobody, outbound: [everything] }) })),
      ranges: ['10.0.0.0/24'],
    };
  return {
    plan: planFixture({ sync }),
    network: { apis: async () => apis, obstruction: async () => server, place },
  } as unknown as World;
}

const BLUE = {
  status: 'available',
  address: { host: 'blue.example', port: 5432 },
  placement: { securityGroupIds: [DATABASE], subnetIds: ['subnet-db'], dualStack: false },
} as unknown as DatabaseDescription;

const api = (name: ApiWay['api'], obstruction?: Obstruction): ApiWay => ({
  api: name,
  address: { host: `${name}.example`, port: 443 },
  ...(obstruction && { obstruction }),
});

async function reasonsOf(around: Around, blue: DatabaseDescription = BLUE): Promise<readonly string[]> {
  const here = world(around);
  try {
    await refuseClosedWays(here, { apis: await closedApis(here), blue, green: undefined });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(Unreachable);
    return (error as Unreachable).reasons;
  }
}

test('everything that is closed is named at once: APIs, blue, and members of its groups', async () => {
  const apis = [api('RDS'), api('Secrets Manager', SILENCE), api('Route 53', SILENCE)];
  const reasons = await reasonsOf({ apis, server: SILENCE, rules: {} });
  expect(reasons).toHaveLength(4);
  expect(reasons[0]).toContain('an interface endpoint com.amazonaws.eu-west-1.secretsmanager');
  expect(reasons[1]).toContain('route the subnets through a NAT gateway (it has no interface endpoint)');
  expect(reasons[2]).toContain(
    `no inbound rule of its security groups (sg-db) lets the functions in: aws ec2 authorize-security-group-ingress --group-id sg-db --ip-permissions 'IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{GroupId=${FUNCTIONS}}]'`,
  );
  expect(reasons[3]).toContain('no inbound rule of theirs lets their own members in');
});

test('a name that does not resolve is a matter of DNS first', async () => {
  const [reason] = await reasonsOf({ apis: [api('Secrets Manager', UNRESOLVED)] });
  expect(reason).toContain('turn on DNS resolution (enableDnsSupport) of the VPC');
});

test('blue that cannot be reached because the functions are not let out says so', async () => {
  const rules = {
    [DATABASE]: { inbound: [from(FUNCTIONS), from(DATABASE)], outbound: [everything] },
    [FUNCTIONS]: { inbound: nobody, outbound: nobody },
  };
  expect(await reasonsOf({ server: SILENCE, rules })).toEqual([
    expect.stringContaining("no outbound rule of the functions' security groups lets them out to it"),
  ]);
});

test('blue that cannot be reached although every rule lets the functions in is a matter of the network around', async () => {
  const rules = { [DATABASE]: { inbound: [everything], outbound: [everything] } };
  expect(await reasonsOf({ server: SILENCE, rules })).toEqual([expect.stringContaining('at the network ACLs')]);
  expect(await reasonsOf({ server: SILENCE, rules: undefined })).toEqual([
    expect.stringContaining('at the network ACLs'),
  ]);
});

test('a blue that is stopped is not looked for', async () => {
  expect(await reasonsOf({ server: SILENCE, sync: 'freeze' }, { ...BLUE, status: 'stopped' })).toEqual([]);
});

test('rules are asked for only once: a green that is there has shown whether it can follow', async () => {
  const here = world({ rules: {} });
  expect(await refuseClosedWays(here, { apis: [], blue: BLUE, green: BLUE })).toEqual([]);
});

test('rules that cannot be read are no reason to refuse', async () => {
  const here = world({ rules: undefined });
  expect(await refuseClosedWays(here, { apis: [], blue: BLUE, green: undefined })).toEqual([
    'whether security groups sg-db let green and blue reach each other on port 5432 could not be told from their rules',
  ]);
});
