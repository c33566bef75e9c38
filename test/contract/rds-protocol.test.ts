import {
  AddRoleToDBInstanceCommand,
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBParameterGroups,
  RemoveTagsFromResourceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { XMLParser } from 'fast-xml-parser';
import { BLUE, RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  for (let n = 1; n <= 25; n++) await createGroup(`group-${String(n).padStart(2, '0')}`);
});
afterAll(() => fixture.close());

function createGroup(name: string, Description = 'for the test') {
  const group = { DBParameterGroupName: name, DBParameterGroupFamily: 'postgres18', Description };
  return fixture.client.send(new CreateDBParameterGroupCommand(group));
}

async function post(form: string): Promise<{ status: number; requestId: string | null; xml: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(fixture.url, { method: 'POST', headers, body: form });
  const xml = new XMLParser().parse(await response.text()) as Record<string, unknown>;
  return { status: response.status, requestId: response.headers.get('x-amzn-requestid'), xml };
}

describe('the Query protocol of the local RDS', () => {
  test('answers an error in AWS’s envelope, with a request id of its own each time', async () => {
    const form = 'Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=nothing';
    const [first, second] = [await post(form), await post(form)];
    expect(first.status).toBe(404);
    expect(first.xml.ErrorResponse).toEqual({
      Error: { Type: 'Sender', Code: 'DBInstanceNotFound', Message: 'DBInstance nothing not found.' },
      RequestId: first.requestId,
    });
    expect(first.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(second.requestId).not.toBe(first.requestId);
  });

  test('answers a GET with the parameters in its query string, too', async () => {
    const response = await fetch(`${fixture.url}/?Action=DescribeDBInstances&Version=2014-10-31`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<DescribeDBInstancesResult><DBInstances></DBInstances>');
  });

  test('escapes what XML cannot carry as it is', async () => {
    await createGroup('escaped', `<b> & "c" \u0001 ]]> é`);
    const { DBParameterGroups } = await fixture.client.send(
      new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'escaped' }),
    );
    expect(DBParameterGroups?.[0]?.Description).toBe(`<b> & "c" \ufffd ]]> é`);
  });

  test.each([
    [
      'an action it does not have, saying so',
      'Action=PromoteReadReplica',
      400,
      'InvalidAction',
      'not implemented by the local RDS endpoint',
    ],
    ['a request without an action', 'Version=2014-10-31', 400, 'MissingAction', 'Action'],
    ['a missing parameter', 'Action=DeleteDBSnapshot', 400, 'MissingParameter', 'DBSnapshotIdentifier'],
    ['a parameter it would ignore', 'Action=DescribeDBInstances&Color=blue', 400, 'InvalidParameterValue', 'Color'],
    ['an ill-formed number', 'Action=DescribeDBInstances&MaxRecords=many', 400, 'InvalidParameterValue', 'many'],
    ['a page that is too small', 'Action=DescribeDBInstances&MaxRecords=19', 400, 'InvalidParameterValue', '20 to 100'],
    [
      'a page that is too large',
      'Action=DescribeDBInstances&MaxRecords=101',
      400,
      'InvalidParameterValue',
      '20 to 100',
    ],
    ['a marker it never gave out', 'Action=DescribeDBInstances&Marker=xyz', 400, 'InvalidParameterValue', 'xyz'],
    [
      'a filter it does not know',
      'Action=DescribeDBInstances&Filters.Filter.1.Name=colour&Filters.Filter.1.Values.Value.1=x',
      400,
      'InvalidParameterValue',
      'colour',
    ],
    [
      'a filter named like a property of every object',
      'Action=DescribeDBInstances&Filters.Filter.1.Name=constructor&Filters.Filter.1.Values.Value.1=x',
      400,
      'InvalidParameterValue',
      'constructor',
    ],
    [
      'an ARN of another account',
      'Action=ListTagsForResource&ResourceName=arn:aws:rds:us-east-1:1:db:x',
      400,
      'InvalidParameterValue',
      'arn:aws:rds',
    ],
  ])('refuses %s', async (_, form, status, code, message) => {
    const { status: seen, xml } = await post(form);
    const { Error: error } = xml.ErrorResponse as { Error: { Code: string; Message: string } };
    expect([seen, error.Code]).toEqual([status, code]);
    expect(error.Message).toContain(message);
  });

  test('refuses a request larger than any of the API', async () => {
    const body = `Action=DescribeDBInstances&DBInstanceIdentifier=${'x'.repeat(2_000_000)}`;
    const response = await fetch(fixture.url, { method: 'POST', body }).catch(() => undefined);
    expect(response?.status ?? 413).toBe(413);
    expect((await post('Action=DescribeDBInstances')).status).toBe(200);
  });

  test('hands out every item once, page by page', async () => {
    const names: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const { DBParameterGroups = [] } of paginateDescribeDBParameterGroups(
      { client: fixture.client, pageSize: 20 },
      {},
    )) {
      sizes.push(DBParameterGroups.length);
      names.push(...DBParameterGroups.map(({ DBParameterGroupName }) => DBParameterGroupName));
    }
    expect(sizes).toEqual([20, 7]);
    expect(names.filter((name) => name?.startsWith('group-'))).toEqual(
      Array.from({ length: 25 }, (_, i) => `group-${String(i + 1).padStart(2, '0')}`),
    );
  });

  test('is an error the SDK knows by class when the action is one of the real service only', async () => {
    await expect(fixture.client.send(new DescribeDBClustersCommand({}))).rejects.toMatchObject({
      name: 'InvalidAction',
    });
  });
});

