import {
  CreateDBParameterGroupCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  type Parameter,
  paginateDescribeDBParameters,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { RdsFixture } from './rds-fixture';

const GROUP = { DBParameterGroupName: 'tuned' };

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  await fixture.client.send(
    new CreateDBParameterGroupCommand({ ...GROUP, DBParameterGroupFamily: 'postgres18', Description: 'tuned by hand' }),
  );
  await fixture.createBlue();
});
afterAll(() => fixture.close());

async function set(...Parameters: Parameter[]): Promise<void> {
  await fixture.client.send(new ModifyDBParameterGroupCommand({ ...GROUP, Parameters }));
}

async function applyStatus(): Promise<string | undefined> {
  const { DBParameterGroups = [] } = await fixture.instance('blue');
  return DBParameterGroups[0]?.ParameterApplyStatus;
}

async function parameter(name: string): Promise<Parameter | undefined> {
  const { Parameters = [] } = await fixture.client.send(
    new DescribeDBParametersCommand({ ...GROUP, Filters: [{ Name: 'parameter-name', Values: [name] }] }),
  );
  return Parameters[0];
}

describe('a parameter group of the local RDS', () => {
  test('is listed beside the default group, with its ARN', async () => {
    const { DBParameterGroups } = await fixture.client.send(new DescribeDBParameterGroupsCommand({}));
    expect(DBParameterGroups).toEqual([
      {
        DBParameterGroupName: 'default.postgres18',
        DBParameterGroupFamily: 'postgres18',
        Description: 'Default parameter group for postgres18',
        DBParameterGroupArn: 'arn:aws:rds:us-east-1:123456789012:pg:default.postgres18',
      },
      {
        DBParameterGroupName: 'tuned',
        DBParameterGroupFamily: 'postgres18',
        Description: 'tuned by hand',
        DBParameterGroupArn: 'arn:aws:rds:us-east-1:123456789012:pg:tuned',
      },
    ]);
  });

  test('shows every parameter of the real server, page by page, each one once', async () => {
    const pages = paginateDescribeDBParameters({ client: fixture.client, pageSize: 50 }, { ...GROUP });
    const names: (string | undefined)[] = [];
    let count = 0;
    for await (const { Parameters = [] } of pages) {
      count += 1;
      names.push(...Parameters.map(({ ParameterName }) => ParameterName));
    }
    expect(count).toBeGreaterThan(5);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['work_mem', 'max_connections', 'rds.logical_replication']));
    expect(await parameter('max_connections')).toMatchObject({
      ApplyType: 'static',
      DataType: 'integer',
      Source: 'engine-default',
      IsModifiable: true,
      ParameterValue: '100',
      AllowedValues: '1-262143',
    });
    expect(await parameter('wal_level')).toMatchObject({ IsModifiable: false, Source: 'system' });
  });

  test('needs a reboot to take effect on an instance it is given to', async () => {
    await set({ ParameterName: 'work_mem', ParameterValue: '8192', ApplyMethod: 'pending-reboot' });
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', ...GROUP }));
    expect(await applyStatus()).toBe('applying');
    await fixture.ready('blue');
    expect([await applyStatus(), await fixture.ask('blue', 'SHOW work_mem')]).toEqual(['pending-reboot', '4MB']);
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    await fixture.ready('blue');
    expect([await applyStatus(), await fixture.ask('blue', 'SHOW work_mem')]).toEqual(['in-sync', '8MB']);
  });

  test('reaches the running server with a dynamic parameter, after a while and without a reboot', async () => {
    await set({ ParameterName: 'statement_timeout', ParameterValue: '45000', ApplyMethod: 'immediate' });
    expect([await applyStatus(), await fixture.ask('blue', 'SHOW statement_timeout')]).toEqual(['applying', '0']);
    await fixture.reach(applyStatus, 'in-sync');
    await untilShown('statement_timeout', '45s');
    const { Parameters } = await fixture.client.send(new DescribeDBParametersCommand({ ...GROUP, Source: 'user' }));
    expect(Parameters?.map(({ ParameterName }) => ParameterName)).toEqual(['statement_timeout', 'work_mem']);
  });

  test('turns logical replication on with the next reboot only', async () => {
    await set({ ParameterName: 'rds.logical_replication', ParameterValue: '1', ApplyMethod: 'pending-reboot' });
    await fixture.reach(applyStatus, 'pending-reboot');
    expect(await fixture.ask('blue', 'SHOW wal_level')).toBe('replica');
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    await fixture.ready('blue');
    expect(await applyStatus()).toBe('in-sync');
    expect(await fixture.ask('blue', 'SHOW wal_level')).toBe('logical');
    expect(await fixture.ask('blue', 'SHOW rds.logical_replication')).toBe('on');
  });

  test('leaves an instance "incompatible-parameters" that cannot start with it, until it is mended and rebooted', async () => {
    await set({
      ParameterName: 'shared_preload_libraries',
      ParameterValue: 'no_such_library',
      ApplyMethod: 'pending-reboot',
    });
    await fixture.reach(applyStatus, 'pending-reboot');
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    await fixture.reach(() => fixture.status('blue'), 'incompatible-parameters');
    await set({ ParameterName: 'shared_preload_libraries', ParameterValue: '', ApplyMethod: 'pending-reboot' });
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    await fixture.ready('blue');
    expect(await fixture.ask('blue', 'SELECT 1')).toBe(1);
  });

  test.each([
    [
      'an unknown parameter',
      { ParameterName: 'work_memory', ParameterValue: '1' },
      'InvalidParameterValue',
      'work_memory',
    ],
    [
      'a value out of range',
      { ParameterName: 'work_mem', ParameterValue: '1' },
      'InvalidParameterValue',
      '64-2147483647',
    ],
    ['a parameter the service sets', { ParameterName: 'fsync', ParameterValue: '1' }, 'InvalidParameterValue', 'fsync'],
    [
      'a static parameter at once',
      { ParameterName: 'max_connections', ParameterValue: '50', ApplyMethod: 'immediate' as const },
      'InvalidParameterCombination',
      'cannot use immediate apply method for static parameter',
    ],
  ])('refuses %s', async (_, change, name, message) => {
    await expect(set(change)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  test('refuses to be deleted while an instance uses it, and to be changed when it is the default', async () => {
    await expect(fixture.client.send(new DeleteDBParameterGroupCommand(GROUP))).rejects.toMatchObject({
      name: 'InvalidDBParameterGroupStateFault',
      message: expect.stringContaining('blue'),
    });
    const change = { ParameterName: 'work_mem', ParameterValue: '8192' };
    const input = { DBParameterGroupName: 'default.postgres18', Parameters: [change] };
    await expect(fixture.client.send(new ModifyDBParameterGroupCommand(input))).rejects.toMatchObject({
      name: 'InvalidDBParameterGroupStateFault',
    });
    const unused = { DBParameterGroupName: 'unused', DBParameterGroupFamily: 'postgres18', Description: '-' };
    await fixture.client.send(new CreateDBParameterGroupCommand(unused));
    await fixture.client.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: 'unused' }));
    await expect(
      fixture.client.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'unused' })),
    ).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault', $metadata: { httpStatusCode: 404 } });
  });
});

/** A server reads its configuration a moment after it was told to. */
async function untilShown(name: string, value: string): Promise<void> {
  while ((await fixture.ask('blue', `SHOW ${name}`)) !== value);
}
