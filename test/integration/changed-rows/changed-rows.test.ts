import { mismatchesOf } from '../../../lib/core/differences';
import type { ChangedRows } from '../../../lib/ports/changed-rows';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import type { TestDatabase } from '../../support/postgres-fixture';
import { type ServedPair, TwoServers } from '../../support/two-servers';

const SEED = `
  create schema app;
  create table app.orders (id int primary key, code text not null, note text);
  insert into app.orders select n, 'code ' || n, null from generate_series(1, 100) n;
  create table app.places (a int not null, b int not null, name text, unique (a, b));
  alter table app.places replica identity using index places_a_b_key;
  insert into app.places select n % 3, n, 'place ' || n from generate_series(1, 50) n;
  create table app.events (day timestamptz primary key, kind text not null) partition by range (day);
  create table app.events_1 partition of app.events for values from ('2026-01-01') to ('2026-02-01');
  create table app.events_2 partition of app.events for values from ('2026-02-01') to ('2026-03-01');
  insert into app.events values ('2026-01-05 12:00:00.123456+00', 'begin'), ('2026-02-05 00:00:00+00', 'end');
  create table app.lines (line text, at int); alter table app.lines replica identity full;
  insert into app.lines select 'line ' || n, n from generate_series(1, 20) n;
  create table app.kept (line text, at int primary key); insert into app.kept select line, at from app.lines`;

const CHANNEL = 'bluegreen_shop_rows';
const OPTIONS = { declared: [], unseen: false, timeZone: 'UTC', rowsNamed: 5 };

const NEWEST = OLDEST_AND_NEWEST.at(-1);

/** Ten kinds. */
const DAMAGES = [
  {
    kind: 'another value',
    damage: `update app.orders set code = 'other' where id = 1`,
    found: ['app.orders: row (id = "1"): code is "code 1" on blue and "other" on green'],
  },
  {
    kind: 'a value where there was none',
    damage: `update app.orders set note = '' where id = 2`,
    found: ['app.orders: row (id = "2"): note is null on blue and "" on green'],
  },
  {
    kind: 'a row that is missing',
    damage: `delete from app.orders where id = 3`,
    found: ['app.orders: row (id = "3") is missing on green'],
  },
  {
    kind: 'a row too many',
    damage: `insert into app.orders values (0, 'extra')`,
    found: ['app.orders: row (id = "0") is on green only'],
  },
  {
    kind: 'swapped values',
    damage: `update app.orders set code = case id when 4 then 'code 5' else 'code 4' end where id in (4, 5)`,
    found: [
      'app.orders: row (id = "4"): code is "code 4" on blue and "code 5" on green',
      'app.orders: row (id = "5"): code is "code 5" on blue and "code 4" on green',
    ],
  },
  {
    kind: 'another key',
    damage: `update app.orders set id = 1000 where id = 6`,
    found: ['app.orders: row (id = "1000") is on green only', 'app.orders: row (id = "6") is missing on green'],
  },
  {
    kind: 'a value in a partition',
    damage: `update app.events set kind = 'other' where kind = 'end'`,
    found: ['app.events_2: row (day = "2026-02-05 00:00:00+00"): kind is "end" on blue and "other" on green'],
  },
  {
    kind: 'a row in another partition',
    damage: `update app.events set day = '2026-02-07 00:00:00+00' where kind = 'begin'`,
    found: [
      'app.events_1: row (day = "2026-01-05 12:00:00.123456+00") is missing on green',
      'app.events_2: row (day = "2026-02-07 00:00:00+00") is on green only',
    ],
  },
  {
    kind: 'a value in a row with a key of two columns',
    damage: `update app.places set name = 'other' where b = 10`,
    found: ['app.places: row (a = "1", b = "10"): name is "place 10" on blue and "other" on green'],
  },
  {
    kind: 'a table that was emptied',
    damage: 'truncate app.lines; insert into app.lines select line, at from app.kept where at <> 5',
    found: ['app.lines: row (line "line 5", at "5") is there once on blue and not on green'],
  },
];

/** What is written of the sides the other way round. */
function mirrored(message: string): string {
  return message
    .replace(/is missing on green$/, 'is on GREEN only')
    .replace(/is on green only$/, 'is missing on green')
    .replace('GREEN', 'green')
    .replace(/ is (null|".*?") on blue and (null|".*?") on green$/, ' is $2 on blue and $1 on green')
    .replace('is there not on blue and once on green', 'is there once on blue and not on green');
}

