/** A comparison over many invocations: what one of them leaves the next one goes on with, and what happens meanwhile alarms nobody falsely. */
import type { Client } from 'pg';
import type { Comparison } from '../../../lib/ports/comparison';
import { type FollowingPair, followingPair, LOGICAL } from '../../support/following-pair';
import { PostgresFixture } from '../../support/postgres-fixture';

const SEED = `
  create table item (id int primary key, price numeric(12,2) not null, note text, at timestamptz not null default now());
  insert into item (id, price, note) select n, n / 7.0, 'note ' || n from generate_series(1, 20000) n;
  create table small (id int primary key);
  grant select, insert, update, delete on all tables in schema public to app;`;

const MARK = { atMs: 7, following: true, lockTimeoutMs: 10_000, seconds: 60 };

let fixture: PostgresFixture;
let pair: FollowingPair;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: LOGICAL });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  pair = await followingPair(fixture, SEED);
});
afterEach(() => pair.close());

/** As the next invocation does, on connections of its own. */
function anew(): Comparison {
  return pair.blue.run().comparisonWith(pair.green.run(), { declared: [], unseen: false, timeZone: 'UTC' });
}

const never = () => false;

/** Writes to blue until it is told to stop. */
function writer(client: Client) {
  let going = true;
  let writes = 0;
  const ended = (async () => {
    for (; going; writes += 1) {
      const id = 1 + ((writes * 7919) % 20_000);
      await client.query('update item set price = price + 1, note = $2 where id = $1', [id, `note ${writes}`]);
    }
  })();
  return {
    stop: async () => {
      going = false;
      await ended;
      return writes;
    },
  };
}

test('names each of fifty differences planted under load, and nothing else', async () => {
  const writing = writer(await pair.blue.client('bluegreen'));
  await pair.caughtUp();
  const planted = Array.from({ length: 50 }, (_, index) => 30_000 + index);
  // rows nobody else writes to: they are the same on both sides until green's are changed
  await pair.blue.query(
    `insert into item (id, price, note) select n, 1, 'planted' from generate_series(30000, 30049) n`,
    'bluegreen',
  );
  await pair.caughtUp();
  await pair.green.query(`
    set session_replication_role = replica; -- the fence lets only the worker in
    update item set price = -price where id >= 30000 and id % 5 = 0;
    delete from item where id >= 30000 and id % 5 = 1;
    update item set note = note || ' ' where id >= 30000 and id % 5 = 2;
    update item set note = null where id >= 30000 and id % 5 = 3;
    update item set at = at + interval '1 microsecond' where id >= 30000 and id % 5 = 4`);
  const comparison = anew();
  await comparison.mark(MARK);
  await comparison.compareRanges(1, never);
  const [found, ...others] = (await comparison.result()).differing;
  expect(others).toEqual([]);
  const { rows, count, atLeast } = await comparison.differences(found as never, 100);
  expect(rows.map((row) => ('key' in row ? Number(row.key.id) : 0)).sort((a, b) => a - b)).toEqual(planted);
  expect(rows.map((row) => row.kind).filter((kind) => kind === 'missing')).toHaveLength(10);
  const changed = rows.flatMap((row) => (row.kind === 'differs' ? row.columns.map(({ column }) => column) : []));
  expect(changed.sort()).toEqual([...Array(10).fill('at'), ...Array(20).fill('note'), ...Array(10).fill('price')]);
  expect({ count, atLeast }).toEqual({ count: 50, atLeast: false });
  await comparison.end();
  expect(await writing.stop()).toBeGreaterThan(0);
});

test('counts the rows that are not named', async () => {
  await pair.green.query('set session_replication_role = replica; update item set price = price + 1 where id <= 3000');
  const comparison = anew();
  await comparison.mark(MARK);
  await comparison.compareRanges(1, never);
  const [found] = (await comparison.result()).differing;
  const { rows, count, atLeast } = await comparison.differences(found as never, 4);
  expect({ named: rows.map((row) => ('key' in row ? row.key.id : '')), count, atLeast }).toEqual({
    named: ['1', '2', '3', '4'],
    count: 3000,
    atLeast: false,
  });
  await comparison.end();
});

test('goes on where another invocation ended, and reads nothing twice', async () => {
  await anew().mark(MARK);
  expect(await anew().moment()).toMatchObject({ atMs: 7 });
  const whole = (await anew().progress()).ranges;
  await anew().compareRanges(1, () => true); // time is over after the first share of each side
  const afterFirst = await anew().progress();
  const digests = () =>
    pair.green.query(
      'select side, table_number, from_page, rows, xmin from bluegreen.compared_range where rows is not null order by 1, 2, 3',
    );
  const before = await digests();
  await pair.blue.query('insert into small values (1)'); // after the moment
  await anew().compareRanges(2, never);
  expect((await anew().progress()).compared).toBe(whole);
  expect(afterFirst.compared).toBeLessThanOrEqual(whole);
  expect(await digests()).toEqual(expect.arrayContaining(before as unknown[]));
  expect(await anew().result()).toEqual({ rows: 20_000, differing: [], rewritten: [] });
  await anew().end();
  expect(await anew().moment()).toBeUndefined();
});