describe('what callers give to the local RDS', () => {
  test.each([
    ['an identifier with two hyphens in a row', { DBInstanceIdentifier: 'a--b' }, 'DBInstanceIdentifier'],
    ['an identifier that ends with a hyphen', { DBInstanceIdentifier: 'blue-' }, 'DBInstanceIdentifier'],
    ['an identifier that begins with a digit', { DBInstanceIdentifier: '1blue' }, 'DBInstanceIdentifier'],
    ['an identifier of 64 characters', { DBInstanceIdentifier: 'b'.repeat(64) }, 'DBInstanceIdentifier'],
    ['a password that is too short', { MasterUserPassword: 'short' }, 'MasterUserPassword'],
    ['a password with a slash', { MasterUserPassword: 'long/enough' }, 'MasterUserPassword'],
    ['a reserved master user', { MasterUsername: 'rdsadmin' }, 'MasterUsername'],
    ['a database name that is no name', { DBName: 'my shop' }, 'DBName'],
    ['another engine', { Engine: 'mysql' }, 'mysql'],
    ['a class that is none', { DBInstanceClass: 'large' }, 'DBInstanceClass'],
    ['a retention of 36 days', { BackupRetentionPeriod: 36 }, 'BackupRetentionPeriod'],
    ['a port below RDS’s range', { Port: 1024 }, '1150'],
    ['a reserved tag', { Tags: [{ Key: 'aws:name', Value: 'x' }] }, 'aws:name'],
    ['a setting the local endpoint does not have', { ManageMasterUserPassword: true }, 'ManageMasterUserPassword'],
  ])('refuses %s', async (_, change, message) => {
    await expect(fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, ...change }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
    const { DBInstances } = await fixture.client.send(new DescribeDBInstancesCommand({}));
    expect(DBInstances).toEqual([]);
  });

  test('never has a refused password repeated to them', async () => {
    const call = fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, MasterUserPassword: 'hunter2/hunter2' }));
    await expect(call).rejects.toMatchObject({ message: expect.not.stringContaining('hunter2') });
  });

  test('refuses settings that do not go together', async () => {
    const refusal = { name: 'InvalidParameterCombination' };
    const create = (change: object) => fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, ...change }));
    await expect(create({ MonitoringInterval: 60 })).rejects.toMatchObject(refusal);
    await expect(create({ AllocatedStorage: 100, MaxAllocatedStorage: 50 })).rejects.toMatchObject(refusal);
    await expect(create({ EngineVersion: '11.4' })).rejects.toMatchObject(refusal);
    await expect(fixture.client.send(new DescribeEventsCommand({ SourceIdentifier: 'blue' }))).rejects.toMatchObject(
      refusal,
    );
  });

  test('refuses what needs something that is not there, with the error of that thing', async () => {
    await expect(
      fixture.client.send(new CreateDBInstanceCommand({ ...BLUE, DBParameterGroupName: 'nowhere' })),
    ).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault', Code: 'DBParameterGroupNotFound' });
    await expect(
      fixture.client.send(
        new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'green', DBSnapshotIdentifier: 'none' }),
      ),
    ).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault', Code: 'DBSnapshotNotFound' });
    await expect(
      fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'nobody' })),
    ).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault', $metadata: { httpStatusCode: 404 } });
    await expect(createGroup('group-01')).rejects.toMatchObject({ name: 'DBParameterGroupAlreadyExistsFault' });
  });
});

describe('tags and events of the local RDS', () => {
  const ResourceName = 'arn:aws:rds:us-east-1:123456789012:pg:group-01';

  test('are added, replaced, removed and listed by ARN', async () => {
    const Tags = [
      { Key: 'run', Value: 'r1' },
      { Key: 'team', Value: 'shop' },
    ];
    await fixture.client.send(new AddTagsToResourceCommand({ ResourceName, Tags }));
    await fixture.client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'run', Value: 'r2' }] }));
    await fixture.client.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['team', 'unknown'] }));
    const { TagList } = await fixture.client.send(new ListTagsForResourceCommand({ ResourceName }));
    expect(TagList).toEqual([{ Key: 'run', Value: 'r2' }]);
  });

  test('are selected by time: the last hour when nothing is said, longer ago with a duration or a start', async () => {
    await fixture.createBlue();
    const count = async (input: object) => {
      const { Events = [] } = await fixture.client.send(
        new DescribeEventsCommand({ SourceType: 'db-instance', ...input }),
      );
      return Events.length;
    };
    expect(await count({})).toBe(3);
    const StartTime = new Date(fixture.clock.now() - 600_000);
    fixture.clock.advance(2 * 3_600_000);
    expect(await count({})).toBe(0);
    expect(await count({ Duration: 180 })).toBe(3);
    expect(await count({ StartTime })).toBe(3);
    expect(await count({ StartTime, EventCategories: ['backup'] })).toBe(2);
  });

  test('go with the instance: a role is associated once', async () => {
    const role = {
      DBInstanceIdentifier: 'blue',
      RoleArn: 'arn:aws:iam::123456789012:role/s3',
      FeatureName: 's3Import',
    };
    await fixture.client.send(new AddRoleToDBInstanceCommand(role));
    expect((await fixture.instance('blue')).AssociatedRoles).toEqual([
      { RoleArn: role.RoleArn, FeatureName: 's3Import', Status: 'ACTIVE' },
    ]);
    await expect(fixture.client.send(new AddRoleToDBInstanceCommand(role))).rejects.toMatchObject({
      name: 'DBInstanceRoleAlreadyExistsFault',
    });
  });
});
