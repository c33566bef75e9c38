import { createHash } from 'node:crypto';
import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  ModifyDBParameterGroupCommand,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { prepare } from '../../../lambdas/prepare';
import { rollback } from '../../../lambdas/rollback';
import { type Change, chainHash } from '../../../lib/core/changes';
import {
  BlueIsReadReplica,
  BlueNotAvailable,
  BlueNotFound,
  ChangeAltered,
  ForeignResource,
  GuardrailViolated,
  LedgerBroken,
  RunLocked,
  SecretUnusable,
} from '../../../lib/core/errors';
import { runNames } from '../../../lib/core/identifiers';
import { changes } from '../../support/following-plan';
import { type Invocation, PhaseWorld } from '../../support/phase-world';

let world: PhaseWorld;
beforeAll(async () => {
  world = await PhaseWorld.open();
});
afterAll(() => world.close());

/** Everything in the database that a run could touch. */
async function inside(): Promise<unknown> {
  const rows = await world.sql(
    world.blue,
    `select 'relation ' || oid::regclass as line from pg_class where relnamespace::regnamespace::text !~ '^(pg_|information)'
     union all select 'schema ' || nspname from pg_namespace union all select 'trigger ' || tgname from pg_trigger
     union all select 'setting ' || setconfig::text from pg_db_role_setting union all select 'routine ' || count(*) from pg_proc
     union all select 'rows ' || count(*) from account order by 1`,
  );
  return rows;
}

const BLUE_SERVES = { outcome: 'rolled-back', serving: 'blue', leftovers: [] };
/** Blue does not exist, so nothing can be said of it. */
const NOBODY_KNOWN = { outcome: 'needs-attention', serving: 'unknown', leftovers: [] };

/** Prepare refuses, and so does its rollback find nothing to do; nothing differs afterwards. */
async function refused(runId: string, invocation: Invocation = {}, ending: object = BLUE_SERVES): Promise<Error> {
  const before = [await inside(), await world.shown(), world.endpoint];
  const error = (await world.invoke(prepare, runId, invocation).then(
    () => undefined,
    (reason: unknown) => reason,
  )) as Error;
  expect(error).toBeInstanceOf(Error);
  expect([await inside(), await world.shown(), world.endpoint]).toEqual(before);
  const failure = { phase: 'prepare', error: error.name, message: error.message } as const;
  expect(await world.complete(rollback, runId, { ...invocation, failure })).toMatchObject(ending);
  expect([await inside(), await world.shown(), world.endpoint]).toEqual(before);
  return error;
}

