/** What prepare says of ways that are closed: to the APIs, to blue, and between members of blue's security groups. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { RDSClient } from '@aws-sdk/client-rds';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { prepare } from '../../../lambdas/prepare';
import { rollback } from '../../../lambdas/rollback';
import { CLIENT_OPTIONS } from '../../../lib/aws/client-options';
import { Unreachable } from '../../../lib/core/network-errors';
import type { Plan } from '../../../lib/core/plan';
import { clientOptions, type Invocation, PhaseWorld } from '../../support/phase-world';
import { type SilentPort, silentPort } from '../../support/silent-port';

const following = (plan: Plan): Plan => ({ ...plan, sync: 'replication', acceptOneWay: true });

let world: PhaseWorld;
let silent: SilentPort;
let group: string;
beforeAll(async () => {
  [world, silent] = await Promise.all([PhaseWorld.open(), silentPort()]);
  group = world.plan.network.securityGroupIds[0] ?? '';
});
afterAll(() => Promise.all([world.close(), silent.close()]));

async function refusal(invocation: Invocation = {}): Promise<Unreachable> {
  const error = await world.invoke(prepare, 'run-ways', { plan: following, ...invocation }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Unreachable);
  return error as Unreachable;
}

/** A client, made as the functions make theirs, of an API that nobody answers. */
const unanswered = () => ({
  ...clientOptions(`http://127.0.0.1:${silent.port}`),
  ...CLIENT_OPTIONS,
});

describe('without a rule that lets members of the group in, as the CDK makes it,', () => {
  const own = () => [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] }];
  beforeAll(() => world.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: own() })));

  it('prepare refuses what follows, with the rule that is missing, and touches nothing', async () => {
    const before = await world.shown();
    const { reasons } = await refusal();
    expect(reasons).toEqual([
      `green gets blue's security groups (${group}), and each side has to reach the other one on port ${world.blue.port} to follow it, but no inbound rule of theirs lets their own members in; add one: aws ec2 authorize-security-group-ingress --group-id ${group} --ip-permissions 'IpProtocol=tcp,FromPort=${world.blue.port},ToPort=${world.blue.port},UserIdGroupPairs=[{GroupId=${group}}]', or in the CDK connections.allowInternally(Port.tcp(${world.blue.port})) of blue`,
    ]);
    expect(await world.shown()).toEqual(before);
    const [{ found } = { found: true }] = await world.sql<{ found: boolean }>(
      world.blue,
      `select to_regclass('bluegreen.run') is not null as found`,
    );
    expect(found).toBe(false);
  });

  it('and without one that lets them out, it names both', async () => {
    const everybody = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await world.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: everybody }));
    const { reasons } = await refusal();
    expect(reasons.map((reason) => /but (no \w+ rule)/.exec(reason)?.[1])).toEqual([
      'no inbound rule',
      'no outbound rule',
    ]);
    await world.ec2.send(
      new AuthorizeSecurityGroupEgressCommand({
        GroupId: group,
        IpPermissions: everybody,
      }),
    );
  });

  it('prepare says that it does not know, where the rule is for a part of the addresses green may get', async () => {
    const part = [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 65_535, IpRanges: [{ CidrIp: '10.0.0.0/24' }] }];
    await world.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: part }));
    expect(await world.invoke(prepare, 'run-ways', { plan: following })).toMatchObject({
      status: 'done',
      detail: expect.stringContaining(
        `; whether security groups ${group} let green and blue reach each other on port ${world.blue.port} could not be told from their rules`,
      ),
    });
    await world.complete(rollback, 'run-ways', { plan: following });
    await world.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: part }));
  });

  it('prepare does not mind where nothing follows', async () => {
    expect((await world.invoke(prepare, 'run-frozen')).status).toBe('done');
    await world.complete(rollback, 'run-frozen');
  });

  afterAll(() => world.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: own() })));
});

describe('where nobody answers', () => {
  it('for Secrets Manager, prepare names it, with what would open the way', async () => {
    const { reasons } = await refusal({
      surroundings: { secrets: new SecretsManagerClient(unanswered()) },
    });
    expect(reasons).toEqual([
      `the API of Secrets Manager (127.0.0.1:${silent.port}) cannot be reached from the functions' subnets (${world.plan.network.subnetIds.join(', ')}): no connection was made within 3000 ms; route the subnets through a NAT gateway, or give the VPC an interface endpoint com.amazonaws.eu-central-1.secretsmanager with private DNS names whose security group lets the functions in on port 443, and let their security groups out to port 443`,
    ]);
  });

  it('for EC2 alone, which a run can do without, prepare says that the rules are not known', async () => {
    const progress = await world.invoke(prepare, 'run-ways', {
      plan: following,
      surroundings: { ec2: new EC2Client(unanswered()) },
    });
    expect(progress).toMatchObject({
      status: 'done',
      detail: expect.stringContaining('could not be told from their rules'),
    });
    await world.complete(rollback, 'run-ways', { plan: following });
  });

  it('for RDS, the run is over with the rollback that follows, if no other execution of it came before', async () => {
    const surroundings = { rds: new RDSClient(unanswered()) };
    const { name, message, reasons } = await refusal({ surroundings });
    expect(reasons).toEqual([
      expect.stringContaining(`the API of RDS (127.0.0.1:${silent.port}) cannot be reached`),
      'whether blue can be reached is not known as long as RDS does not say where it is',
    ]);
    const failure = { phase: 'prepare', error: name, message } as const;
    const undone = (firstExecution: boolean) =>
      world.complete(rollback, 'run-ways', { surroundings, failure, firstExecution });
    expect(await undone(true)).toMatchObject({
      outcome: 'rolled-back',
      serving: 'blue',
      reasons: [expect.stringContaining('there was no way to what a run needs, so it never began')],
    });
    await expect(undone(false)).rejects.toMatchObject({ name: 'RollbackFailed' });
  });
});
