/** Statistics on real servers: green gets fresh ones after its changes, and drift of data is read from both sides' own. */
import { analyzeTables } from '../../../lambdas/steps/analysis';
import { dataDrift } from '../../../lambdas/steps/data-drift';
import { chainHash } from '../../../lib/core/changes';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { PostgresReader } from '../../../lib/engines/postgres/reader/reader';
import { changes } from '../../support/following-plan';
import { MAJORS } from '../../support/majors';
import { planFixture } from '../../support/plan-fixture';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
const QUICK = () => 900_000;

/** Nothing analyzes tables behind the tests' back. */
const BY_HAND = { settings: { autovacuum: 'off' } };

const SEED = `
  create type size as enum ('small', 'large');
  create table person as
    select n as id, 'person-' || n || '@example.com' as email, n % 10 as team, case when n % 2 = 0 then 'small' else 'large' end::size as size,
           timestamptz '2026-01-01 00:00+00' + n * interval '1 hour' as seen, array[n, n] as pair, json_build_object('n', n) as facts
      from generate_series(1, 5000) n;
  create table untouched as select n as id, repeat('x', n % 50) as v from generate_series(1, 5000) n;
  create table measured (at date, v int) partition by range (at);
  create table january partition of measured for values from ('2026-01-01') to ('2026-02-01');
  create table february partition of measured for values from ('2026-02-01') to ('2026-03-01');
  insert into measured select date '2026-01-01' + n % 50, n from generate_series(1, 1000) n;
  create table base as select n as v from generate_series(1, 100) n;
  create table derived () inherits (base);
  insert into derived select n from generate_series(1, 100) n;
  analyze;
  create table unknown as select n as id from generate_series(1, 100) n;`;

beforeAll(() => loadStatementParser());

