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
  fixture = await PostgresFixture.start({ settings: LOGICAL });
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

test('finds both sides equal at every moment while writers go on, and writers hardly notice', async () => {
  const movers = await Promise.all([1, 26].map(async (first) => moneyMover(await pair.blue.client(), first)));
  const seen: string[] = [];
  for (let round = 0; round < 15; round += 1) {
    await pair.onBlue.atOneMoment(pair.onGreen, LOCK_TIMEOUT, async ({ blue, green, fenceMs }) => {
      const schema = await blue.schema();
      const digests = await Promise.all(
        schema.tables.map(async (table) => [await blue.digest(table), await green.digest(table)]),
      );
      for (const [onBlue, onGreen] of digests) {
        expect(onGreen).toEqual(onBlue);
      }
      expect(await green.answer('select 1 from account having sum(balance) <> 5000', COUNTED)).toMatchObject({
        rows: [],
      });
      expect(fenceMs).toBeGreaterThan(0);
      seen.push(digests.map(([onBlue]) => onBlue?.digest).join(' '));
    });
  }
  await Promise.all(movers.map((mover) => mover.stop()));
  expect(new Set(seen).size).toBe(15); // the writers did go on
});

test('sees a row that is missing on green only', async () => {
  await pair.blue.query('insert into entry (account, amount) values (1, 1)');
  await pair.caughtUp();
  await pair.green.query(`set session_replication_role = replica; delete from entry`);
  await pair.onBlue.atOneMoment(pair.onGreen, LOCK_TIMEOUT, async ({ blue, green }) => {
    const [entry] = (await blue.schema()).tables.filter(({ name }) => name === 'entry');
    expect(entry && [await blue.digest(entry), await green.digest(entry)]).toMatchObject([
      { rows: '1' },
      { rows: '0' },
    ]);
  });
});

test('gives up when a writer does not let it in, and lets others write at once', async () => {
  const slow = await pair.blue.client();
  await slow.query('begin');
  await slow.query('update account set balance = 0 where id = 1');
  await expect(
    pair.onBlue.atOneMoment(pair.onGreen, { lockTimeoutMs: 50 }, async () => undefined),
  ).rejects.toBeInstanceOf(TemporarilyUnavailable);
  const other = await pair.blue.client();
  await other.query('set lock_timeout = 100');
  await other.query('update account set balance = 1 where id = 2');
  await slow.query('commit');
  await pair.caughtUp(); // nor does the apply worker wait for anything any more
});

test('a check that fails leaves the moment as it was', async () => {
  await pair.onBlue.atOneMoment(pair.onGreen, LOCK_TIMEOUT, async ({ green }) => {
    await expect(green.answer('select 1 / 0', COUNTED)).rejects.toThrow('division by zero');
    expect(await green.time('select pg_sleep(60)', 10)).toBeUndefined();
    expect(await green.answer('select id from account where id <= 2 order by id', COUNTED)).toEqual({
      columns: ['id'],
      rows: [['1'], ['2']],
      more: false,
    });
  });
});
