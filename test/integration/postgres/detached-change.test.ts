/** A change that outlives the invocation that began it: the server goes on by itself, and later invocations find out what became of it. */
import type { Client } from 'pg';
import type { Change } from '../../../lib/core/changes';
import { ChangeFailed, ChangeLost } from '../../../lib/core/errors';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { changes } from '../../support/following-plan';
import { MAJORS } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
/** Longer than any change here takes. */
const PATIENCE_MS = 60_000;
/** What a change waits for until the test lets it go on. */
const GATE = 'select pg_advisory_lock(42)';

describe.each(MAJORS)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  beforeAll(async () => {
    await loadStatementParser();
    fixture = await PostgresFixture.start({ major });
  });
  afterAll(() => fixture.close());

  let green: TestDatabase;
  let gate: Client;
  beforeEach(async () => {
    green = await fixture.database(`
      create table people (id int primary key, name text);
      create sequence tries;
      insert into people values (1, 'Anna Secret'), (2, 'Anna Secret');`);
    const run = green.run();
    await run.takeLock(RUN, 'orders');
    await run.freeze(RUN, new Date('2030-01-01')); // green inherits the fence
    gate = await green.client('rdsadmin');
    await gate.query(GATE);
  });
  afterEach(() => green.close());

  const open = () => gate.query('select pg_advisory_unlock(42)');

  /** One invocation of its own. */
  async function apply(sql: string, waitMs = PATIENCE_MS): Promise<unknown> {
    const [change] = changes({ '0001_x.sql': sql });
    const run = green.run();
    return run.applyChange(RUN, change as Change, 'chain', waitMs).catch((reason: unknown) => reason);
  }

  async function running(): Promise<string | undefined> {
    return green.run().runningChange();
  }

  async function until(held: () => Promise<boolean>): Promise<void> {
    while (!(await held()));
  }

  const gone = () => until(async () => (await running()) === undefined);
  const atTheGate = () => until(async () => (await running())?.endsWith('waiting for a lock') === true);

  async function applier(): Promise<number> {
    return (await green.ask(
      `select pid from pg_locks where locktype = 'advisory' and objid = 42 and not granted
          and database = (select oid from pg_database where datname = current_database())`,
    )) as number;
  }

  async function applied(): Promise<unknown> {
    return (await green.run().ledger()).map(({ number, chain }) => ({ number, chain }));
  }

  it('is finished by the server, which says until then what it is at', async () => {
    const sql = `insert into people values (3, 'Carl'); ${GATE};\n create table made ()`;
    expect(await apply(sql, 0)).toBe('running');
    await atTheGate();
    expect(await running()).toMatch(
      /^the server has been applying changes\/0001_x\.sql for \d+ s; statement 2 of 3; waiting for a lock$/,
    );
    expect(await applied()).toEqual([]);
    await open();
    await gone();
    expect(await applied()).toEqual([{ number: 1, chain: 'chain' }]);
    expect(await apply(sql)).toBe('applied');
    expect(await green.ask('select count(*)::int from people')).toBe(3);
  });

  it('that makes an index says how far it is', async () => {
    const sql = `create function waited(n int) returns int immutable language plpgsql as
        $$ begin perform pg_advisory_lock(42); return n; end $$;
      create index on people (waited(id))`;
    expect(await apply(sql, 0)).toBe('running');
    await atTheGate();
    expect(await running()).toMatch(
      /statement 2 of 2; building index: scanning table, \d of 1 blocks; waiting for a lock$/,
    );
    await open();
    await gone();
    expect(await applied()).toEqual([{ number: 1, chain: 'chain' }]);
  });

  it('is not ended by messages that nobody hears', async () => {
    const loud = `do $$ begin for n in 1 .. 5000 loop raise notice 'still there'; end loop; end $$`;
    expect(await apply(`${GATE}; drop table if exists nothing; ${loud}; ${loud}; create table made ()`, 0)).toBe(
      'running',
    );
    await open();
    await gone();
    expect(await applied()).toEqual([{ number: 1, chain: 'chain' }]);
  });

  it('that fails is reported by every later invocation, with what the server said, and nothing of it stays', async () => {
    const sql = `create table half ();\nselect nextval('tries');\n${GATE};\n\n  select 1 / 0;\nselect 2`;
    expect(await apply(sql, 0)).toBe('running');
    await open();
    await gone();
    for (let invocation = 0; invocation < 2; invocation += 1) {
      const error = await apply(sql);
      expect(error).toBeInstanceOf(ChangeFailed);
      expect((error as Error).message).toBe(
        'changes/0001_x.sql:5:3: division by zero (SQLSTATE 22012)\n    select 1 / 0;\n    ^',
      );
    }
    expect(await green.ask('select last_value::int from tries')).toBe(1);
    expect(await green.ask(`select to_regclass('half')::text`)).toBeNull();
    expect(await applied()).toEqual([]);
  });

  it.each([
    ['an assertion', `do $$ begin assert false, 'not so'; end $$`, 'P0004', 'not so'],
    [
      'a duplicate key, without the values of rows',
      'alter table people add unique (name)',
      '23505',
      'could not create unique index "people_name_key"',
    ],
    [
      'a deferred constraint',
      'create table child (id int references people deferrable initially deferred); insert into child values (99)',
      '23503',
      'insert or update on table "child" violates foreign key constraint "child_id_fkey"',
    ],
  ])('that fails for %s is reported', async (_what, sql, sqlState, serverMessage) => {
    expect(await apply(`${GATE}; ${sql}`, 0)).toBe('running');
    await open();
    await gone();
    const error = (await apply(`${GATE}; ${sql}`, 0)) as ChangeFailed;
    expect(error).toBeInstanceOf(ChangeFailed);
    expect(error.failure).toMatchObject({ sqlState, serverMessage });
    expect(error.failure.serverDetail).toBeUndefined();
    expect(await green.ask('select detail from bluegreen.change_attempt')).toBeNull();
  });

  it('that somebody cancels has failed', async () => {
    expect(await apply(GATE, 0)).toBe('running');
    await atTheGate();
    await green.query('select pg_cancel_backend($1)', 'rdsadmin', [await applier()]);
    await gone();
    expect(await apply(GATE, 0)).toMatchObject({
      failure: { sqlState: '57014', serverMessage: 'canceling statement due to user request' },
    });
  });

  it('that the server loses is begun anew, and given up when it was lost three times', async () => {
    const sql = `select nextval('tries'); ${GATE}`;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await apply(sql, 0)).toBe('running');
      await atTheGate();
      await green.query('select pg_terminate_backend($1, 5000)', 'rdsadmin', [await applier()]);
      await gone();
    }
    const error = await apply(sql);
    expect(error).toBeInstanceOf(ChangeLost);
    expect((error as Error).message).toBe(
      "changes/0001_x.sql was begun 3 times, and each time the session that applied it ended without a word; see the log of green's server for restarts and ended sessions, and its metrics for memory and storage; then mend the cause, or split the change, and start a new run",
    );
    expect(await green.ask('select last_value::int from tries')).toBe(3);
  });

  it('that failed is begun anew when the file was mended', async () => {
    expect(await apply(`${GATE}; select 1 / 0`, 0)).toBe('running');
    await open();
    await gone();
    expect(await apply('create table made ()')).toBe('applied');
  });

  it('is applied once by two invocations at once, whoever is first', async () => {
    await open();
    const outcomes = await Promise.all([apply('create table made ()'), apply('create table made ()')]);
    expect(outcomes).toContain('applied');
    expect(outcomes.every((outcome) => outcome === 'applied' || outcome === 'running')).toBe(true);
    expect(await applied()).toEqual([{ number: 1, chain: 'chain' }]);
  });

  it('that fails in front of one invocation is reported to another without being tried again', async () => {
    const sql = `select nextval('tries'); ${GATE}; select nothing`;
    const first = apply(sql);
    await atTheGate();
    expect(await apply(sql)).toBe('running');
    await open();
    expect(await first).toMatchObject({ failure: { column: 62, serverMessage: 'column "nothing" does not exist' } });
    expect(await apply(sql)).toMatchObject({
      failure: { column: 55, serverMessage: 'column "nothing" does not exist' },
    });
    expect(await green.ask('select last_value::int from tries')).toBe(1);
  });

  it('can be ended, which is no failure, and does not count', async () => {
    const sql = `create table made (); ${GATE}`;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect(await apply(sql, 0)).toBe('running');
      await atTheGate();
      await green.run().endChange(RUN);
      expect(await running()).toBeUndefined();
    }
    expect(await applied()).toEqual([]);
    await open();
    expect(await apply(sql)).toBe('applied');
  });

  it('leaves nothing but the ledger when the run is over', async () => {
    await open();
    await apply('create table made ()');
    await green.run().release(RUN);
    expect(
      await green.query(
        `select relname from pg_class where relnamespace = 'bluegreen'::regnamespace and relkind = 'r'`,
      ),
    ).toEqual([{ relname: 'change' }]);
  });

  it('may hold whatever a file of SQL may hold', async () => {
    await open();
    const sql = `
      set local work_mem = '8MB'; set search_path = public, pg_temp;
      create type mood as enum ('good'); alter type mood add value 'bad';
      create table t (id int, m mood, day date) partition by range (day);
      create table t1 partition of t for values from ('2025-01-01') to ('2026-01-01');
      lock table t in access exclusive mode;
      create procedure p(inout n int) language plpgsql as $$ begin n := n + 1; end $$; call p(1);
      create function f() returns setof int language sql begin atomic select 1; select 2; end; select * from f();
      create temp table scratch on commit drop as select 1 as one; insert into t select one, 'good', '2025-05-05' from scratch;
      prepare q as update t set id = 2; execute q; deallocate q;
      declare c cursor for select * from t; fetch all from c; close c;
      set constraints all deferred; explain select 1; values (1); table people; analyze people; reindex table people;
      create materialized view m as select count(*) from t; refresh materialized view m; create unique index on m (count);
      do $$ begin begin raise 'caught'; exception when others then null; end; end $$;
      comment on table t is 'it''s'; truncate t; drop view if exists nothing; notify nobody;
      select set_config('application_name', 'shop', false); reset application_name;
      alter table people alter column id type bigint; cluster people using people_pkey; select current_setting('work_mem')`;
    expect(await apply(sql)).toBe('applied');
  });
});
