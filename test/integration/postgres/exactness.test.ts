/** Whether a difference is found is exactly what PostgreSQL's own `=` says of the stored values, for every type: changed values are generated. */
import fc from 'fast-check';
import type { Client } from 'pg';
import type { DifferingRow } from '../../../lib/core/differences';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.server.asAdmin((admin) => admin.query('create extension citext'), 'template1');
});
afterAll(() => fixture.close());

const text = fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => value.replaceAll('\0', ''));
const integer = (bits: number) =>
  fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n }).map(String);
const few = fc.integer({ min: -3, max: 3 }).map(String);
const numeric = fc.oneof(
  fc
    .tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 0, max: 4 }))
    .map(([n, scale]) => (n / 10).toFixed(scale)),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '0', '0.00', '1e20', '-1e20', '1e-20'),
);
const float = fc.oneof(fc.double().map(String), fc.constantFrom('0', '-0', 'NaN', 'Infinity', '-Infinity', '1', '-1'));
const day = fc.integer({ min: -800_000, max: 800_000 });
const moment = fc.oneof(
  fc.tuple(day, fc.integer({ min: 0, max: 86_399_999_999 })).map(([days, micros]) => `${days} ${micros}`),
  fc.constantFrom('infinity', '-infinity'),
);
const json: fc.Arbitrary<string> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '0', '0.0', '1', '-1', '1.0', '2', '-2'),
    text.map((value) => JSON.stringify(value.replace(/[\ud800-\udfff]/g, ''))),
    fc.array(tie('value') as fc.Arbitrary<string>, { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), tie('value') as fc.Arbitrary<string>), { maxLength: 3 })
      .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
  ),
})).value as fc.Arbitrary<string>;
const array = (element: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.array(element, { maxLength: 4 }).map((items) => `{${items.join(',')}}`),
    fc.tuple(element, element).map(([a, b]) => `{{${a}},{${b}}}`),
    fc.tuple(element, element).map(([a, b]) => `[2:3]={${a},${b}}`),
  );

/** Type of the column, expression for a stored value of which `$` is the generated text, and the texts. */
const TYPES: readonly [type: string, arbitrary: fc.Arbitrary<string>, expression?: string][] = [
  ['smallint', integer(16)],
  ['integer', integer(32)],
  ['bigint', fc.oneof(integer(64), fc.constantFrom('2147483647', '-9223372036854775808', '1', '4294967296'))],
  ['numeric', numeric],
  ['numeric(12,4)', fc.integer({ min: -99, max: 99 }).map((n) => (n / 7).toFixed(4))],
  ['real', fc.oneof(fc.float().map(String), fc.constantFrom('0', '-0', 'NaN'))],
  ['double precision', float],
  ['boolean', fc.constantFrom('true', 'false')],
  ['text', text],
  ['text collate ci', fc.constantFrom('anna', 'Anna', 'ANNA', 'ana')],
  ['varchar(20)', text],
  ['char(8)', fc.constantFrom('a', 'a ', 'a  ', 'b', '')],
  ['citext', fc.constantFrom('anna', 'Anna', 'ana')],
  ['bytea', fc.uint8Array({ maxLength: 5 }).map((bytes) => `\\x${Buffer.from(bytes).toString('hex')}`)],
  ['uuid', fc.uuid()],
  ['date', day.map(String), `date '2000-01-01' + $::int`],
  ['timestamp', moment],
  ['timestamptz', moment],
  [
    'time',
    fc.integer({ min: 0, max: 86_399_999_999 }).map((micros) => `${micros} microseconds`),
    `time '00:00' + $::interval`,
  ],
  ['timetz', fc.constantFrom('12:00+00', '14:00+02', '12:00+02', '12:00:00.000001+00')],
  [
    'interval',
    fc.constantFrom(
      '1 day',
      '24 hours',
      '30 days',
      '1 month',
      '1 year',
      '360 days',
      '-1 day',
      '1 microsecond',
      '4294967296 microseconds',
    ),
  ],
  ['money', fc.constantFrom('1', '-1', '0', '42949672.96', '92233720368547758.07')],
  ['json', json],
  ['jsonb', json],
  ['inet', fc.constantFrom('10.0.0.1', '10.0.0.1/32', '10.0.0.1/24', '::1')],
  ['macaddr', fc.constantFrom('08:00:2b:01:02:03', '08:00:2b:01:02:04')],
  ['bit varying', fc.constantFrom('0', '00', '1', '')],
  ['tsvector', fc.constantFrom('a b', 'b a', 'a:1 b', 'a:2 b')],
  ['point', fc.constantFrom('(0,0)', '(-0,0)', '(1,2)')],
  ['mood', fc.constantFrom('sad', 'happy')],
  ['pair', fc.constantFrom('(1,x)', '(1,y)', '(-1,x)', '(1,)')],
  ['int4range', fc.constantFrom('[1,3)', '[1,2]', '(0,3)', 'empty')],
  ['numrange', fc.constantFrom('[1,3)', '[1.0,3)', '[-1,3)')],
  ['int[]', array(few)],
  ['bigint[]', array(fc.constantFrom('2147483647', '-9223372036854775808', '1'))],
  ['numeric[]', array(fc.constantFrom('1', '1.0', '-1', 'NaN'))],
  ['text[]', array(fc.constantFrom('a', 'b', 'NULL', '"NULL"'))],
  ['mood[]', array(fc.constantFrom('sad', 'happy'))],
  ['amount', fc.constantFrom('1', '1.00', '-1')],
];

