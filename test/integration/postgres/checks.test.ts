/** The plan's own checks on two real databases: what they find, and what must not make a difference. */
import { runChecks } from '../../../lambdas/steps/checks';
import { COUNTED } from '../../../lib/core/answers';
import { type CheckKind, parseCheckFileName } from '../../../lib/core/checks';
import type { Mismatch } from '../../../lib/core/verdict';
import { MAJORS } from '../../support/majors';
import { planFixture } from '../../support/plan-fixture';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

/** Large enough that reading all of it takes far longer than looking into an index. */
const SEED = `
  create table orders as select n as id, 'R-' || n as reference, n % 100 as customer from generate_series(1, 200000) n;
  create index orders_reference on orders (reference);
  create table account (id int, name text, at timestamptz, ratio float8, raw bytea, lasts interval, price money);
  insert into account values (1, 'ada', '2026-03-01 12:00+00', 0.1::float8 + 0.2, '\\xfe', '1 day 02:00', 3.5), (2, null, null, null, null, null, null);
  vacuum analyze orders`;

describe.each(MAJORS)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let blue: TestDatabase;
  let green: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major });
    blue = await fixture.database();
    for (const statement of SEED.split(';')) {
      await blue.query(statement, 'bluegreen');
    }
    green = await fixture.copyOf(blue);
  });
  afterAll(async () => {
    await blue.close();
    await green.close();
    await fixture.close();
  });

  async function check(file: string, sql: string, { onBlue = true } = {}) {
    const mismatches: Mismatch[] = [];
    const checks = [{ file, kind: parseCheckFileName(file) as CheckKind, sql }];
    const sides = { ...(onBlue && { blue: blue.run() }), green: green.run() };
    const results = await runChecks({ plan: planFixture({ checks }) }, sides, mismatches);
    return { results, messages: mismatches.map(({ message }) => message) };
  }

  it('shows the rows a check returned, and counts them up to a limit', async () => {
    const { results, messages } = await check('a.sql', 'select id, name from account order by id; -- trailing');
    expect(results).toMatchObject([
      { passed: false, rows: 2, returned: ['id = 1, name = ada', 'id = 2, name = null'] },
    ]);
    expect(messages).toEqual(['returned 2 rows, must return none; first: id = 1, name = ada']);
    expect((await check('a.sql', 'select id from orders')).messages).toEqual([
      expect.stringMatching(/^returned more than 1000 rows, must return none; first: id = /),
    ]);
    expect(await check('a.sql', '-- nothing\nselect 1 where false;\n')).toMatchObject({
      results: [{ passed: true, rows: 0, returned: [] }],
      messages: [],
    });
  });

  it('stops reading an answer that is too large, however few its rows are', async () => {
    const { rows, more } = await green.run().answer(`select repeat('x', 1000) from generate_series(1, 900)`, {
      ...COUNTED,
      characters: 250_000,
    });
    expect([rows.length, more]).toEqual([300, true]);
  });

  it('passes what is the same on both sides in another order, written with other settings', async () => {
    await green.query(`alter database ${green.name} set timezone = 'Asia/Tokyo'`);
    await green.query(`alter database ${green.name} set datestyle = 'German'`);
    await green.query(`alter database ${green.name} set intervalstyle = 'iso_8601'`);
    await green.query(`alter database ${green.name} set bytea_output = 'escape'`);
    await green.query(`alter database ${green.name} set extra_float_digits = 0`);
    const { results, messages } = await check(
      'a.same.sql',
      `select * from account order by case when current_database() = '${blue.name}' then id else -id end`,
    );
    expect(messages).toEqual([]);
    expect(results).toMatchObject([{ kind: 'same', passed: true, rows: 0 }]);
  });

  it('fails what is not the same, and shows the rows that only one side has', async () => {
    await green.query(`update account set at = '2026-03-01 13:00+00' where id = 1`);
    const { results, messages } = await check('a.same.sql', 'select id, at from account');
    expect(results).toEqual([
      {
        file: 'a.same.sql',
        kind: 'same',
        passed: false,
        rows: 2,
        onlyOnBlue: ['id = 1, at = 2026-03-01 12:00:00+00'],
        onlyOnGreen: ['id = 1, at = 2026-03-01 13:00:00+00'],
      },
    ]);
    expect(messages).toEqual([
      'answers differently: 1 row only on blue, first: id = 1, at = 2026-03-01 12:00:00+00; 1 row only on green, first: id = 1, at = 2026-03-01 13:00:00+00',
    ]);
  });

  it('compares columns even where there are no rows, and columns that have one name', async () => {
    await green.query('alter table account add column late int');
    expect((await check('a.same.sql', 'select * from account where false')).messages).toEqual([
      'has columns id, name, at, ratio, raw, lasts, price on blue and id, name, at, ratio, raw, lasts, price, late on green',
    ]);
    const sql = `select 1 as v, current_database() = '${blue.name}' as v`;
    expect((await check('a.same.sql', sql)).results).toMatchObject([
      { onlyOnBlue: ['v = 1, v = t'], onlyOnGreen: ['v = 1, v = f'] },
    ]);
  });

  it('refuses to compare more than 10,000 rows', async () => {
    expect((await check('a.same.sql', 'select id from orders where id <= 10000')).messages).toEqual([]);
    expect((await check('a.same.sql', 'select id from orders where id <= 10001')).messages).toEqual([
      'returns more than can be compared on blue and green; allowed: at most 10000 rows and 16 MiB of text; aggregate',
    ]);
  });

  it('says what the server said of a check that cannot be run, and runs none that would write', async () => {
    for (const file of ['a.sql', 'a.same.sql', 'a.faster-than-blue.sql']) {
      expect(await check(file, 'select 1 / 0')).toEqual({ results: [], messages: ['cannot be run: division by zero'] });
      expect((await check(file, `select setval('nothing', 1)`)).messages).toEqual([
        'cannot be run: relation "nothing" does not exist',
      ]);
      expect((await check(file, 'with gone as (delete from account returning 1) select 1 from gone')).messages).toEqual(
        [expect.stringMatching(/read-only transaction|must not contain data-modifying/)],
      );
    }
    expect(await green.ask('select count(*)::int from account')).toBe(2);
  });

  it('asks green alone only what is about green alone', async () => {
    expect((await check('a.same.sql', 'select current_database()', { onBlue: false })).results).toEqual([]);
    expect((await check('a.faster-than-blue.sql', 'select 1', { onBlue: false })).results).toEqual([]);
    expect((await check('a.sql', 'select 1', { onBlue: false })).results).toMatchObject([{ rows: 1 }]);
  });

  it('finds a missing index before users do', async () => {
    const lookup = `select * from orders where reference = 'R-4711'`;
    expect(await check('a.faster-than-blue.sql', lookup)).toMatchObject({
      results: [{ kind: 'faster-than-blue', passed: true, rows: 0, speed: { runs: 31 } }],
      messages: [],
    });
    await green.query('drop index orders_reference');
    const { results, messages } = await check('a.faster-than-blue.sql', lookup);
    expect(results).toMatchObject([
      {
        passed: false,
        speed: {
          plans: {
            blue: expect.stringContaining('Index Scan using orders_reference'),
            green: expect.stringMatching(/Seq Scan on orders$/),
          },
        },
      },
    ]);
    expect(messages).toEqual([
      expect.stringMatching(
        /^takes [\d.]+ ms on green and [\d.]+ ms on blue \(medians of \d+ runs\), allowed is 1.5 times as long \(validation.slowerThan\); blue: .*Index Scan using orders_reference.*; green: .*Seq Scan on orders$/,
      ),
    ]);
  });

  it('ends a run that takes too long, and goes on with the session', async () => {
    const run = green.run();
    expect(await run.time('select pg_sleep(60)', 10)).toBeUndefined();
    expect(await run.time('select 1', 10_000)).toMatchObject({ plan: 'Result' });
  });
});
