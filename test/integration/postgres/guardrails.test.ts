import type { MentionedDatabases } from '../../../lib/ports/database';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

let blue: TestDatabase;
beforeEach(async () => {
  blue = await fixture.database(
    'create table orders (id int primary key); create schema shop; create table shop.items (id int)',
  );
});
afterEach(async () => {
  await blue.close();
  await fixture.server.asAdmin(async (admin) => {
    await admin.query(`drop database ${blue.name} with (force)`);
    await admin.query('drop database if exists "other one" with (force)');
    await admin.query('grant pg_signal_backend, pg_monitor to rds_superuser');
  });
});

const NOBODY = { followed: [], abandoned: [] };
const reasons = (mentioned: MentionedDatabases = NOBODY) => blue.run().guardrails(mentioned);

it('a clean database violates no guardrail', async () => {
  expect(await reasons()).toEqual([]);
});

it('tables of an extension, which nobody but RDS owns, violate none', async () => {
  await blue.query(
    'create extension citext; create table reference (a int); alter extension citext add table reference',
  );
  expect(await reasons()).toEqual([]);
});

it.each([
  [
    'a prepared transaction',
    `begin; insert into orders values (1); prepare transaction 'half'`,
    'prepared transaction "half" survives the end of its session and could write after the freeze; commit or roll it back',
    `rollback prepared 'half'`,
  ],
  [
    'an unlogged table',
    'create unlogged table shop.cache (a int); alter table shop.cache owner to bluegreen',
    'unlogged table shop.cache would be empty on green; ALTER TABLE shop.cache SET LOGGED, or drop it',
    '',
  ],
  [
    'a table the run may not fence',
    'create table foreign_owned (a int); grant select on foreign_owned to bluegreen',
    "the run's user may not fence table foreign_owned; GRANT TRIGGER ON foreign_owned TO the run's user, and USAGE on its schema",
    '',
  ],
  [
    'a table in a schema the run may not enter',
    'create schema closed; create table closed.t (a int); grant all on closed.t to bluegreen',
    "the run's user may not fence table closed.t; GRANT TRIGGER ON closed.t TO the run's user, and USAGE on its schema",
    '',
  ],
  [
    'a table the run may not read',
    'create table secret (a int); grant trigger on secret to bluegreen',
    "the run's user may not read table secret, so it cannot be compared; GRANT SELECT ON secret TO the run's user",
    '',
  ],
  [
    'a table whose rows are hidden from the run',
    'alter table orders enable row level security, force row level security',
    "row security hides rows of table orders from the run's user, so they cannot be compared; let the run's user own the table, without FORCE ROW LEVEL SECURITY, or have BYPASSRLS",
    '',
  ],
  [
    'a database the run does not own',
    'alter database :name owner to rdsadmin',
    `the run's user does not own the database, which ALTER DATABASE demands; make it a member of "rdsadmin"`,
    '',
  ],
  [
    'sessions the run may not end',
    'revoke pg_signal_backend from rds_superuser',
    "the run's user is no member of pg_signal_backend and cannot end the application's sessions; GRANT pg_signal_backend TO the run's user (RDS's master user has it)",
    '',
  ],
  [
    'a subscription',
    `create subscription feed connection 'host=127.0.0.1 dbname=nowhere' publication p with (connect = false); alter subscription feed enable`,
    'subscription "feed" writes to blue and is not stopped by the freeze, and green would subscribe a second time; ALTER SUBSCRIPTION … DISABLE for the time of the run',
    'alter subscription feed disable; alter subscription feed set (slot_name = none); drop subscription feed',
  ],
  [
    'a database that is read-only already',
    'alter database :name set default_transaction_read_only = on',
    'the database is read-only by default already; whoever set that must end it: ALTER DATABASE … RESET default_transaction_read_only',
    '',
  ],
])('refuses %s, and says what to do', async (_what, sql, reason, undo) => {
  const client = await blue.client('rdsadmin');
  for (const statement of sql.replaceAll(':name', blue.name).split('; ')) {
    await client.query(statement);
  }
  expect(await reasons()).toEqual([reason]);
  for (const statement of undo.split('; ').filter((text) => text !== '')) {
    await blue.query(statement);
  }
});

describe('a second database', () => {
  let other: TestDatabase;
  beforeEach(async () => {
    other = await fixture.database('', 'other one');
  });
  const closeIt = () =>
    other.query('alter database "other one" owner to rdsadmin; revoke connect on database "other one" from public');

  it('is refused with tables, but not without', async () => {
    expect(await reasons()).toEqual([]);
    await other.query('create table t (a int)');
    expect(await reasons()).toEqual([
      'database "other one" on the same instance has 1 tables and moves to green, too; name it in followedDatabases (it moves with the run) or in abandonedDatabases (what is written to it after the snapshot is lost)',
    ]);
  });

  it('is not refused when the plan mentions it', async () => {
    await other.query('create table t (a int)');
    expect(await reasons({ followed: ['other one'], abandoned: [] })).toEqual([]);
    expect(await reasons({ followed: [], abandoned: ['other one'] })).toEqual([]);
  });

  it('is refused when the run cannot look into it', async () => {
    await closeIt();
    expect(await reasons()).toEqual([
      `database "other one" on the same instance moves to green, too, and the run's user may not see whether it is empty; GRANT CONNECT ON DATABASE "other one" TO the run's user, or name it in abandonedDatabases, or drop it`,
    ]);
  });

  it('is refused when it is to be followed and the run may not connect to it, but may be abandoned', async () => {
    await closeIt();
    expect(await reasons({ followed: ['other one'], abandoned: [] })).toEqual([
      `database "other one" is to move with the run, whose user may not connect to it; GRANT CONNECT ON DATABASE "other one" TO the run's user`,
    ]);
    expect(await reasons({ followed: [], abandoned: ['other one'] })).toEqual([]);
  });

  it('cannot be followed and abandoned at once', async () => {
    expect(await reasons({ followed: ['other one'], abandoned: ['other one'] })).toEqual([
      'database "other one" is named in followedDatabases and in abandonedDatabases; leave it in the one that is meant',
    ]);
  });
});

it('refuses names of databases that do not exist, and takes that of the database itself', async () => {
  expect(await reasons({ followed: [blue.name, 'nowhere'], abandoned: ['no more'] })).toEqual([
    `followedDatabases names "nowhere", which is no database of the instance; it has "${blue.name}", "postgres"; correct the name or remove it`,
    `abandonedDatabases names "no more", which is no database of the instance; it has "${blue.name}", "postgres"; correct the name or remove it`,
  ]);
});

it('reports every violation', async () => {
  await blue.query('create unlogged table u1 (); create unlogged table u2 (); create table t3 ()');
  expect(await reasons()).toHaveLength(2 + 3 + 3);
});