const MOMENTS = (type: string) =>
  `(case when $ ~ 'infinity' then $::${type} else '2000-01-01'::${type} + make_interval(days => split_part($, ' ', 1)::int) + split_part($, ' ', 2)::bigint * interval '1 microsecond' end)`;

const KINDS = `
  set client_min_messages = warning;
  create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create type mood as enum ('sad', 'happy');
  create type pair as (a int, b text);
  create domain amount as numeric`;

/** All rows that differ, by table. */
async function differences(
  blue: TestDatabase,
  green: TestDatabase,
  unseen = true,
): Promise<Map<string, readonly DifferingRow[]>> {
  const comparison = blue.run().comparisonWith(green.run(), { declared: [], unseen, timeZone: 'UTC' });
  await comparison.mark({ atMs: 0, following: false, lockTimeoutMs: 500, seconds: 600 });
  await comparison.compareRanges(1, () => false);
  const found = new Map<string, readonly DifferingRow[]>();
  for (const differing of (await comparison.result()).differing) {
    found.set(differing.table.name, (await comparison.differences(differing, 1_000)).rows);
  }
  await comparison.end();
  return found;
}

/** The id of a row, which is its key or one of its values. */
function idOf(row: DifferingRow): number {
  return Number(row.kind === 'count' ? row.values.id : row.key.id);
}

/** Pairs of values per type; enough that the ones that matter turn up, few enough for one comparison of all of them. */
const PAIRS = 60;

describe.each([true, false])('a value that was changed, in a table that has a key: %s', (hasKey) => {
  let blue: TestDatabase;
  let green: TestDatabase;
  let client: Client;
  let found: ReadonlyMap<string, readonly DifferingRow[]>;
  const tables: string[] = [];
  beforeAll(async () => {
    blue = await fixture.database();
    client = await blue.client('bluegreen');
    await client.query(KINDS);
    for (const [index, [type, arbitrary, expression]] of TYPES.entries()) {
      const value = expression ?? (/^timestamp/.test(type) ? MOMENTS(type) : `$::${type.replace(/ collate.*/, '')}`);
      const pairs = fc.sample(fc.tuple(arbitrary, fc.oneof(arbitrary, fc.constant(null))), {
        numRuns: PAIRS,
        seed: 20 + index,
      });
      tables.push(`t${index}`);
      await client.query(`create table t${index} (id int ${hasKey ? 'primary key' : ''}, was ${type}, is_now ${type})`);
      await client.query(
        `insert into t${index} select id, ${value.replaceAll('$', 'one')}, ${value.replaceAll('$', 'other')}
           from unnest($1::text[], $2::text[]) with ordinality p (one, other, id)`,
        [pairs.map(([one]) => String(one)), pairs.map(([, other]) => other && String(other))],
      );
    }
    green = await fixture.copyOf(blue);
    for (const table of tables) {
      // on green the first value has become the second
      await green.query(`update ${table} set was = is_now`, 'bluegreen');
    }
    found = await differences(blue, green);
  });
  afterAll(async () => {
    await blue.close();
    await green.close();
  });

  it.each(TYPES.map(([type], index) => [type, index] as const))(
    'of type %s is found unless it is equal for the server',
    async (type, index) => {
      // json and xml have no equality, and that of points and boxes is of another kind: their texts count
      const equality = ['json', 'point'].includes(type)
        ? 'was::text is distinct from is_now::text'
        : 'was is distinct from is_now';
      const other = await blue.client('bluegreen');
      const { rows } = await other.query<{ id: number }>(`select id from t${index} where ${equality} order by id`);
      const ids = [...new Set((found.get(`t${index}`) ?? []).map(idOf))].sort((a, b) => a - b);
      expect(ids).toEqual(rows.map(({ id }) => id));
      expect(rows.length).toBeGreaterThan(0);
    },
  );
});