describe.each(OLDEST_AND_NEWEST)('on PostgreSQL %i', (major) => {
  let servers: TwoServers;
  let pair: ServedPair;
  let rows: ChangedRows;

  beforeAll(async () => {
    servers = await TwoServers.start(major);
  });
  afterAll(() => servers.close());

  beforeEach(async () => {
    pair = await servers.pair(SEED);
    rows = pair.onBlue.changedRowsWith(pair.onGreen, CHANNEL, OPTIONS);
    expect(await rows.keep()).toBe(true);
    await rows.listen();
  });
  afterEach(async () => {
    await rows.close();
    await pair.onBlue.closeChannel(CHANNEL);
    await pair.onGreen.closeChannel(CHANNEL);
    await pair.close();
  });

  /** One look at everything that has changed by now. */
  async function look({ last = false } = {}) {
    const differences: string[] = [];
    const skipped: string[] = [];
    let compared = 0;
    for (let complete = false; !complete; ) {
      complete = await rows.read();
      await pair.arrived();
      const found = await rows.compare({ last: complete && last });
      compared += found.rows;
      skipped.push(...found.skipped);
      differences.push(
        ...found.differences
          .flatMap((difference) => mismatchesOf(difference, { showValues: true }))
          .map(({ object, message }) => `${object}: ${message}`),
      );
    }
    return { compared, differences, skipped };
  }

  const EQUAL = { differences: [], skipped: [] };

  it('compares the rows that changed, once each, and finds them equal', async () => {
    await pair.blue.query(`
      insert into app.orders values (101, 'new'); update app.orders set note = 'x' where id < 4; update app.orders set note = 'y' where id < 4;
      delete from app.orders where id = 50; update app.orders set id = 500 where id = 60;
      update app.places set name = 'there' where b = 7; delete from app.places where b = 8;
      update app.events set day = '2026-02-06 01:02:03.654321+00' where kind = 'begin'; update app.lines set at = 100 where at = 1`);
    await pair.arrived(); // 15 tells of what arrives on green, too: once with what changed on blue, if it is there by then
    // orders 101, 1 to 3, 50, 60 and 500; two places; an event that left one partition for another; the lines
    expect(await look()).toEqual({ compared: 12, ...EQUAL });
    expect(await look({ last: true })).toEqual({ compared: 0, ...EQUAL });
  });

  /** As somebody writes who is neither the application nor replication. */
  function byAnotherHand(database: TestDatabase, sql: string) {
    return database.query(`set session_replication_role = replica; ${sql}`);
  }

  it('names a row whose update found nothing on green to update', async () => {
    await byAnotherHand(pair.green, 'delete from app.orders where id = 7');
    await rows.read(); // and forgets it
    await rows.compare({ last: false });
    await pair.blue.query(`update app.orders set note = 'lost' where id = 7`);
    expect((await look({ last: true })).differences).toEqual(['app.orders: row (id = "7") is missing on green']);
  });

  // what is kept of a row is not told apart by version, but whether it was replicated is
  describe.each(major === NEWEST ? DAMAGES : DAMAGES.slice(0, 1))(
    '$kind on the side that follows',
    ({ damage, found }) => {
      it('is found before green opens', async () => {
        await byAnotherHand(pair.green, damage);
        expect((await look({ last: true })).differences.sort()).toEqual(found);
      });

      it('is found on blue while green serves', async () => {
        await look();
        await pair.followBack();
        await byAnotherHand(pair.blue, damage);
        await pair.green.query(`set bluegreen.run_id = 'run-1'; update app.orders set note = 'served' where id = 90`);
        const { differences } = await look({ last: true });
        expect(differences.map(mirrored).sort()).toEqual(found);
      });
    },
  );

  it('proves a difference only when nothing is on its way any more that could make the rows equal', async () => {
    await byAnotherHand(pair.green, `update app.orders set note = 'damaged' where id in (1, 2)`);
    expect(await look()).toEqual({ compared: 2, ...EQUAL });
    await pair.blue.query(`update app.orders set note = 'mended by what comes later' where id = 2`);
    expect((await look()).differences).toEqual([
      'app.orders: row (id = "1"): note is null on blue and "damaged" on green',
    ]);
  });

  it('goes on where the one before was interrupted', async () => {
    await byAnotherHand(pair.green, `delete from app.orders where id = 3`);
    expect(await look()).toEqual({ compared: 1, ...EQUAL });
    await rows.close();
    await rows.listen();
    expect((await look({ last: true })).differences).toEqual(['app.orders: row (id = "3") is missing on green']);
  });

  it('finds the few that differ among more rows than are held at once, changed in one transaction', async () => {
    await pair.blue.query(`insert into app.orders select n, 'many' from generate_series(1001, 51000) n`);
    await pair.caughtUp();
    await byAnotherHand(pair.green, `update app.orders set code = 'other' where id in (1001, 30500, 51000)`);
    const { compared, differences } = await look({ last: true });
    expect(compared).toBeGreaterThanOrEqual(50_000);
    expect(differences.sort()).toEqual(
      ['1001', '30500', '51000'].map(
        (id) => `app.orders: row (id = "${id}"): code is "many" on blue and "other" on green`,
      ),
    );
  });

  it('leaves out a large table whose rows have no name, and says so', async () => {
    await pair.blue.query(`insert into app.lines select repeat(md5(n::text), 10), n from generate_series(1, 40000) n`);
    expect(await look()).toEqual({ compared: 1, differences: [], skipped: ['app.lines'] });
  });

  it('says what is not known any more', async () => {
    expect(await rows.gap()).toBeUndefined();
    await rows.close();
    await pair.onBlue.closeChannel(CHANNEL);
    expect(await rows.gap()).toBe(`slot ${CHANNEL} on blue, which says which rows changed, is gone`);
  });
});
