/** The barrier: both sides are read at the same committed state, under load, and production is let go at once. */
import type { Client } from 'pg';
import { COUNTED } from '../../../lib/core/answers';
import { TemporarilyUnavailable } from '../../../lib/core/errors';
import { type FollowingPair, followingPair, LOGICAL } from '../../support/following-pair';
import { PostgresFixture } from '../../support/postgres-fixture';

const SEED = `
  create table account (id int primary key, balance int not null);
  insert into account select n, 100 from generate_series(1, 50) n;
  create table entry (id bigint generated always as identity primary key, account int not null, amount int not null);
  grant select, insert, update, delete on all tables in schema public to app;`;

/** Patient: how long it takes is not what is tested here. */
const LOCK_TIMEOUT = { lockTimeoutMs: 10_000 };

let fixture: PostgresFixture;
let pair: FollowingPair;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: { ...LOGICAL, autovacuum_naptime: '1s' } });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  pair = await followingPair(fixture, SEED);
});
afterEach(() => pair.close());

/** Moves money between 25 accounts of its own, so that the sum never changes, until it is told to stop. */
function moneyMover(client: Client, firstAccount: number) {
  let going = true;
  const ended = (async () => {
    for (let n = 0; going; n += 1) {
      const [from, to] = [firstAccount + ((n * 7) % 25), firstAccount + ((n * 11 + 3) % 25)];
      await client.query('begin');
      await client.query('update account set balance = balance - 1 where id = $1', [from]);
      await client.query('insert into entry (account, amount) values ($1, -1), ($2, 1)', [from, to]);
      await client.query('update account set balance = balance + 1 where id = $1', [to]);
      await client.query('commit');
    }
  })();
  return {
    stop: () => {
      going = false;
      return ended;
    },
  };
}

function comparison() {
  return pair.onBlue.comparisonWith(pair.onGreen, { declared: [], unseen: false, timeZone: 'UTC' });
}

const MARK = { atMs: 0, following: true, seconds: 60, ...LOCK_TIMEOUT };

test('finds both sides equal at each of fifty moments while writers go on, and writers hardly notice', async () => {
  const movers = await Promise.all([1, 26].map(async (first) => moneyMover(await pair.blue.client(), first)));
  const seen: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const compared = comparison();
    await compared.mark(MARK);
    expect((await compared.moment())?.fenceMs).toBeGreaterThan(0);
    await compared.compareRanges(1, () => false);
    const { rows, differing } = await compared.result();
    expect(differing).toEqual([]);
    await compared.atMoment(async ({ green }) => {
      const sums = await green.answer('select 1 from account having sum(balance) <> 5000', COUNTED);
      expect(sums).toMatchObject({ rows: [] });
    });
    seen.push(rows);
  }
  await comparison().end();
  await Promise.all(movers.map((mover) => mover.stop()));
  expect(new Set(seen).size).toBe(50); // the writers did go on
});

test('sees a row that is missing on green only', async () => {
  await pair.blue.query('insert into entry (account, amount) values (1, 1)');
  await pair.caughtUp();
  await pair.green.query(`set session_replication_role = replica; delete from entry`);
  const compared = comparison();
  await compared.mark(MARK);
  await compared.compareRanges(1, () => false);
  expect((await compared.result()).differing).toMatchObject([
    { table: { name: 'entry' }, blue: { rows: '1' }, green: { rows: '0' } },
  ]);
  await compared.end();
});

test('gives up when a writer does not let it in, says whom it waited for, and lets others write at once', async () => {
  const slow = await pair.blue.client();
  await slow.query('begin');
  await slow.query('update account set balance = 0 where id = 1');
  const { rows } = await slow.query<{ pid: number }>('select pg_backend_pid() as pid');
  const refusal = await comparison()
    .mark({ ...MARK, lockTimeoutMs: 50 })
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(TemporarilyUnavailable);
  expect((refusal as Error).message).toBe(
    `a moment without writers is not available right now: table public.account was being written to all the time, now by process ${rows[0]?.pid} (application "shop", user "app"); shorter or fewer transactions on it help, or a larger validation.lockTimeoutMs, which is 50`,
  );
  const other = await pair.blue.client();
  await other.query('set lock_timeout = 100');
  await other.query('update account set balance = 1 where id = 2');
  await slow.query('commit');
  await pair.caughtUp(); // nor does the apply worker wait for anything any more
});

const WAITS = `select from pg_locks where relation = any ('{account,entry}'::regclass[]) and mode = 'ShareLock' and not granted`;

test('comes between writers that never leave the tables alone and take them in another order than it does', async () => {
  const writer = await pair.blue.client();
  let going = true;
  const writing = (async () => {
    while (going) {
      await writer.query('begin');
      await writer.query('insert into entry (account, amount) values (1, 1)');
      while (going && (await pair.blue.query(WAITS)).length === 0);
      // who has taken account by now and waits for entry is waited for in vain
      await writer.query('update account set balance = balance + 1 where id = 1');
      await writer.query('commit');
    }
  })();
  const compared = comparison();
  try {
    await compared.mark({ ...MARK, lockTimeoutMs: 900 });
  } finally {
    going = false;
    await writing;
  }
  await compared.end();
});

/** One page of the table takes it 100 ms, and it keeps a lock meanwhile that the barrier has to have. */
const VACUUMED_SLOWLY = `
  alter table entry set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
  insert into entry (account, amount) select 1, 1 from generate_series(1, 50000);
  update entry set amount = 2`;
const IS_VACUUMED = `
  select pid from pg_locks join pg_stat_activity using (pid)
   where relation = 'entry'::regclass and mode = 'ShareUpdateExclusiveLock' and granted and backend_type = 'autovacuum worker'`;

test('a table that autovacuum is at is no reason to give up: it makes way', async () => {
  await pair.blue.query(VACUUMED_SLOWLY, 'bluegreen');
  await pair.caughtUp();
  let vacuuming: { pid: number }[] = [];
  while (vacuuming.length === 0) {
    vacuuming = await pair.blue.query<{ pid: number }>(IS_VACUUMED);
  }
  const compared = comparison();
  await compared.mark({ ...MARK, lockTimeoutMs: 500 });
  expect(await pair.blue.query(`${IS_VACUUMED} and pid = ${vacuuming[0]?.pid}`)).toEqual([]);
  await compared.end();
});

test('a check that fails leaves the moment as it was', async () => {
  const compared = comparison();
  await compared.mark(MARK);
  await compared.atMoment(async ({ green }) => {
    await expect(green.answer('select 1 / 0', COUNTED)).rejects.toThrow('division by zero');
    expect(await green.time('select pg_sleep(60)', 10)).toBeUndefined();
    expect(await green.answer('select id from account where id <= 2 order by id', COUNTED)).toEqual({
      columns: ['id'],
      rows: [['1'], ['2']],
      more: false,
    });
  });
  await compared.end();
});