test('of a table no change touched, a large document that differs in nothing but the sign of its numbers is taken for equal, and no other', async () => {
  const large = (n: string) => `{"n": ${n}, "text": "${'x'.repeat(60)}"}`;
  const blue = await fixture.database(`
    create table facts (id int primary key, v jsonb);
    insert into facts values (1, '${large('5')}'), (2, '${large('5')}'), (3, '{"n": 0}'), (4, '[]'), (5, 'null'), (6, '{"n": 1.0}'), (7, '5')`);
  const green = await fixture.copyOf(blue);
  const values = [large('-5'), large('6'), '{"n": -0.0}', '{}', null, '{"n": 1.00}', '-5'];
  await green.query('update facts set v = ($1::jsonb[])[id]', 'bluegreen', [values]);
  expect([...((await differences(blue, green, true)).get('facts') ?? [])].map(idOf)).toEqual([1, 2, 4, 5, 7]);
  expect([...((await differences(blue, green, false)).get('facts') ?? [])].map(idOf)).toEqual([2, 4, 5, 7]);
  await blue.close();
  await green.close();
});

test('values whose hash depends on the seed alone are found when rows swap them, also where no change touched the table', async () => {
  const blue = await fixture.database(`
    create table documents (id bigint primary key, v jsonb);
    insert into documents select n, case when n % 2 = 0 then 'null'::jsonb else '0' end from generate_series(0, 99) n;
    create table lists (id bigint primary key, v jsonb);
    insert into lists select n, case when n in (4, 7) then '{}'::jsonb end from generate_series(4, 7) n;
    create table zeros (id bigint primary key, v float8);
    insert into zeros select n, case when n in (4, 7) then 0 end from generate_series(4, 7) n`);
  const green = await fixture.copyOf(blue);
  await green.query(
    `update documents set v = case when id % 2 = 1 then 'null'::jsonb else '0' end;
     update lists set v = case when id in (5, 6) then '{}'::jsonb end;
     update zeros set v = case when id in (5, 6) then 0 end`,
    'bluegreen',
  );
  const found = await differences(blue, green, false);
  expect(found.get('documents')).toHaveLength(100);
  expect(found.get('lists')?.map(idOf)).toEqual([4, 5, 6, 7]);
  expect(found.get('zeros')?.map(idOf)).toEqual([4, 5, 6, 7]);
  await blue.close();
  await green.close();
});

test('another scale of the numbers in an array is no difference, and a dimension is one', async () => {
  const blue = await fixture.database(`
    create table sums (id int primary key, v numeric(6, 2)[]);
    insert into sums values (1, '{1.50,2}'), (2, '{{1},{2}}'), (3, '{}'), (4, null), (5, '{NULL}')`);
  const green = await fixture.copyOf(blue);
  await green.query(
    `alter table sums alter v type numeric(8, 4)[]; update sums set v = '{1,2}' where id = 2`,
    'bluegreen',
  );
  expect((await differences(blue, green)).get('sums')?.map(idOf)).toEqual([2]);
  await blue.close();
  await green.close();
});