test('a table that is cut, on each side in another way, is read without a gap and no row twice', async () => {
  const comparison = anew();
  await comparison.mark(MARK);
  for (const [side, edges] of [
    ['blue', [7, 50]],
    ['green', [1, 30, 31]],
  ] as const) {
    const whole = `side = '${side}' and table_number = (select number from bluegreen.compared_table where facts ->> 'name' = 'item')`;
    await pair.green.query(`
      insert into bluegreen.compared_range (side, share, table_number, from_page, to_page)
        select side, share, table_number, edge, lead(edge) over (order by edge)
          from bluegreen.compared_range, unnest(array[${edges}]) edge where ${whole};
      update bluegreen.compared_range set to_page = ${edges[0]} where ${whole} and from_page = 0`);
  }
  await comparison.compareRanges(1, never);
  expect(await comparison.result()).toEqual({ rows: 20_000, differing: [], rewritten: [] });
  const parts = await pair.green.query<{ rows: string }>('select rows from bluegreen.compared_range where rows > 0');
  expect(parts).toHaveLength(7); // the table has pages in every one of them
  await comparison.end();
});

test('a share that a worker took and did not finish is taken again by the worker with its number, or by anybody once it is freed', async () => {
  const comparison = anew();
  await comparison.mark(MARK);
  await pair.green.query(`update bluegreen.compared_share set worker = 5`);
  await anew().compareRanges(4, never);
  expect((await anew().progress()).compared).toBe(0);
  await anew().compareRanges(5, never);
  expect((await anew().progress()).compared).toBeGreaterThan(0);
  await pair.green.query(`update bluegreen.compared_share set worker = 6, done = false`);
  await anew().freeClaims(); // whoever was the sixth is gone
  await anew().compareRanges(1, never);
  const { ranges, compared } = await anew().progress();
  expect(compared).toBe(ranges);
  await comparison.end();
});

test('a moment that one side has lost is no moment any more', async () => {
  const comparison = anew();
  await comparison.mark(MARK);
  await pair.blue.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and application_name = 'bluegreen moment'`,
  );
  expect(await anew().moment()).toBeUndefined();
  await anew().compareRanges(1, never); // finds nothing it could do
  expect((await anew().progress()).compared).toBe(0);
  await anew().mark(MARK);
  await anew().compareRanges(1, never);
  expect((await anew().result()).differing).toEqual([]);
  await anew().end();
});

test.each([
  ['emptied', 'truncate item'],
  ['rewritten', 'vacuum full item'],
  ['put into another order', 'cluster item using item_pkey'],
])('a table that is %s on blue meanwhile is no difference, but is looked at again', async (_what, statement) => {
  const comparison = anew();
  await comparison.mark(MARK);
  await pair.blue.query(statement, 'bluegreen');
  await pair.caughtUp();
  await comparison.compareRanges(1, never);
  expect(await comparison.result()).toMatchObject({ differing: [], rewritten: ['public.item'] });
  await comparison.mark(MARK);
  await comparison.compareRanges(1, never);
  expect(await comparison.result()).toMatchObject({ differing: [], rewritten: [] });
  await comparison.end();
});

test('holds no lock that a writer waits for but in the fence, and that of a reader on no table for longer than one range', async () => {
  const comparison = anew();
  await comparison.mark(MARK);
  const observer = await pair.blue.client('rdsadmin');
  const ours = `from pg_locks l join pg_stat_activity a using (pid)
                 where a.application_name like 'bluegreen%' and a.datname = current_database() and l.locktype = 'relation'
                   and l.relation in (select oid from pg_class where relnamespace = 'public'::regnamespace)`;
  const seen = new Set<string>();
  let going = true;
  const sampling = (async () => {
    while (going) {
      for (const { mode } of (await observer.query<{ mode: string }>(`select mode ${ours}`)).rows) {
        seen.add(mode);
      }
    }
  })();
  for (let round = 0; round < 20; round += 1) {
    await comparison.compareRanges(1, never);
    // between two ranges, and as long as the moment is kept, a statement that wants a table for itself gets it at once
    expect((await observer.query(`select ${ours}`)).rows).toEqual([]);
    await pair.green.query('update bluegreen.compared_share set done = false');
  }
  going = false;
  await sampling;
  expect([...seen].filter((mode) => mode !== 'AccessShareLock')).toEqual([]);
  expect(seen).toContain('AccessShareLock');
  await comparison.end();
});

test('leaves nothing behind on either side', async () => {
  const comparison = anew();
  await comparison.mark(MARK);
  await comparison.end();
  for (const side of [pair.blue, pair.green]) {
    expect(
      await side.query(
        `select application_name from pg_stat_activity where application_name = 'bluegreen moment' and datname = current_database()`,
      ),
    ).toEqual([]);
    expect(await side.query(`select relname from pg_class where relname ~ '^(moment|compared_)'`)).toEqual([]);
  }
});
