import { COUNTED } from '../../../lib/core/answers';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { PostgresFixture } from '../../support/postgres-fixture';
import { type Comparison, compare, declared } from '../../support/schema-comparison';

let fixture: PostgresFixture;
beforeAll(async () => {
  await loadStatementParser();
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

/** What the validation finds when green is blue after `sql`. */
async function afterwards(seed: string, sql: string, declarations = sql): Promise<Comparison> {
  const blue = await fixture.database(seed);
  const green = await fixture.copyOf(blue);
  await green.query(sql, 'bluegreen');
  try {
    return await compare(blue.run(), green.run(), declared(declarations));
  } finally {
    await blue.close();
    await green.close();
  }
}

/** One table per harmless change; every one of them is equal on both sides. */
const HARMLESS: readonly [what: string, table: string, seed: string, change: string][] = [
  [
    'an int widened to bigint',
    'wide',
    `create table wide as select n::int as v from generate_series(-5, 5) n`,
    `alter table wide alter v type bigint`,
  ],
  [
    'a smallint widened to numeric',
    'num',
    `create table num as select n::smallint as v from generate_series(-5, 5) n`,
    `alter table num alter v type numeric`,
  ],
  [
    'a varchar widened to text',
    'txt',
    `create table txt (v varchar(3)); insert into txt values ('abc'), (''), (null), ('ä€')`,
    `alter table txt alter v type text`,
  ],
  [
    'a char made a text',
    'chr',
    `create table chr (v char(5)); insert into chr values ('ab'), ('')`,
    `alter table chr alter v type text`,
  ],
  [
    'a numeric with more digits',
    'dig',
    `create table dig (v numeric(6,2)); insert into dig values (1.5), (-0.25), ('NaN')`,
    `alter table dig alter v type numeric(12,4)`,
  ],
  [
    'a timestamp that got a time zone',
    'ts',
    `create table ts (v timestamp(3)); insert into ts values ('2026-01-01 12:00:00.123')`,
    `alter table ts alter v type timestamptz using v at time zone current_setting('timezone')`,
  ],
  [
    'an enum made a text, and the enum dropped',
    'en',
    `create type mood as enum ('sad', 'happy'); create table en (v mood); insert into en values ('sad'), (null)`,
    `alter table en alter v type text; drop type mood`,
  ],
  [
    'a renamed enum',
    'en2',
    `create type tone as enum ('low', 'high'); create table en2 (v tone); insert into en2 values ('low')`,
    `alter type tone rename to pitch`,
  ],
  [
    'rows in another order',
    'ord',
    `create table ord as select n as v from generate_series(1, 100) n`,
    `alter table ord rename to tmp; create table ord as select v from tmp order by v desc; drop table tmp`,
  ],
  ['an empty table', 'empty', `create table empty (v int)`, `alter table empty alter v type bigint`],
  [
    'a table without columns',
    'none',
    `create table none (); insert into none default values`,
    `alter table none add v int`,
  ],
  [
    'a column added with a default',
    'added',
    `create table added (v int); insert into added values (1)`,
    `alter table added add w text not null default 'x'`,
  ],
  [
    'letters whose case a type does not care for',
    'cit',
    `create table cit (v citext); insert into cit values ('Anna')`,
    `update cit set v = 'anna'`,
  ],
  [
    'letters whose case a collation does not care for',
    'col',
    `create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); create table col (v text collate ci); insert into col values ('Anna')`,
    `update col set v = 'ANNA'`,
  ],
];

/** The same values, whose difference must show; `undefined` where the change is a DO block nobody declares. */
const DIFFERENT: readonly [what: string, table: string, seed: string, change: string][] = [
  [
    'one changed value',
    'one',
    `create table one as select n as id, 'v' || n as v from generate_series(1, 1000) n`,
    `update one set v = 'V500' where id = 500`,
  ],
  [
    'a null that became an empty text',
    'nul',
    `create table nul (id int, v text); insert into nul values (1, null)`,
    `update nul set v = ''`,
  ],
  [
    'two columns that swapped their values',
    'swp',
    `create table swp (a int, b int); insert into swp values (1, 2)`,
    `update swp set a = b, b = a`,
  ],
  [
    'two rows that swapped their values',
    'rsw',
    `create table rsw (id int, v text); insert into rsw values (1, 'a'), (2, 'b')`,
    `update rsw set v = case id when 1 then 'b' else 'a' end`,
  ],
  [
    'a row replaced by a copy of another',
    'dup',
    `create table dup (v int); insert into dup values (1), (2), (3)`,
    `delete from dup where v = 3; insert into dup values (2)`,
  ],
  [
    'a text of which the end is gone',
    'cut',
    `create table cut (v text); insert into cut values ('12345678901234')`,
    `alter table cut alter v type varchar(10) using v::varchar(10)`,
  ],
  [
    'a text that got more than its old type holds',
    'ext',
    `create table ext (v varchar(3)); insert into ext values ('abc')`,
    `alter table ext alter v type text; update ext set v = 'abcd'`,
  ],
  [
    'digits beyond the old scale',
    'sca',
    `create table sca (v numeric(6,2)); insert into sca values (1.50)`,
    `alter table sca alter v type numeric(12,4); update sca set v = 1.5049`,
  ],
  [
    'a fraction that was rounded',
    'rnd',
    `create table rnd (v numeric(6,2)); insert into rnd values (1.55)`,
    `alter table rnd alter v type int`,
  ],
  ['a json text', 'js', `create table js (v json); insert into js values ('{"a": 1}')`, `update js set v = '{"a":1}'`],
  [
    'a jsonb value',
    'jb',
    `create table jb (v jsonb); insert into jb values ('{"a": [1, {"b": null}]}')`,
    `update jb set v = '{"a": [1, {"b": 0}]}'`,
  ],
  ['an array', 'arr', `create table arr (v int[]); insert into arr values ('{1,2,3}')`, `update arr set v = '{1,3,2}'`],
  [
    'an array of enums',
    'ea',
    `create type ae as enum ('x', 'y'); create table ea (v ae[]); insert into ea values ('{x,y}')`,
    `update ea set v = '{y,x}'`,
  ],
  [
    'an enum',
    'enm',
    `create type e as enum ('x', 'y'); create table enm (v e); insert into enm values ('x')`,
    `update enm set v = 'y'`,
  ],
  [
    'a composite value',
    'cmp',
    `create type pair as (a int, b text); create table cmp (v pair); insert into cmp values ((1, 'x'))`,
    `update cmp set v = (1, 'y')`,
  ],
  [
    'a domain over a type without hash',
    'dom',
    `create domain doc as json; create table dom (v doc); insert into dom values ('1')`,
    `update dom set v = '2'`,
  ],
  [
    'a domain over a domain',
    'dod',
    `create domain d1 as int; create domain d2 as d1; create table dod (v d2); insert into dod values (1)`,
    `update dod set v = 2`,
  ],
  [
    'a point, an xml-like text, a range, bits and bytes',
    'odd',
    `create table odd (p point, r int4range, b bit(5), vb bit varying, by bytea, c "char", i interval day to second, m money, u uuid, n inet); insert into odd values ('(1,2)', '[1,5)', '10101', '11', '\\x00ff', 'a', '1 day 00:00:01', 5, '00000000-0000-0000-0000-000000000001', '10.0.0.1')`,
    `update odd set b = '10100'`,
  ],
  [
    'a row of a partition',
    'pt_2',
    `create table pt (k int, v int) partition by list (k); create table pt_1 partition of pt for values in (1); create table pt_2 partition of pt for values in (2); insert into pt values (1, 1), (2, 2)`,
    `update pt_2 set v = 3`,
  ],
  [
    'a row of the parent, not of its child',
    'par',
    `create table par (v int); create table chi () inherits (par); insert into par values (1); insert into chi values (2)`,
    `update only par set v = 9`,
  ],
  [
    'a row of the child, not of its parent',
    'chi2',
    `create table par2 (v int); create table chi2 () inherits (par2); insert into par2 values (1); insert into chi2 values (2)`,
    `update chi2 set v = 9`,
  ],
  [
    'names that need quotes',
    'Tä "x"',
    `create table "Tä ""x""" ("Sp.al te" int, "select" text); insert into "Tä ""x""" values (1, 'a')`,
    `update "Tä ""x""" set "select" = 'b'`,
  ],
];

describe('the contents', () => {
  let harmless: Comparison;
  let different: Comparison;
  let unchanged: Comparison;
  beforeAll(async () => {
    await fixture.server.asAdmin((admin) => admin.query('create extension citext'), 'template1');
    const seeds = (cases: typeof HARMLESS) => cases.map(([, , seed]) => seed).join(';\n');
    const changes = (cases: typeof HARMLESS) => cases.map(([, , , change]) => change).join(';\n');
    harmless = await afterwards(seeds(HARMLESS), changes(HARMLESS));
    different = await afterwards(seeds(DIFFERENT), changes(DIFFERENT), '');
    unchanged = await afterwards(seeds(DIFFERENT), 'select 1');
  });

  it('are equal when nothing changed, whatever their types', () => {
    expect(unchanged.contents).toEqual([]);
    expect(unchanged.tables).toEqual(expect.arrayContaining(DIFFERENT.map(([, table]) => `public.${table}`)));
  });

  it.each(HARMLESS)('stay equal with %s', (_what, table) => {
    expect(harmless.tables).toContain(`public.${table}`);
    expect(harmless.contents.filter(({ object }) => object === `public.${table}`)).toEqual([]);
  });

  it.each(DIFFERENT)('differ with %s', (_what, table) => {
    const found = different.contents.filter(({ object }) => object === `public.${table}`);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ kind }) => kind === 'content')).toBe(true);
  });

  it('are left equal where nothing was touched', () => {
    expect([...new Set(different.contents.map(({ object }) => object))].sort()).toEqual(
      DIFFERENT.map(([, table]) => `public.${table}`).sort(),
    );
  });
});

