/** What a change must not hold, beside what the server says of the same statement where changes are applied: inside a transaction. */
import { DatabaseError } from 'pg';
import { loadStatementParser, parseChange } from '../../../lib/engines/postgres/changes/statement-parser';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const SEED = `
  create table written (n int); create table t (id int primary key, day date); create index t_day on t (day);
  create table parts (id int, day date) partition by range (day);
  create table part partition of parts for values from ('2020-01-01') to ('2021-01-01');
  create type mood as enum ('ok'); create role somebody; create database other;`;
/** It can be made without a server behind it, and enabled, too. */
const SUBSCRIPTIONS = `
  create subscription asleep connection 'host=127.0.0.1 port=1 dbname=nowhere' publication p with (connect = false);
  create subscription awake connection 'host=127.0.0.1 port=1 dbname=nowhere' publication p, r with (connect = false);
  alter subscription awake enable`;

/** Each with the first version that knows it. */
const REFUSED: readonly (readonly [statement: string, since?: number])[] = [
  ['begin'],
  ['commit'],
  ['rollback'],
  ['savepoint s'],
  [`prepare transaction 'x'`],
  [`commit prepared 'x'`],
  [`rollback prepared 'x'`],
  ['set transaction read only'],
  ['set transaction isolation level serializable'],
  ['set local transaction_read_only = on'],
  ['select 1 as n into made'],
  ['create index concurrently on t (day)'],
  ['create unique index concurrently on t (day)'],
  ['create schema s create table st (n int) create index concurrently on st (n)'],
  ['drop index concurrently t_day'],
  ['reindex index concurrently t_day'],
  ['reindex table concurrently t'],
  ['reindex (concurrently) table t'],
  ['reindex (verbose, concurrently true) table t'],
  ['reindex schema public'],
  ['reindex schema concurrently public'],
  ['reindex database "DATABASE"'],
  ['reindex system "DATABASE"'],
  ['alter table parts detach partition part concurrently'],
  ['vacuum'],
  ['vacuum t'],
  ['vacuum (full, analyze) t'],
  ['cluster'],
  ['discard all'],
  ['create database another'],
  ['drop database other'],
  ['drop database if exists other with (force)'],
  ['alter database other set tablespace pg_default'],
  ["create tablespace s location '/nowhere'"],
  ['drop tablespace if exists s'],
  [`alter system set work_mem = '8MB'`],
  ['alter system reset all'],
  [`create subscription s connection 'dbname=x' publication p`],
  [`create subscription s connection 'dbname=x' publication p with (create_slot = true)`],
  ['alter subscription awake refresh publication'],
  ['alter subscription awake set publication q'],
  ['alter subscription awake add publication q with (refresh = on)'],
  ['alter subscription awake drop publication p'],
  ['alter subscription asleep set (failover = true)', 17],
  ['alter subscription asleep set (two_phase = false)', 18],
  ['drop subscription asleep'],
  [`alter type mood add value 'well'; create table m (id int, a mood default 'well')`],
  [`alter type mood add value 'well' before 'ok'; update written set n = 1 where 'well'::mood > 'ok'`],
];

const ALLOWED: readonly string[] = [
  'create index on t (day)',
  'drop index t_day',
  'reindex table t',
  'reindex (concurrently false) table t',
  'reindex index t_day',
  'alter table parts detach partition part',
  'analyze t',
  'analyze',
  'cluster t using t_day',
  'discard plans',
  'discard temp',
  'discard sequences',
  'reset all',
  'checkpoint',
  'listen something; notify something; unlisten *',
  'lock table t',
  'set constraints all deferred',
  'set session characteristics as transaction read only',
  'set default_transaction_read_only = on',
  'set search_path to pg_catalog',
  'set local role somebody',
  'set role somebody',
  `alter type mood add value 'well'`,
  `alter type mood rename value 'ok' to 'well'; create table m (id int, a mood default 'well')`,
  'alter database other connection limit 5',
  `alter database other set work_mem = '8MB'`,
  'create table made as select 1 as n',
  'prepare q as select 1; execute q; deallocate q',
  'declare c cursor with hold for select 1; fetch c; close c',
  `create subscription s connection 'dbname=x' publication p with (connect = false)`,
  `create subscription s connection 'dbname=x' publication p with (create_slot = false, connect = false)`,
  'alter subscription awake set publication q with (refresh = false)',
  'alter subscription awake disable; alter subscription awake set (slot_name = none); drop subscription awake',
  'alter subscription asleep rename to s',
];

beforeAll(loadStatementParser);

describe.each(OLDEST_AND_NEWEST)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let database: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major });
    database = await fixture.database();
    for (const statement of [...SEED.split(';'), ...SUBSCRIPTIONS.split(';')]) {
      await database.query(statement);
    }
  });
  afterAll(() => fixture.close());

  it.each(REFUSED.filter(([, since = 0]) => since <= major).map(([sql]) => sql))('refuses %s', async (sql) => {
    const statement = sql.replace('DATABASE', database.name);
    expect(problemOf(statement)).toMatch(/^line 1: .* transaction|^line 1: SELECT \.\.\. INTO/);
    expect(await serverRefuses(statement)).toMatch(/^(25001|25006|0A000|55P04)$/);
  });

  it.each(ALLOWED)('applies %s', async (statement) => {
    expect(problemOf(statement)).toBeUndefined();
    expect(await serverRefuses(statement)).toBeUndefined();
  });

  function problemOf(sql: string): string | undefined {
    const parsed = parseChange(sql);
    return 'problem' in parsed ? parsed.problem : undefined;
  }

  /** Undone whatever happens. @returns the SQLSTATE with which a write of the same transaction is, or the statement itself */
  async function serverRefuses(sql: string): Promise<string | undefined> {
    const client = await database.client('rdsadmin');
    const executed = sql.split(';').map((statement) => `execute $sql$${statement}$sql$;`);
    try {
      await client.query('begin');
      await client.query(
        `do $do$ begin ${executed.join(' ')} reset role; insert into public.written values (1); end $do$`,
      );
      return undefined;
    } catch (error) {
      return error instanceof DatabaseError ? error.code : String(error);
    } finally {
      await client.query('rollback');
      await client.end();
    }
  }
});