describe.each(MAJORS)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let blue: TestDatabase;
  let green: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major, ...BY_HAND });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    blue = await fixture.database(SEED);
    green = await fixture.copyOf(blue);
  });
  afterEach(async () => {
    await blue.close();
    await green.close();
  });

  /** Applies a change to green as the phase migrate does. */
  async function migrate(file: string, sql: string) {
    const run = green.run();
    const [change] = changes({ [file]: sql });
    if (change) {
      await run.applyChange(RUN, change, chainHash((await run.ledger()).at(-1), change), 60_000);
    }
    return { file, declarations: change?.declarations ?? [] };
  }

  async function drift({ file, declarations }: Awaited<ReturnType<typeof migrate>>, showValues = false) {
    expect(await analyzeTables(green.run(), QUICK)).toBeUndefined();
    const { tables } = await blue.run().schema();
    const declared = declarations.map((declaration) => ({ file, declaration }));
    const plan = planFixture({ report: { showValues, rowsNamed: 10 } });
    return dataDrift({ plan }, { blue: blue.run(), green: green.run() }, { tables, declared });
  }

  const analyzed = (table: string) => green.ask(`select pg_stat_get_analyze_count('${table}'::regclass)::int`);

  it('analyzes every table of green after a change, partitions with their parent, and none twice', async () => {
    await migrate('0001_a.sql', 'alter table person alter team type bigint');
    expect(await green.ask(`select count(*)::int from pg_stats where tablename = 'person' and attname = 'team'`)).toBe(
      0,
    );
    const run = green.run();
    const names = (await run.tablesToAnalyze()).map(({ name }) => name);
    expect(names).toEqual(['measured', 'base', 'derived', 'february', 'january', 'person', 'unknown', 'untouched']);
    expect(await analyzeTables(run, QUICK)).toBeUndefined();
    expect(await green.ask(`select count(*)::int from pg_stats where tablename = 'person' and attname = 'team'`)).toBe(
      1,
    );
    expect(await green.ask(`select count(*)::int from pg_stats where tablename = 'measured' and inherited`)).toBe(2);
    expect(await run.tablesToAnalyze()).toEqual([]);
    await run.analyze({ schema: 'public', name: 'person' });
    expect([await analyzed('person'), await analyzed('measured'), await analyzed('january')]).toEqual([1, 1, 1]);
    await migrate('0002_b.sql', 'update person set team = 0');
    expect((await run.tablesToAnalyze()).map(({ name }) => name)).toEqual(names);
  });

  it('analyzes once what was never analyzed where there are no changes', async () => {
    const run = green.run();
    expect(await run.tablesToAnalyze()).toHaveLength(8);
    await analyzeTables(run, QUICK);
    expect(await run.tablesToAnalyze()).toEqual([]);
  });

  it('goes on at the next invocation when one has no time left', async () => {
    const over = () => 0;
    expect(await analyzeTables(green.run(), over)).toMatchObject({
      status: 'waiting',
      detail: '7 tables of green are still to be analyzed',
    });
    expect(await analyzeTables(green.run(), over)).toMatchObject({ status: 'waiting' });
    expect((await green.run().tablesToAnalyze()).length).toBeLessThan(7);
    expect(await analyzeTables(green.run(), QUICK)).toBeUndefined();
  });

  it('leaves a table that cannot be analyzed as it is', async () => {
    await green.query('create table fragile as select 1 as v', 'bluegreen');
    await green.query(
      `create function safe(int) returns int immutable language plpgsql as 'begin return $1; end';
       create index on fragile (safe(v));
       create or replace function safe(int) returns int immutable language plpgsql as 'begin return 1 / 0; end'`,
      'bluegreen',
    );
    const run = green.run();
    await expect(run.analyze({ schema: 'public', name: 'fragile' })).rejects.toThrow('division by zero');
    expect(await analyzeTables(run, QUICK)).toBeUndefined();
    expect(await run.tablesToAnalyze()).toEqual([{ schema: 'public', name: 'fragile' }]);
  });

  it('flags a column that a change made null in two rows of five, and no table that it did not touch', async () => {
    const found = await drift(await migrate('0001_forget.sql', 'update person set email = null where id % 5 < 2'));
    expect(found).toEqual({
      columns: 15,
      withoutStatistics: 1,
      flagged: 1,
      shown: [
        {
          schema: 'public',
          table: 'person',
          name: 'email',
          beyond: ['nulls', 'distinct values'],
          changedBy: '0001_forget.sql',
          blue: { nullShare: 0, distinct: 5000, averageLength: 23 },
          green: { nullShare: 0.4, distinct: 3000, averageLength: 23 },
        },
      ],
    });
  });

  it('shows a rewritten column that looks as before, without its values', async () => {
    const { flagged, shown } = await drift(await migrate('0001_a.sql', 'update person set team = 9 - team'));
    expect(flagged).toBe(0);
    const figures = { nullShare: 0, distinct: 10, averageLength: null };
    expect(shown).toMatchObject([{ name: 'team', beyond: [], changedBy: '0001_a.sql' }]);
    expect([shown[0]?.blue, shown[0]?.green]).toEqual([figures, figures]);
  });

  it('shows the smallest and the largest values in the order of their type where the plan wants them', async () => {
    await green.query(`alter database ${green.name} set timezone = 'Asia/Tokyo'`);
    const { shown } = await drift(await migrate('0001_a.sql', '-- bluegreen: declares rows person\nselect'), true);
    const seen = shown.map(({ name, green: figures }) => [name, figures?.min, figures?.max]);
    expect(seen).toEqual([
      ['id', '1', '5000'],
      ['email', 'person-1000@example.com', 'person-9@example.com'],
      ['team', '0', '9'],
      ['size', 'small', 'large'],
      ['seen', '2026-01-01 01:00:00+00', '2026-07-28 08:00:00+00'],
      ['pair', undefined, undefined],
      ['facts', undefined, undefined],
    ]);
  });

  it('reads in a held snapshot, and leaves it as it was', async () => {
    const session = blue.session();
    await session.holdSnapshot();
    const reader = new PostgresReader(session);
    const column = { schema: 'public', table: 'person' };
    expect(await reader.extremes({ ...column, name: 'pair' })).toBeUndefined();
    expect(await reader.extremes({ ...column, name: 'team' })).toEqual({ min: '0', max: '9' });
    expect(await reader.statistics()).toHaveLength(16);
  });
});
