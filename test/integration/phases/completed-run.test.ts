import {
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { clone } from '../../../lambdas/clone';
import { migrate } from '../../../lambdas/migrate';
import { prepare } from '../../../lambdas/prepare';
import { retire } from '../../../lambdas/retire';
import { rollback } from '../../../lambdas/rollback';
import { snapshot } from '../../../lambdas/snapshot';
import { switchover } from '../../../lambdas/switchover';
import { validate } from '../../../lambdas/validate';
import { ForeignResource, GreenNotOurs, SwitchoverRefused } from '../../../lib/core/errors';
import { runNames } from '../../../lib/core/identifiers';
import type { RunResults } from '../../../lib/core/run';
import type { Verdict } from '../../../lib/core/verdict';
import { type Invocation, PhaseWorld } from '../../support/phase-world';

const RUN = 'run-1';
const names = runNames('small', RUN);
const failure = { phase: 'validate', error: 'X', message: 'injected' } as const;

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
});
afterAll(() => world.close());

const green = () => world.addressOf(names.green);

describe('a run that succeeds', () => {
  let results: RunResults;

  it('refuses a snapshot and an instance of another owner under its names, and its rollback leaves them', async () => {
    await world.invoke(prepare, RUN);
    await world.client.send(
      new CreateDBSnapshotCommand({
        DBSnapshotIdentifier: names.snapshot,
        DBInstanceIdentifier: 'small-production',
        Tags: [{ Key: 'team', Value: 'audit' }],
      }),
    );
    await world.settled('small-production');
    await expect(world.invoke(snapshot, RUN)).rejects.toBeInstanceOf(ForeignResource);
    await world.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: names.green,
        DBSnapshotIdentifier: names.snapshot,
        Tags: [{ Key: 'team', Value: 'audit' }],
      }),
    );
    await world.settled(names.green);
    await expect(world.invoke(clone, RUN)).rejects.toBeInstanceOf(ForeignResource);
    await expect(world.invoke(migrate, RUN)).rejects.toBeInstanceOf(GreenNotOurs);
    await expect(world.invoke(retire, RUN)).rejects.toBeInstanceOf(GreenNotOurs);
    expect(await world.complete(rollback, RUN, { failure })).toMatchObject({ outcome: 'rolled-back', leftovers: [] });
    expect(await world.controlPlane.describe(names.green)).toMatchObject({ status: 'available' });
    expect(await world.controlPlane.describeSnapshot(names.snapshot)).toMatchObject({ status: 'available' });
    await world.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: names.snapshot }));
    await world.client.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: names.green, SkipFinalSnapshot: true }),
    );
    while (await world.controlPlane.describe(names.green)) {
      await world.clock.sleep(1_000);
    }
  });

  it('clones green with what blue has, and refuses writes on both sides', async () => {
    results = { prepare: await world.complete(prepare, RUN) };
    await world.complete(snapshot, RUN);
    expect(await world.complete(clone, RUN)).toMatchObject({ green: { identifier: names.green } });
    expect(await world.writable(await green())).toBe(false);
    expect(await world.writable(world.blue)).toBe(false);
    expect(await world.freezeOf(await green())).toBe(await world.freezeOf(world.blue));
  });

  it('applies the expand changes once, and leaves the contract change for the switchover', async () => {
    const applied = { applied: ['0001_add_currency.sql', '0002_widen.sql'] };
    expect(await world.complete(migrate, RUN)).toEqual(applied);
    expect(await world.complete(migrate, RUN)).toEqual(applied);
    expect(await world.sql(await green(), 'select file, run_id from bluegreen.change order by number')).toEqual([
      { file: '0001_add_currency.sql', run_id: RUN },
      { file: '0002_widen.sql', run_id: RUN },
    ]);
    expect(
      await world.sql(
        await green(),
        `select null_frac, n_distinct from pg_stats where tablename = 'account' and attname = 'currency'`,
      ),
    ).toEqual([{ null_frac: 0, n_distinct: 1 }]);
  });

  it('fails its verdict for one row that differs, for what no change declares, and for a check with rows', async () => {
    await world.sql(
      await green(),
      `set bluegreen.run_id = '${RUN}'; update account set name = 'somebody else' where id = 7; create table stray ()`,
    );
    const checks = [
      { file: 'seven.sql', kind: 'no-rows' as const, sql: 'select id from account where id = 7;' },
      { file: 'broken.sql', kind: 'no-rows' as const, sql: 'select 1 from no_such_table' },
      { file: 'fine.sql', kind: 'no-rows' as const, sql: 'select 1 where false -- nothing' },
    ];
    const verdict = await world.complete(validate, RUN, { plan: (given) => ({ ...given, checks }) });
    expect(verdict).toMatchObject({
      pass: false,
      checks: [
        { file: 'seven.sql', kind: 'no-rows', passed: false, rows: 1, returned: ['id = 7'] },
        { file: 'fine.sql', kind: 'no-rows', passed: true, rows: 0, returned: [] },
      ],
      mismatches: [
        { kind: 'schema', object: 'table public.stray' },
        { kind: 'content', object: 'public.account' },
        { kind: 'check', object: 'checks/seven.sql', message: 'returned 1 row, must return none; first: id = 7' },
        {
          kind: 'check',
          object: 'checks/broken.sql',
          message: 'cannot be run: relation "no_such_table" does not exist',
        },
      ],
    });
    await world.sql(
      await green(),
      `set bluegreen.run_id = '${RUN}'; update account set name = 'account 7' where id = 7; drop table stray`,
    );
  });

  it('passes its verdict when green holds what blue holds', async () => {
    results = { ...results, validate: await world.complete(validate, RUN) };
    expect(results.validate).toMatchObject({
      pass: true,
      tables: 2,
      rows: 1000,
      summary: '1000 rows in 2 tables are equal, 1 check passes',
      excluded: [],
      drift: { flagged: 0, shown: [] },
    });
  });

  it.each<[string, () => Promise<Invocation>, string]>([
    ['without a verdict', async () => ({ results: {} }), 'there is no verdict that green equals blue'],
    [
      'with a verdict that is no pass',
      async () => ({ results: { validate: { ...(results.validate as Verdict), pass: false } } }),
      'there is no verdict that green equals blue',
    ],
    [
      'after a table was made on blue',
      async () => {
        await world.sql(world.blue, 'create table late (a int)');
        return { results };
      },
      'table public.late has no fence',
    ],
    [
      'after blue was let go',
      async () => {
        await world.sql(world.blue, 'drop table late');
        await world.sql(world.blue, 'alter database small reset default_transaction_read_only');
        return { results };
      },
      'the database is not read-only by default any more',
    ],
    [
      'when green stems from another freeze',
      async () => {
        await world.sql(world.blue, 'alter database small set default_transaction_read_only = on');
        await world.sql(await green(), `update bluegreen.run set freeze_id = '00000000-0000-0000-0000-000000000000'`);
        return { results };
      },
      'green stems from freeze 00000000-0000-0000-0000-000000000000, blue is in freeze',
    ],
  ])('is refused the switchover %s, and nothing moved', async (_what, arrange, reason) => {
    const invocation = await arrange();
    const error = await world.invoke(switchover, RUN, invocation).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SwitchoverRefused);
    expect((error as Error).message).toContain(reason);
    expect((error as SwitchoverRefused).reasons).toHaveLength(1);
    expect(world.endpoint).toEqual(world.blue);
    expect(await world.writable(await green())).toBe(false);
    expect((await world.controlPlane.describe(names.green))?.tags['bluegreen:disposable']).toBe('true');
  });

  it('moves the application to green, with the contract changes, and only then lets it write', async () => {
    await world.sql(await green(), `update bluegreen.run set freeze_id = '${await world.freezeOf(world.blue)}'`);
    await world.controlPlane.setDeletionProtection('small-production', true);
    await expect(world.invoke(switchover, RUN, { results })).resolves.toMatchObject({
      status: 'done',
      result: { serving: 'green' },
    });
    expect(world.endpoint).toEqual(await green());
    expect(await world.writable(await green())).toBe(true);
    expect(await world.writable(world.blue)).toBe(false);
    expect(await world.controlPlane.describe(names.green)).toMatchObject({
      deletionProtection: true,
      tags: { 'bluegreen:disposable': 'false', team: 'platform' },
    });
    expect(
      await world.sql(
        await green(),
        `select column_name from information_schema.columns where column_name = 'balance'`,
      ),
    ).toEqual([]);
    await world.write(await green(), 'first on green');
    await expect(world.invoke(switchover, RUN, { results })).resolves.toMatchObject({ status: 'done' });
  });

  it('stays on green whatever fails from now on', async () => {
    expect(await world.complete(rollback, RUN, { failure })).toMatchObject({
      outcome: 'needs-attention',
      serving: 'green',
      reasons: ['green was opened and may hold writes that blue does not have'],
      leftovers: [{}, { what: 'blue small-production, frozen' }, { what: `the run's snapshot ${names.snapshot}` }],
    });
    expect(await world.has(await green(), 'first on green')).toBe(true);
    expect(await world.writable(await green())).toBe(true);
    expect(await world.writable(world.blue)).toBe(false);
  });

  it('finds at a new start that the application has moved already', async () => {
    expect(await world.complete(prepare, RUN)).toMatchObject({
      switchedOver: true,
      blue: { identifier: 'small-production' },
    });
  });

  it('refuses to delete blue unless the application demonstrably lives on green', async () => {
    const target = world.endpoint;
    world.endpoint = world.blue;
    await expect(world.invoke(retire, RUN)).rejects.toThrow(
      `the endpoint does not lead to green ${names.green}; blue is not retired`,
    );
    world.endpoint = target;
    await world.controlPlane.tag(names.green, { 'bluegreen:disposable': 'true' });
    await expect(world.invoke(retire, RUN)).rejects.toThrow(
      'still carries the tag of a disposable copy; blue is not retired',
    );
    await world.controlPlane.tag(names.green, { 'bluegreen:disposable': 'false' });
    expect(await world.controlPlane.describe('small-production')).toMatchObject({ status: 'available' });
  });

  it('keeps a blue that is protected against deletion, and says how to delete it', async () => {
    const { leftovers } = await world.complete(retire, RUN);
    expect(leftovers).toEqual([
      {
        what: 'blue small-production, frozen, kept because it is protected against deletion',
        command:
          'aws rds modify-db-instance --db-instance-identifier small-production --no-deletion-protection --apply-immediately && aws rds delete-db-instance --db-instance-identifier small-production --final-db-snapshot-identifier small-production-final',
      },
    ]);
    expect(await world.controlPlane.describeSnapshot(names.snapshot)).toBeUndefined();
    expect(
      await world.sql(
        await green(),
        `select to_regclass('bluegreen.run') as run, count(*)::int as triggers from pg_trigger where tgname = 'bluegreen_fence'`,
      ),
    ).toEqual([{ run: null, triggers: 0 }]);
    expect(await world.complete(prepare, RUN)).toMatchObject({ switchedOver: true });
  });

  it('refuses to delete a blue that it did not freeze', async () => {
    await world.controlPlane.setDeletionProtection('small-production', false);
    await world.sql(world.blue, `update bluegreen.run set run_id = 'another'`);
    await expect(world.invoke(retire, RUN)).rejects.toThrow(
      '"small-production" is not the database this run froze; it is not deleted',
    );
    await world.sql(world.blue, `update bluegreen.run set run_id = '${RUN}'`);
    expect(await world.controlPlane.describe('small-production')).toMatchObject({ status: 'available' });
  });

  it('retires blue with a final snapshot where the plan wants one', async () => {
    const plan: Invocation['plan'] = (given) => ({ ...given, retire: { blue: 'delete', finalSnapshot: true } });
    // as in its nightly backup: RDS takes no order to delete it meanwhile
    await world.controlPlane.createSnapshot('by-somebody-else', 'small-production', {});
    expect(await world.invoke(retire, RUN, { plan })).toMatchObject({ status: 'waiting' });
    expect(await world.complete(retire, RUN, { plan })).toEqual({
      leftovers: [
        {
          what: `snapshot ${names.finalSnapshot}, kept as the plan asks`,
          command: `aws rds delete-db-snapshot --db-snapshot-identifier ${names.finalSnapshot}`,
        },
      ],
    });
    expect(await world.controlPlane.describe('small-production')).toBeUndefined();
    const { DBInstances } = await world.client.send(new DescribeDBInstancesCommand({}));
    expect(DBInstances?.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier)).toEqual([names.green]);
    expect(await world.has(await green(), 'first on green')).toBe(true);
    expect(await world.complete(prepare, RUN)).toEqual({ switchedOver: true });
    expect(await world.complete(rollback, RUN, { failure })).toMatchObject({
      outcome: 'migrated',
      serving: 'green',
      leftovers: [],
    });
  });
});