describe('a comparison', () => {
  it('says when rows are missing or too many', async () => {
    const { contents } = await afterwards(
      'create table less as select n from generate_series(1, 10) n; create table more as select n from generate_series(1, 10) n',
      'delete from less where n = 3; insert into more values (11)',
      '',
    );
    expect(contents).toEqual([
      { kind: 'rows', object: 'public.less', message: '10 rows on blue, 9 on green' },
      { kind: 'content', object: 'public.less', message: 'row (n "3") is there once on blue and not on green' },
      { kind: 'rows', object: 'public.more', message: '10 rows on blue, 11 on green' },
      { kind: 'content', object: 'public.more', message: 'row (n "11") is there not on blue and once on green' },
    ]);
  });

  it('leaves out what the changes declare to rewrite, names it, and compares the rest', async () => {
    const { contents, excluded, schema } = await afterwards(
      `create table orders (id int, total int, note text, legacy int); insert into orders values (1, 2, 'x', 0);
       create table log (v int); insert into log values (1);
       create table gone (v int);
       create table parent (k int, v int) partition by list (k); create table part partition of parent default; insert into parent values (1, 1)`,
      `update orders set total = 3; insert into log values (2); drop table gone; alter table orders drop column legacy; update parent set v = 5`,
    );
    expect(schema).toEqual([]);
    expect(contents).toEqual([]);
    expect(excluded).toEqual([
      'rows of public.gone, which green does not have',
      'rows of public.log, changed by 0001_change.sql',
      'values of public.orders.total, rewritten by 0001_change.sql',
      'values of public.orders.legacy, which green does not have',
      'values of public.part.v, rewritten by 0001_change.sql',
    ]);

    const { contents: found } = await afterwards(
      `create table orders (id int, total int, note text); insert into orders values (1, 2, 'x')`,
      `update orders set total = 3; do $$ begin update orders set note = 'y'; end $$`,
    );
    expect(found.map(({ object, message }) => `${object}: ${message}`).sort()).toEqual([
      'public.orders: row (id "1", note "x") is there once on blue and not on green',
      'public.orders: row (id "1", note "y") is there not on blue and once on green',
    ]);
  });

  it('knows rows that move between tables in one statement', async () => {
    const sql = 'with old as (delete from orders where id < 3 returning *) insert into archive select * from old';
    const { contents, excluded } = await afterwards(
      'create table orders as select n as id from generate_series(1, 5) n; create table archive (id int)',
      sql,
    );
    expect(contents).toEqual([]);
    expect(excluded).toEqual([
      'rows of public.archive, changed by 0001_change.sql',
      'rows of public.orders, changed by 0001_change.sql',
    ]);
  });

  it('fails for values the old type cannot read, and quotes none of them', async () => {
    const { contents } = await afterwards(
      'create table t (v int); insert into t values (1)',
      `alter table t alter v type bigint; update t set v = 3000000000`,
      'alter table t alter v type bigint',
    );
    expect(contents).toEqual([
      { kind: 'content', object: 'public.t', message: 'cannot be compared: integer out of range' },
    ]);
  });

  it('covers tables with as many columns as there can be', async () => {
    const columns = Array.from({ length: 1600 }, (_, index) => `c${index} int`).join(', ');
    const { contents, tables } = await afterwards(
      `create table widest (${columns}); insert into widest (c0, c1599) values (1, 1)`,
      'update widest set c1599 = 2',
      '',
    );
    expect(tables).toEqual(['public.widest']);
    expect(contents.map(({ object }) => object)).toEqual(['public.widest', 'public.widest']);
    expect(Math.max(...contents.map(({ message }) => message.length))).toBeLessThan(500);
  });

  it('is not fooled by a search path or by what a check would change', async () => {
    const blue = await fixture.database(
      `create schema shop; create type shop.kind as enum ('a', 'b'); create table shop.t (v shop.kind); insert into shop.t values ('a');
       create schema other; create type other.kind as enum ('a')`,
    );
    await blue.query(`alter database ${blue.name} set search_path = other`);
    const green = await fixture.copyOf(blue);
    expect((await compare(blue.run(), green.run(), [])).contents).toEqual([]);

    await expect(
      green.run().answer('with gone as (delete from shop.t returning 1) select 1 from gone', COUNTED),
    ).rejects.toThrow('DECLARE CURSOR must not contain data-modifying statements in WITH');
    expect(await green.ask('select count(*)::int from shop.t')).toBe(1);
    await blue.close();
    await green.close();
  });
});