describe('prepare', () => {
  it('takes the lock when everything is as it must be, as often as it is asked', async () => {
    const done = await world.invoke(prepare, 'run-1');
    expect(done).toMatchObject({
      status: 'done',
      result: { switchedOver: false, blue: { identifier: 'small-production', address: world.blue } },
    });
    expect(await world.invoke(prepare, 'run-1')).toEqual(done);
    expect(await world.sql(world.blue, 'select run_id, plan, green_state from bluegreen.run')).toEqual([
      { run_id: 'run-1', plan: 'small', green_state: 'closed' },
    ]);
    const failure = { phase: 'prepare', error: 'X', message: 'x' } as const;
    await world.complete(rollback, 'run-1', { failure });
    expect(await world.sql(world.blue, `select from pg_namespace where nspname = 'bluegreen'`)).toEqual([]);
  });

  it('refuses a blue that a copy could not be like, with every reason', async () => {
    const identifier = 'small-production';
    const { arn } = (await world.controlPlane.describe(identifier)) ?? {};
    const Tags = Array.from({ length: 46 }, (_, index) => ({ Key: `cost-${index}`, Value: 'x' }));
    await world.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags }));
    const parameter = {
      ParameterName: 'max_connections',
      ParameterValue: '99',
      ApplyMethod: 'pending-reboot',
    } as const;
    const DBParameterGroupName = 'small-parameters';
    await world.client.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters: [parameter] }));
    while ((await world.controlPlane.describe(identifier))?.awaitingReboot.length === 0) {
      await world.clock.sleep(1_000);
    }
    expect((await refused('run-1')).message).toMatch(
      /parameter group "small-parameters" has values .*next reboot only(.|\n)*has 47 tags.*remove 1 of them/,
    );
    const TagKeys = Tags.map(({ Key }) => Key);
    await world.client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys }));
    await world.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: identifier }));
    await world.settled(identifier);
  });

  it('refuses a blue that does not exist', async () => {
    const plan: Invocation['plan'] = (given) => ({ ...given, blue: { ...given.blue, identifier: 'nowhere' } });
    const error = await refused('run-2', { plan }, NOBODY_KNOWN);
    expect(error).toBeInstanceOf(BlueNotFound);
    expect(error.message).toContain('there is no DB instance "nowhere"');
  });

  it('refuses a blue that an earlier run retired, and names the run and what it moved the application to', async () => {
    const { arn } = (await world.controlPlane.describe('small-production')) ?? {};
    const own = { 'bluegreen:plan': 'small', 'bluegreen:run': 'release-41', 'bluegreen:disposable': 'false' };
    await world.client.send(
      new AddTagsToResourceCommand({
        ResourceName: arn,
        Tags: Object.entries(own).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    const plan: Invocation['plan'] = (given) => ({ ...given, blue: { ...given.blue, identifier: 'retired' } });
    const error = await refused('release-42', { plan }, NOBODY_KNOWN);
    await world.client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: Object.keys(own) }));
    expect(error.message).toBe(
      'blue does not exist: there is no DB instance "retired" in this account and region, since run "release-41" moved the application to "small-production"; set blue.identifier in plan.json to "small-production"',
    );
  });

  it('refuses a blue that is not available', async () => {
    await world.clock.track(async () => {
      await world.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'small-production' }));
      const error = await world.invoke(prepare, 'run-3').catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(BlueNotAvailable);
      expect(error).toMatchObject({ status: 'rebooting' });
      const failure = { phase: 'prepare', error: 'BlueNotAvailable', message: '' } as const;
      expect(await world.invoke(rollback, 'run-3', { failure })).toMatchObject({ status: 'done' });
    });
    await world.settled('small-production');
  });

  it('refuses a read replica', async () => {
    await world.rds.markAsReadReplica('small-production', 'somewhere-else');
    const error = await refused('run-4');
    expect(error).toBeInstanceOf(BlueIsReadReplica);
    expect(error.message).toContain('is a read replica of "somewhere-else"');
    await world.rds.markAsReadReplica('small-production', undefined as never);
  });

  it('refuses to run beside another run, which it names and whose lock it leaves alone', async () => {
    await world.invoke(prepare, 'first');
    const error = await refused('second');
    expect(error).toBeInstanceOf(RunLocked);
    expect(error.message).toContain('run "first" holds the lock on blue since');
    expect(await world.sql(world.blue, 'select run_id from bluegreen.run')).toEqual([{ run_id: 'first' }]);
    await world.complete(rollback, 'first', { failure: { phase: 'prepare', error: 'X', message: '' } });
  });

  describe('of a ledger', () => {
    /** One entry as a run writes it, for a file of other content. */
    const sha256 = '0'.repeat(64);
    const chain = createHash('sha256').update(`\n1\n0001_add_currency.sql\n${sha256}`).digest('hex');
    const applied = (chained: string) =>
      world.sql(
        world.blue,
        `create schema bluegreen; create table bluegreen.change (number bigint, file text, sha256 text, chain text, run_id text, applied_at timestamptz);
         insert into bluegreen.change values (1, '0001_add_currency.sql', '${sha256}', '${chained}', 'run-0', now())`,
      );
    afterEach(() => world.sql(world.blue, 'drop schema bluegreen cascade'));

    it('refuses a change whose file was altered after it was applied', async () => {
      await applied(chain);
      const error = await refused('run-5');
      expect(error).toBeInstanceOf(ChangeAltered);
      expect(error.message).toContain('changes/0001_add_currency.sql was applied with content sha256 000000000000…');
    });

    it('refuses entries that somebody altered, before anything is touched', async () => {
      await applied('f'.repeat(64));
      const error = await refused('run-5');
      expect(error).toBeInstanceOf(LedgerBroken);
      expect(error.message).toContain(
        `entry 1 (0001_add_currency.sql) has the chain value ffffffffffff…, as the first one it must have ${chain.slice(0, 12)}…`,
      );
    });
  });

  it('refuses to change values of a column that an earlier run added, which blue writes by now', async () => {
    const added = changes({ '0001_add_vip.sql': 'alter table account add column vip boolean' });
    const filled = changes({ '0002_fill_vip.sql': 'update account set vip = false' });
    const plan: Invocation['plan'] = (loaded) => ({ ...loaded, sync: 'replication', changes: [...added, ...filled] });
    await world.sql(
      world.blue,
      `create schema bluegreen; create table bluegreen.change (number bigint, file text, sha256 text, chain text, run_id text, applied_at timestamptz);
       insert into bluegreen.change values (1, '0001_add_vip.sql', '${added[0]?.sha256}', '${chainHash(undefined, added[0] as Change)}', 'run-0', now())`,
    );
    expect((await refused('run-8', { plan })).message).toContain(
      "changes/0002_fill_vip.sql: line 1: rewrites values of account.vip, which blue's next update of a row undoes",
    );
    await world.sql(world.blue, 'drop schema bluegreen cascade');
  });

  it('refuses when the application is led elsewhere', async () => {
    world.endpoint = { host: 'another.example' };
    const error = await refused('run-6');
    expect(error).toBeInstanceOf(GuardrailViolated);
    expect(error.message).toBe(
      'blue is not ready for a run:\n  - the endpoint small-db.internal.example.com leads to another.example, not to blue (127.0.0.1); point it at blue, or set blue.identifier to the instance it leads to',
    );
    world.endpoint = undefined;
    expect((await refused('run-6')).message).toContain('leads to nowhere, not to blue');
    world.endpoint = world.blue;
  });

  it('refuses when something of another owner has the name this run would use', async () => {
    const { snapshot } = runNames('small', 'run-7');
    await world.client.send(
      new CreateDBSnapshotCommand({
        DBSnapshotIdentifier: snapshot,
        DBInstanceIdentifier: 'small-production',
        Tags: [{ Key: 'team', Value: 'audit' }],
      }),
    );
    await world.settled('small-production');
    const error = await refused('run-7');
    expect(error).toBeInstanceOf(ForeignResource);
    expect(error.message).toContain(`"${snapshot}" exists and is not of this run (its tags say: team=audit)`);
    await world.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: snapshot }));
  });

  it('refuses every violated guardrail at once', async () => {
    await world.sql(world.blue, 'create unlogged table cache (a int)');
    await world.sql(world.blue, 'create database second');
    await world.rds.serverOf('small-production')?.asAdmin((admin) => admin.query('create table t ()'), 'second');
    const error = await refused('run-8');
    expect(error).toBeInstanceOf(GuardrailViolated);
    expect((error as GuardrailViolated).reasons).toEqual([
      'unlogged table cache would be empty on green; ALTER TABLE cache SET LOGGED, or drop it',
      'database "second" on the same instance has 1 tables and moves to green, too; name it in followedDatabases (it moves with the run) or in abandonedDatabases (what is written to it after the snapshot is lost)',
    ]);
    await world.sql(world.blue, 'drop table cache');
    await world.sql(world.blue, 'drop database second');
  });

  it('refuses a database that is read-only already', async () => {
    await world.sql(world.blue, 'alter database small set default_transaction_read_only = on');
    const error = await refused('run-9');
    expect((error as GuardrailViolated).reasons).toEqual([
      'the database is read-only by default already; whoever set that must end it: ALTER DATABASE … RESET default_transaction_read_only',
      'a write attempt as the application is refused: cannot execute DELETE in a read-only transaction; blue.applicationSecretArn must be the secret of a user who may write',
    ]);
    await world.sql(world.blue, 'alter database small reset default_transaction_read_only');
  });

  it('refuses an application user who could not write anyway', async () => {
    const admin = world.rds.serverOf('small-production');
    await admin?.asAdmin((client) => client.query('alter role app set default_transaction_read_only = on'));
    expect((await refused('run-10')).message).toContain('a write attempt as the application is refused');
    await admin?.asAdmin((client) =>
      client.query('alter role app nologin reset default_transaction_read_only'.replace('nologin ', '')),
    );
    await admin?.asAdmin((client) => client.query('alter role app nologin'));
    expect((await refused('run-10')).message).toContain('role "app" is not permitted to log in');
    await admin?.asAdmin((client) => client.query('alter role app login'));
  });

  it('refuses a secret it cannot read', async () => {
    const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:gone-AbCdEf';
    const plan: Invocation['plan'] = (given) => ({ ...given, blue: { ...given.blue, secretArn } });
    await expect(world.invoke(prepare, 'run-11', { plan })).rejects.toBeInstanceOf(SecretUnusable);
    await expect(world.invoke(prepare, 'run-11', { plan })).rejects.toThrow(
      `secret ${secretArn} cannot be used: ResourceNotFoundException; it must hold {"username": …, "password": …} and be readable for the run`,
    );
  });

  it('takes the lock after all that, since nothing of it stayed', async () => {
    await expect(world.invoke(prepare, 'run-12')).resolves.toMatchObject({ status: 'done' });
  });
});
