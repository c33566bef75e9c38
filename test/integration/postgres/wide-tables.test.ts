/** Tables as wide as PostgreSQL allows are compared in every column, whatever the types and however many columns name a row. */
import type { DifferingRow } from '../../../lib/core/differences';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

/** PostgreSQL's limit of columns in a table, one of which is `id`. */
const MOST_COLUMNS = 1_600;
/** Columns that are looked at: both ends, and some between. */
const CHANGED = [1, 613, 800, 1_599];

async function differences(blue: TestDatabase, green: TestDatabase, unseen: boolean) {
  const comparison = blue.run().comparisonWith(green.run(), { declared: [], unseen, timeZone: 'UTC' });
  await comparison.mark({ atMs: 0, following: false, lockTimeoutMs: 500, seconds: 600 });
  await comparison.compareRanges(1, () => false);
  const found: DifferingRow[] = [];
  for (const differing of (await comparison.result()).differing) {
    found.push(...(await comparison.differences(differing, 1_000)).rows);
  }
  await comparison.end();
  return found;
}

/** Row n has a value in column n alone; that column of that row is another one on green. */
async function pair(type: string, [was, now]: readonly [string, string], options: { key: boolean; alter?: string }) {
  const columns = Array.from({ length: MOST_COLUMNS - 1 }, (_, index) => `c${index + 1} ${type}`).join(', ');
  const blue = await fixture.database(
    `create table wide (id int ${options.key ? 'primary key' : ''}, ${columns});
     ${CHANGED.map((n) => `insert into wide (id, c${n}) values (${n}, '${was}');`).join('\n')}`,
  );
  const green = await fixture.copyOf(blue);
  if (options.alter !== undefined) {
    const alterations = CHANGED.map((n) => `alter c${n} type ${options.alter}`).join(', ');
    await green.query(`alter table wide ${alterations}`, 'bluegreen');
  }
  await green.query(CHANGED.map((n) => `update wide set c${n} = '${now}' where id = ${n};`).join('\n'), 'bluegreen');
  return { blue, green };
}

test.each<[string, Parameters<typeof pair>, boolean]>([
  ['of documents no change touched', ['jsonb', ['{}', '{"a": 1}'], { key: true }], false],
  ['of lists a change altered', ['numeric(6, 2)[]', ['{1}', '{2}'], { key: true, alter: 'numeric(8, 3)[]' }], true],
  ['of texts, without a key', ['text', ['a', 'b'], { key: false }], true],
])('a table of 1,600 columns %s is compared in each of them', async (_, [type, values, options], unseen) => {
  const { blue, green } = await pair(type, values, options);
  const found = await differences(blue, green, unseen);
  const changed = found.flatMap((row) =>
    row.kind === 'differs' ? row.columns.map(({ column }) => [row.key.id, column]) : [],
  );
  if (options.key) {
    expect(changed).toEqual(CHANGED.map((n) => [String(n), `c${n}`]));
  } else {
    expect(found.map((row) => row.kind)).toEqual(CHANGED.flatMap(() => ['count', 'count']));
  }
  await blue.close();
  await green.close();
});

test('a row of 1,600 columns that swaps the values of two is found', async () => {
  const columns = Array.from({ length: MOST_COLUMNS - 1 }, (_, index) => `c${index + 1} jsonb`).join(', ');
  const blue = await fixture.database(
    `create table wide (id int primary key, ${columns});
     insert into wide (id, c1) values (1, '1'), (2, null); insert into wide (id, c1599) values (3, '1')`,
  );
  const green = await fixture.copyOf(blue);
  await green.query(
    `update wide set c1 = c801, c801 = c1 where id = 1;
     update wide set c1599 = c799, c799 = c1599 where id = 3`,
    'bluegreen',
  );
  expect((await differences(blue, green, false)).map((row) => row.kind)).toEqual(['differs', 'differs']);
  await blue.close();
  await green.close();
});

test('a table is searched by a key of 32 columns among 1,600', async () => {
  const names = Array.from({ length: 32 }, (_, index) => `k${index}`);
  const rest = Array.from({ length: MOST_COLUMNS - 32 }, (_, index) => `c${index} int`);
  const blue = await fixture.database(
    `create table wide (${names.map((name) => `${name} int`).join(', ')}, ${rest.join(', ')}, primary key (${names.join(', ')}));
     insert into wide (${names.join(', ')}, c9) select ${names.map((_, index) => (index === 31 ? 'n' : `n / 100`)).join(', ')}, n from generate_series(1, 2000) n`,
  );
  const green = await fixture.copyOf(blue);
  await green.query(
    'update wide set c9 = 0 where k31 = 1234; delete from wide where k31 = 77; update wide set k30 = -1 where k31 = 5',
    'bluegreen',
  );
  const found = await differences(blue, green, true);
  expect(found.map((row) => [row.kind, row.kind === 'count' ? '' : row.key.k31]).sort()).toEqual([
    ['added', '5'],
    ['differs', '1234'],
    ['missing', '5'],
    ['missing', '77'],
  ]);
  await blue.close();
  await green.close();
});
