/** The local EC2 endpoint, driven by the real SDK client, and the Network port that reads it. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { VpcNetwork } from '../../lib/aws/vpc-network';
import { serveEc2 } from '../../lib/local/ec2/local-ec2';
import type { HttpEndpoint } from '../../lib/local/http/http-endpoint';
import { clientOptions } from '../support/phase-world';
import { type SilentPort, silentPort } from '../support/silent-port';

const PLACEMENT = { securityGroupIds: ['sg-1'], subnetIds: ['subnet-1', 'subnet-2'], dualStack: false };
/** No name can have so long a part, so nobody is asked for it. */
const UNNAMED = `${'x'.repeat(64)}.local`;
const OWN_MEMBERS = [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: 'sg-1' }] }];

let endpoint: HttpEndpoint;
let ec2: EC2Client;
beforeEach(async () => {
  endpoint = await serveEc2({ securityGroupIds: ['sg-1', 'sg-2'], subnetIds: ['subnet-1', 'subnet-2'] });
  ec2 = new EC2Client(clientOptions(endpoint.url));
});
afterEach(async () => {
  ec2.destroy();
  await endpoint.close();
});

const authorize = (IpPermissions: object[], GroupId = 'sg-1') =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

describe('a security group', () => {
  it('lets nobody in and everybody out when it is new, as on EC2', async () => {
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-2'] }));
    expect(SecurityGroups).toEqual([
      expect.objectContaining({
        GroupId: 'sg-2',
        IpPermissions: [],
        IpPermissionsEgress: [
          {
            IpProtocol: '-1',
            IpRanges: [{ CidrIp: '0.0.0.0/0' }],
            Ipv6Ranges: [],
            PrefixListIds: [],
            UserIdGroupPairs: [],
          },
        ],
      }),
    ]);
  });

  it('shows rules of the same ports together', async () => {
    await authorize(OWN_MEMBERS);
    const more = { ...OWN_MEMBERS[0], UserIdGroupPairs: [{ GroupId: 'sg-2' }], IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    await authorize([more, { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-1' }] }]);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-1'] }));
    expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([
      {
        IpProtocol: 'tcp',
        FromPort: 5432,
        ToPort: 5432,
        UserIdGroupPairs: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2' }],
        IpRanges: [{ CidrIp: '10.0.0.0/8' }],
      },
      { IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-1' }] },
    ]);
  });

  it('refuses a rule that is there, one for a group that is not, and taking away what is not there', async () => {
    await authorize(OWN_MEMBERS);
    await expect(authorize(OWN_MEMBERS)).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    await expect(authorize(OWN_MEMBERS, 'sg-3')).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
    const other = [{ ...OWN_MEMBERS[0], UserIdGroupPairs: [{ GroupId: 'sg-3' }] }];
    await expect(authorize(other)).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
    const absent = new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-2', IpPermissions: OWN_MEMBERS });
    await expect(ec2.send(absent)).rejects.toMatchObject({ name: 'InvalidPermission.NotFound' });
  });

  it('is not made here, nor is anything else', async () => {
    await expect(ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/8' }))).rejects.toMatchObject({
      name: 'InvalidAction',
    });
  });
});

describe('the network', () => {
  it('knows the rules and the ranges of a placement', async () => {
    await authorize(OWN_MEMBERS);
    await ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId: 'sg-1',
        IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      }),
    );
    expect(await new VpcNetwork(ec2, {}).place(PLACEMENT)).toEqual({
      groups: [
        {
          id: 'sg-1',
          inbound: [{ protocol: 'tcp', fromPort: 5432, toPort: 5432, groups: ['sg-1'], ranges: [], prefixLists: [] }],
          outbound: [],
        },
      ],
      ranges: ['10.0.0.0/24', '10.0.1.0/24'],
    });
  });

  it('does not know what it may not, or cannot, read', async () => {
    const network = new VpcNetwork(ec2, {});
    expect(await network.place({ ...PLACEMENT, securityGroupIds: ['sg-gone'] })).toBeUndefined();
    expect(await network.place({ ...PLACEMENT, subnetIds: ['subnet-gone'] })).toBeUndefined();
  });

  describe('tries ways', () => {
    let silent: SilentPort;
    beforeEach(async () => {
      silent = await silentPort();
    });
    afterEach(() => silent.close());

    it('to every API, and tells those that nobody answers from those that answer anything', async () => {
      const nowhere = new EC2Client(clientOptions(`http://127.0.0.1:${silent.port}`));
      const unnamed = new EC2Client(clientOptions(`http://${UNNAMED}:443`));
      const network = new VpcNetwork(ec2, { RDS: unnamed, 'Secrets Manager': nowhere });
      expect(await network.apis()).toEqual([
        {
          api: 'RDS',
          address: { host: UNNAMED, port: 443 },
          obstruction: { kind: 'name', message: expect.stringContaining(UNNAMED) },
        },
        {
          api: 'Secrets Manager',
          address: { host: '127.0.0.1', port: silent.port },
          obstruction: { kind: 'way', message: 'no connection was made within 3000 ms' },
        },
        { api: 'EC2', address: { host: '127.0.0.1', port: endpoint.port } },
      ]);
    });

    it('to servers: one that refuses is there', async () => {
      const network = new VpcNetwork(ec2, {});
      await endpoint.close();
      expect(await network.obstruction({ host: '127.0.0.1', port: endpoint.port })).toBeUndefined();
      expect(await network.obstruction({ host: '127.0.0.1', port: silent.port })).toEqual({
        kind: 'way',
        message: 'no connection was made within 3000 ms',
      });
      endpoint = await serveEc2({ securityGroupIds: [], subnetIds: [] });
    });
  });
});
