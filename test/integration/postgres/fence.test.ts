import type { Client } from 'pg';
import { DatabaseRefused, FreezeFailed, TemporarilyUnavailable } from '../../../lib/core/errors';
import type { PostgresDatabase } from '../../../lib/engines/postgres/postgres-database';
import { freezeGaps } from '../../../lib/engines/postgres/write-gate/freeze';
import { catalogSnapshot } from '../../support/catalog-snapshot';
import { ended, PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
const UNTIL = new Date('2030-01-01T00:00:00Z');
const TAKEN_BACK = { handedOver: true };

/** Several schemas, quoted, mixed-case and non-ASCII names, partitions, a child table, a table of the application's own. */
const SEED = `
  create table plain (id int primary key, note text);
  insert into plain select n, 'row ' || n from generate_series(1, 10) n;
  create schema "Größe";
  create table "Größe"."Üb""er sicht" ("Ä" int);
  create schema "s p a c e";
  create table "s p a c e"."$fence$" (a int);
  create table measured (day date, value int) partition by range (day);
  create table measured_2025 partition of measured for values from ('2025-01-01') to ('2026-01-01');
  create table measured_2026 partition of measured for values from ('2026-01-01') to ('2027-01-01') partition by list (value);
  create table measured_2026_1 partition of measured_2026 for values in (1);
  create table parent (a int);
  create table child () inherits (parent);
  create schema apps;
  grant usage, create on schema apps to app;
  grant usage on schema "Größe", "s p a c e" to app;
  grant all on all tables in schema public, "Größe", "s p a c e" to app;`;

/** Made by the application itself, which lets the run's user fence and read it. */
const APP_SEED = `create table apps.mine (id int); grant trigger, select on apps.mine to bluegreen`;

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

let blue: TestDatabase;
let run: PostgresDatabase;
async function freshDatabase(): Promise<void> {
  blue = await fixture.database(SEED);
  await blue.query(APP_SEED, 'app');
  run = blue.run();
}

async function frozen(): Promise<void> {
  await run.takeLock(RUN, 'orders');
  await run.freeze(RUN, UNTIL);
}

const WRITES: readonly [what: string, sql: string][] = [
  ['INSERT', `insert into plain values (11, 'new')`],
  ['INSERT of no row', `insert into plain select 1, '' where false`],
  ['INSERT … ON CONFLICT', `insert into plain values (1, 'x') on conflict (id) do update set note = 'x'`],
  ['UPDATE', `update plain set note = 'x'`],
  ['DELETE', `delete from plain`],
  ['TRUNCATE', `truncate plain`],
  ['MERGE', `merge into plain p using (values (1)) v (id) on p.id = v.id when matched then update set note = 'merged'`],
  ['a write inside a WITH', `with gone as (delete from plain returning id) select count(*) from gone`],
  ['a write inside a DO block', `do $$ begin insert into plain values (12); end $$`],
  ['a partitioned table', `insert into measured values ('2025-05-05', 1)`],
  ['a partition directly', `insert into measured_2025 values ('2025-05-05', 1)`],
  ['a partition of a partition directly', `delete from measured_2026_1`],
  ['a table with children', `update parent set a = 1`],
  ['a child table', `insert into child values (1)`],
  ['a table with a quoted name', `insert into "Größe"."Üb""er sicht" values (1)`],
  ['a table named like a dollar quote', `delete from "s p a c e"."$fence$"`],
  ['a table the application owns', `insert into apps.mine values (1)`],
];

describe('a frozen database', () => {
  beforeAll(async () => {
    await freshDatabase();
    await frozen();
  });
  afterAll(() => blue.close());

  it.each(WRITES)('refuses %s from the application, however its session is set', async (_what, sql) => {
    const client = await blue.client('app');
    const refusal = { code: '25006', message: expect.stringContaining('in a read-only') };

    await expect(client.query(sql)).rejects.toMatchObject(refusal);

    await client.query('begin read write');
    await expect(client.query(sql)).rejects.toMatchObject({
      code: '25006',
      message: expect.stringMatching(
        /^cannot execute \w+ in a read-only database: blue\/green run run-1 is in progress$/,
      ),
    });
    await client.query('rollback');

    await client.query('set default_transaction_read_only = off');
    await expect(client.query(sql)).rejects.toMatchObject(refusal);
  });

  it('refuses COPY, which no statement could be asked before', async () => {
    const client = await blue.client('app');
    await client.query('set default_transaction_read_only = off');
    // the driver answers a COPY by giving up, so the refusal has to come before it is asked for rows
    await expect(client.query(`copy plain from stdin`)).rejects.toMatchObject({
      message: expect.stringMatching(/in a read-only database|No source stream/),
    });
    expect(await blue.ask('select count(*)::int from plain')).toBe(10);
  });

  it('refuses the owner of the tables and of the database', async () => {
    const owner = await blue.client('bluegreen');
    await owner.query('set default_transaction_read_only = off');
    await expect(owner.query(`update plain set note = 'x'`)).rejects.toMatchObject({ code: '25006' });
    const apps = await blue.client('app');
    await apps.query('set default_transaction_read_only = off');
    await expect(apps.query('truncate apps.mine')).rejects.toMatchObject({ code: '25006' });
  });

  it('answers queries as before', async () => {
    expect(await blue.ask('select count(*)::int from plain', 'app')).toBe(10);
    expect(await blue.ask('select count(*)::int from measured', 'app')).toBe(0);
  });

  it('lets the changes of its own run through, and of no other', async () => {
    const client = await blue.client('bluegreen');
    await client.query('set default_transaction_read_only = off');
    await client.query(`set bluegreen.run_id = 'run-2'`);
    await expect(client.query('delete from plain')).rejects.toMatchObject({ code: '25006' });
    await client.query(`set bluegreen.run_id = '${RUN}'`);
    await expect(client.query('delete from plain where id = 1')).resolves.toMatchObject({ rowCount: 1 });
  });
});

describe('freezing', () => {
  beforeEach(freshDatabase);
  afterEach(() => blue.close());

  it('refuses the write of a role whose own setting overrides the database', async () => {
    await blue.query(`alter role app in database ${blue.name} set default_transaction_read_only = off`);
    await frozen();
    const client = await blue.client('app');
    await expect(client.query(`update plain set note = 'x'`)).rejects.toMatchObject({ code: '25006' });
  });

  it('says so itself, when asked to write as the application', async () => {
    await run.takeLock(RUN, 'orders');
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: true });
    await run.freeze(RUN, UNTIL);
    expect(await run.attemptWrite({ insist: false })).toEqual({
      accepted: false,
      message: 'cannot execute DELETE in a read-only transaction',
    });
    expect(await run.attemptWrite({ insist: true })).toEqual({
      accepted: false,
      message: 'cannot execute DELETE in a read-only database: blue/green run run-1 is in progress',
    });
    expect(await run.freezeGaps()).toEqual([]);
  });

  it('keeps its freeze when it is frozen again', async () => {
    await run.takeLock(RUN, 'orders');
    const first = await run.freeze(RUN, UNTIL);
    const reader = await blue.client('app');
    const again = await run.freeze(RUN, new Date('2031-01-01T00:00:00Z'));
    expect(again).toEqual(first);
    expect(first.until).toEqual(UNTIL);
    await expect(reader.query('select 1')).resolves.toBeDefined(); // nobody is thrown out twice
  });

  it('ends transactions that are writing, and nothing of them stays', async () => {
    await run.takeLock(RUN, 'orders');
    const writer = await blue.client('app');
    const gone = ended(writer);
    await writer.query('begin');
    await writer.query(`update plain set note = 'in flight'`);
    await run.freeze(RUN, UNTIL);
    await gone;
    await expect(writer.query('commit')).rejects.toBeDefined();
    expect(await blue.ask(`select count(*)::int from plain where note = 'in flight'`)).toBe(0);
  });

  it('waits for a writer it may not end, and gives up without fencing half of the tables', async () => {
    await run.takeLock(RUN, 'orders');
    const writer = await blue.client('rdsadmin');
    await writer.query('begin');
    await writer.query(`update plain set note = 'by RDS itself'`);
    await expect(run.freeze(RUN, UNTIL)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    expect(await blue.ask(`select count(*)::int from pg_trigger where tgname = 'bluegreen_fence'`)).toBe(0);

    await writer.query('commit');
    await run.freeze(RUN, UNTIL);
    expect(await run.freezeGaps()).toEqual([]);
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('goes on where a crash left it: setting without fence', async () => {
    await run.takeLock(RUN, 'orders');
    await blue.query(`alter database ${blue.name} set default_transaction_read_only = on`, 'bluegreen');
    await run.freeze(RUN, UNTIL);
    expect(await run.freezeGaps()).toEqual([]);
    await run.unfreeze(RUN, TAKEN_BACK);
    expect(await run.attemptWrite({ insist: false })).toMatchObject({ accepted: true });
  });

  it('ends a writer also when the fence of an earlier, half lifted freeze still stands', async () => {
    await frozen();
    await run.unfreeze(RUN, TAKEN_BACK); // the triggers stay, and let pass

    const writer = await blue.client('app');
    await writer.query('begin');
    await writer.query(`update plain set note = 'after the snapshot'`);
    const second = await run.freeze(RUN, UNTIL);
    await writer.query('commit').catch(() => undefined);
    expect(second).toMatchObject({ until: UNTIL });
    expect(await blue.ask(`select count(*)::int from plain where note = 'after the snapshot'`)).toBe(0);
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('waits for a writer it may not end also where the fence of a half lifted freeze still stands', async () => {
    await frozen();
    const other = await blue.client('rdsadmin');
    await other.query('set default_transaction_read_only = off');
    await run.unfreeze(RUN, TAKEN_BACK);
    await other.query('begin');
    await other.query(`update plain set note = 'by RDS itself'`);
    await expect(run.freeze(RUN, UNTIL)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    await other.query('commit');
    await run.freeze(RUN, UNTIL);
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('refuses to freeze for a run that does not hold the lock, and leaves the database writable', async () => {
    await run.takeLock('run-2', 'orders');
    await expect(run.freeze(RUN, UNTIL)).rejects.toBeInstanceOf(FreezeFailed);
    expect(await run.attemptWrite({ insist: false })).toMatchObject({ accepted: true });
    await run.release('run-2');
    await expect(run.freeze(RUN, UNTIL)).rejects.toBeInstanceOf(DatabaseRefused);
    expect(await run.attemptWrite({ insist: false })).toMatchObject({ accepted: true });
  });

  it('repairs what somebody undid', async () => {
    await frozen();
    await blue.query('alter table plain disable trigger bluegreen_fence');
    await blue.query('drop trigger bluegreen_fence on measured_2025');
    await blue.query(`alter database ${blue.name} reset default_transaction_read_only`, 'rdsadmin');
    await blue.query('create table later (a int); grant select, trigger on later to bluegreen', 'rdsadmin');
    expect((await run.freezeGaps()).sort()).toEqual([
      'table public.later has no fence: it was created, or its fence was disabled, after the freeze was prepared',
      'table public.measured_2025 has no fence: it was created, or its fence was disabled, after the freeze was prepared',
      'table public.plain has no fence: it was created, or its fence was disabled, after the freeze was prepared',
      'the database is not read-only by default any more',
    ]);
    await run.freeze(RUN, UNTIL);
    expect(await run.freezeGaps()).toEqual([]);
  });
});

describe('unfreezing', () => {
  beforeEach(freshDatabase);
  afterEach(() => blue.close());

  it('leaves nothing behind once the lock is released', async () => {
    const before = await catalogSnapshot(blue);
    await frozen();
    expect(await catalogSnapshot(blue)).not.toEqual(before);
    await run.unfreeze(RUN, TAKEN_BACK);
    await run.release(RUN);
    expect(await catalogSnapshot(blue)).toEqual(before);
  });

  it('keeps a setting of another kind that the database had', async () => {
    await blue.query(`alter database ${blue.name} set statement_timeout = '7min'`, 'bluegreen');
    await frozen();
    await run.unfreeze(RUN, TAKEN_BACK);
    expect(await blue.ask('show statement_timeout', 'app')).toBe('7min');
  });

  it('makes sessions reconnect that were opened during the freeze, and no session that is newer', async () => {
    await frozen();
    const pooled = await blue.client('app');
    expect(await readOnly(pooled)).toBe('on');
    const gone = ended(pooled);
    await run.unfreeze(RUN, TAKEN_BACK);
    await gone;
    const fresh = await blue.client('app');
    expect(await readOnly(fresh)).toBe('off');
    await run.unfreeze(RUN, TAKEN_BACK);
    expect(await readOnly(fresh)).toBe('off');
  });

  it('lets writers in at once while a long query holds a table; only the removal of the triggers waits', async () => {
    await frozen();
    const reader = await blue.client('rdsadmin');
    await reader.query('begin');
    await reader.query('select from plain');
    await run.unfreeze(RUN, TAKEN_BACK);

    const writer = await blue.client('app');
    await writer.query(`update plain set note = 'written' where id = 1`);
    await expect(run.release(RUN)).rejects.toBeInstanceOf(TemporarilyUnavailable);
    await writer.query(`update plain set note = 'still connected' where id = 2`);
    await reader.query('commit');

    await run.release(RUN);
    expect(await blue.ask(`select count(*)::int from pg_trigger where tgname = 'bluegreen_fence'`)).toBe(0);
    await expect(writer.query(`update plain set note = 'x' where id = 3`)).resolves.toMatchObject({ rowCount: 1 });
  });

  it('does nothing without a freeze of this run', async () => {
    await run.unfreeze(RUN, TAKEN_BACK); // no record at all
    await run.takeLock('run-2', 'orders');
    await run.freeze('run-2', UNTIL);
    await run.unfreeze(RUN, TAKEN_BACK);
    await run.release(RUN);
    expect(await run.freezeGaps()).toEqual([]);
    expect(await run.record()).toMatchObject({ runId: 'run-2' });
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('gives the next freeze another id', async () => {
    await run.takeLock(RUN, 'orders');
    const first = await run.freeze(RUN, UNTIL);
    await run.unfreeze(RUN, TAKEN_BACK);
    const second = await run.freeze(RUN, UNTIL);
    expect(second.id).not.toBe(first.id);
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });
});

describe('a connection that breaks inside a transaction of the run', () => {
  beforeEach(freshDatabase);
  afterEach(() => blue.close());

  it('fails the transaction instead of doing its rest on a new connection', async () => {
    const session = blue.session();
    const work = session.transaction(async () => {
      const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      const gone = ended(await session.connected());
      await blue.query('select pg_terminate_backend($1)', 'rdsadmin', [row?.pid]);
      await gone;
      await session.query(`insert into plain values (99, 'half')`);
    });
    await expect(work).rejects.toBeInstanceOf(TemporarilyUnavailable);
    expect(await blue.ask('select count(*)::int from plain where id = 99')).toBe(0);
    await expect(session.query('select 1')).resolves.toHaveLength(1);
    expect(await freezeGaps(session)).toContain('the database is not read-only by default any more');
  });
});

async function readOnly(client: Client): Promise<unknown> {
  const { rows } = await client.query('show transaction_read_only');
  return Object.values(rows[0] ?? {})[0];
}
