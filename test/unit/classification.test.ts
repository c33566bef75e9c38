/** What the classifier says of a statement, by its text alone. */
import fc from 'fast-check';
import { type ClassifiedStatement, classify } from '../../lib/core/classification';
import { loadStatementParser, parseChange } from '../../lib/engines/postgres/changes/statement-parser';
import { changes } from '../support/following-plan';

beforeAll(loadStatementParser);

function last(sql: string, kind: 'expand' | 'contract' = 'expand', sync: 'replication' | 'freeze' = 'replication') {
  const file = kind === 'expand' ? '0001_change.sql' : '0001_change.contract.sql';
  return classify(changes({ [file]: sql }), sync).at(-1) as ClassifiedStatement;
}

const [OK, CONTRACT, FREEZE] = ['allowed', 'only as contract', 'only with sync: freeze'];

/** Of the last statement: following, way back, rewrites. */
test.each([
  ['alter table t add column c int', OK, 'reversible', 'no'],
  ['alter table t add column c int not null', CONTRACT, 'reversible', 'no'],
  ['alter table t add column c int not null default null', CONTRACT, 'reversible', 'no'],
  ['alter table t add column c int primary key', CONTRACT, 'depends', 'no'],
  ['alter table t add column c int not null default 1', OK, 'reversible', 'no'],
  ['alter table t add column c timestamptz default now()', OK, 'reversible', 'no'],
  ['alter table t add column c timestamptz default current_timestamp', OK, 'reversible', 'no'],
  ['alter table t add column c timestamptz default clock_timestamp()', OK, 'reversible', 'yes'],
  ['alter table t add column c uuid default gen_random_uuid()', OK, 'reversible', 'yes'],
  ['alter table t add column c uuid default app.next_id()', OK, 'reversible', 'perhaps'],
  ['alter table t add column c text default lower(pg_catalog.md5($$a$$))', OK, 'reversible', 'no'],
  ['alter table t add column c serial', OK, 'reversible', 'yes'],
  ['alter table t add column c int generated always as identity', OK, 'reversible', 'yes'],
  ['alter table t add column c int generated always as (a + 1) stored', OK, 'reversible', 'yes'],
  ['alter table t add column c int generated always as (a + 1) virtual', OK, 'reversible', 'no'],
  ['alter table t add column c mood', OK, 'reversible', 'perhaps'],
  [`create type mood as enum ('good'); alter table t add column c mood`, OK, 'reversible', 'no'],
  ['alter table t drop column c', CONTRACT, 'depends', 'no'],
  ['alter table t add column c int; alter table t drop column c', OK, 'reversible', 'no'],
  ['alter table t add column c int; alter table app.t drop column c', CONTRACT, 'depends', 'no'],
  ['alter table t add column c int; alter table public.t drop column c', OK, 'reversible', 'no'],
  ['alter table t rename column c to d', CONTRACT, 'one-way', 'no'],
  ['alter table t rename to u', CONTRACT, 'one-way', 'no'],
  ['alter table t set schema app', CONTRACT, 'one-way', 'no'],
  ['alter schema app rename to shop', CONTRACT, 'one-way', 'no'],
  [
    'create table t (); alter table t rename to u; alter table u set schema app; drop table app.u',
    OK,
    'reversible',
    'no',
  ],
  ['drop table t', CONTRACT, 'depends', 'no'],
  ['drop table t; create table t ()', OK, 'reversible', 'no'],
  ['alter table t alter column c type bigint', OK, 'depends', 'perhaps'],
  ['alter table t alter column c type numeric(9,2) using c::numeric(9,2)', OK, 'depends', 'perhaps'],
  ['alter table t alter column c type numeric(9,2) using c::numeric', FREEZE, 'depends', 'perhaps'],
  ['alter table t alter column c type jsonb using c::text::jsonb', OK, 'depends', 'perhaps'],
  ['alter table t alter column c type int using d::int', FREEZE, 'depends', 'perhaps'],
  ['alter table t alter column c type text using trim(c)', FREEZE, 'depends', 'perhaps'],
  ['alter table t add column c int; alter table t alter column c type text using trim(c)', OK, 'reversible', 'perhaps'],
  ['update t set c = 1', CONTRACT, 'depends', 'no'],
  ['alter table t add column c int; update t set c = 1', OK, 'reversible', 'no'],
  ['alter table t add column c int; update t set (c, d) = (1, 2)', CONTRACT, 'depends', 'no'],
  ['insert into t values (1)', CONTRACT, 'depends', 'no'],
  ['create table t (); insert into t default values', OK, 'reversible', 'no'],
  [
    'create table t (); with gone as (delete from old returning *) insert into t select * from gone',
    CONTRACT,
    'depends',
    'no',
  ],
  ['delete from t', CONTRACT, 'depends', 'no'],
  ['explain analyze delete from t', CONTRACT, 'depends', 'no'],
  ['prepare p as delete from t', CONTRACT, 'depends', 'no'],
  ['create table t (); truncate t, u', CONTRACT, 'depends', 'no'],
  ['merge into t using u on t.a = u.a when matched then delete', CONTRACT, 'depends', 'no'],
  [`copy t from '/a'`, CONTRACT, 'depends', 'no'],
  [`copy t to '/a'`, OK, 'reversible', 'no'],
  ['alter table t alter column c set not null', OK, 'reversible', 'no'],
  ['alter table t alter column c drop not null', OK, 'depends', 'no'],
  ['alter table t add column c int; alter table t alter column c set not null', CONTRACT, 'reversible', 'no'],
  ['alter table t add column c int default 1; alter table t alter column c set not null', OK, 'reversible', 'no'],
  [
    'alter table t add column c int not null default 1; alter table t alter column c drop default',
    CONTRACT,
    'reversible',
    'no',
  ],
  ['alter table t add constraint c check (a > 0)', OK, 'reversible', 'no'],
  ['alter table t add foreign key (a) references u', CONTRACT, 'reversible', 'no'],
  ['alter table t add foreign key (a) references u not valid', OK, 'reversible', 'no'],
  ['alter table t add foreign key (a) references u not enforced', OK, 'reversible', 'no'],
  [
    'alter table t add foreign key (a) references u not valid; alter table t validate constraint t_a_fkey',
    CONTRACT,
    'reversible',
    'no',
  ],
  [
    'alter table t add a int; alter table t add foreign key (a) references u not valid; alter table t validate constraint t_a_fkey',
    OK,
    'reversible',
    'no',
  ],
  ['alter table t add foreign key (a, b) references u', CONTRACT, 'reversible', 'no'],
  ['alter table t validate constraint f', OK, 'reversible', 'no'],
  ['create table t (a int references u)', OK, 'reversible', 'no'],
  ['alter table t add column a int references u', OK, 'reversible', 'no'],
  ['create unique index on t (a)', OK, 'reversible', 'no'],
  ['drop index i', OK, 'depends', 'no'],
  ['alter table t drop constraint c', OK, 'depends', 'no'],
  ['alter table t replica identity full', OK, 'depends', 'no'],
  ['alter table t force row level security', CONTRACT, 'reversible', 'no'],
  ['alter table t set unlogged', FREEZE, 'one-way', 'yes'],
  ['alter table t set logged', OK, 'reversible', 'yes'],
  ['alter table t set tablespace fast', OK, 'reversible', 'yes'],
  ['alter table t set access method heap', OK, 'reversible', 'yes'],
  ['cluster t using i', OK, 'reversible', 'yes'],
  ['create trigger a before insert on t for each row execute function f()', OK, 'reversible', 'no'],
  [`alter type mood add value 'new'`, OK, 'depends', 'no'],
  [`alter type mood rename value 'a' to 'b'`, CONTRACT, 'depends', 'no'],
  ['alter type address add attribute zip text', CONTRACT, 'depends', 'no'],
  ['create type address as (); alter type address add attribute zip text', OK, 'reversible', 'no'],
  ['drop schema app', OK, 'reversible', 'no'],
  ['drop schema app cascade', CONTRACT, 'reversible', 'no'],
  ['drop type mood cascade', CONTRACT, 'reversible', 'no'],
  ['drop owned by someone', CONTRACT, 'reversible', 'no'],
  ['create publication p', FREEZE, 'reversible', 'no'],
  ['alter publication p set (publish = insert)', FREEZE, 'reversible', 'no'],
  ['drop publication p', FREEZE, 'reversible', 'no'],
  ['alter subscription s disable', FREEZE, 'reversible', 'no'],
  ['create schema app create table t (a int)', OK, 'reversible', 'no'],
  ['create schema app create table t (a int); drop table app.t', OK, 'reversible', 'no'],
  ['create view v as select 1; comment on view v is $$x$$; grant select on v to app', OK, 'reversible', 'no'],
  ['do $$ begin execute $q$drop table t$q$; end $$', OK, 'reversible', 'no'],
  ['set search_path to shop, public; alter table t add c int; update shop.t set c = 1', OK, 'reversible', 'no'],
  ['set search_path to shop, public; alter table t add c int; update public.t set c = 1', CONTRACT, 'depends', 'no'],
  ['create table t (c int); set search_path to shop; alter table t drop c', CONTRACT, 'depends', 'no'],
  ['create table t (c int); set search_path to shop, public; alter table t drop c', CONTRACT, 'depends', 'no'],
  ['create table t (c int); set search_path to public, shop; alter table t drop c', OK, 'reversible', 'no'],
  [`create table t (c int); set search_path to "$user", public; alter table t drop c`, OK, 'reversible', 'no'],
  ['create table t (c int); set search_path to pg_catalog; alter table t drop c', OK, 'reversible', 'no'],
  ['create table shop.t (c int); set local search_path = shop; alter table t drop c', OK, 'reversible', 'no'],
  [`create table shop.t (c int); set schema 'shop'; alter table t drop c`, OK, 'reversible', 'no'],
  [`create table "Sh op".t (c int); set search_path = "Sh op"; drop table t`, OK, 'reversible', 'no'],
  [
    `create table t (); select set_config('search_path', 'shop, public', true); drop table t`,
    CONTRACT,
    'depends',
    'no',
  ],
  [
    `create table "S".t (); select pg_catalog.set_config('search_path', '"S", x', false); drop table t`,
    OK,
    'reversible',
    'no',
  ],
  ['set search_path to shop; create table t (); reset search_path; drop table t', CONTRACT, 'depends', 'no'],
  ['set search_path to shop; create table t (); set search_path to default; drop table shop.t', OK, 'reversible', 'no'],
  ['set search_path to shop; create table t (); reset all; drop table shop.t', OK, 'reversible', 'no'],
  ['set search_path to shop; create table t (); set search_path from current; drop table t', OK, 'reversible', 'no'],
  [
    'set search_path to shop; set work_mem = 1; create table t (); alter table t rename to u; drop table shop.u',
    OK,
    'reversible',
    'no',
  ],
  [
    `set search_path to shop; create type mood as enum ('ok'); alter type shop.mood rename value 'ok' to 'bad'`,
    OK,
    'reversible',
    'no',
  ],
  [
    `create type mood as enum ('ok'); set search_path to shop; alter type mood rename value 'ok' to 'bad'`,
    CONTRACT,
    'depends',
    'no',
  ],
  [
    'set search_path to shop; create table t (); with n as (select 1) insert into t select * from n',
    OK,
    'reversible',
    'no',
  ],
])('%s', (sql, following, wayBack, rewrites) => {
  expect(last(sql)).toMatchObject({ following, wayBack, rewrites, refused: following === OK ? [] : [{}] });
});

test.each([
  ['alter table t alter c set default app.next_id()', true],
  [`alter table t alter c set default nextval('a' || 'b')`, true],
  [`alter table t alter c set default nextval('s')`, false],
  [`alter table t alter c set default nextval('s'::regclass) + 1`, false],
  ['alter table t alter c set default lower(current_user)', false],
  ['alter table t add c int; alter table t alter c set default app.next_id()', false],
])('whether it is told that the default draws from what is not seen: %s', (sql, told) => {
  expect(last(sql).notes.some((note) => note.startsWith('from which sequence the default of t.c draws'))).toBe(told);
});

describe('a search path', () => {
  const files = (...sqls: string[]) =>
    classify(changes(Object.fromEntries(sqls.map((sql, index) => [`000${index + 1}_x.sql`, sql]))), 'replication').at(
      -1,
    );

  test("of one file is not the next one's", () => {
    expect(files('set search_path to shop; create table t ()', 'drop table t')).toMatchObject({ following: CONTRACT });
    expect(files('create table t (c int)', 'set search_path to shop; alter table t drop c')).toMatchObject({
      following: CONTRACT,
    });
    expect(files('set search_path to shop; create table t ()', 'drop table shop.t')).toMatchObject({ following: OK });
  });

  test('says which schema is declared where only one can be meant, and any where several can', () => {
    const declared = (sql: string) => changes({ '0001_x.sql': sql }).flatMap(({ declarations }) => declarations);
    expect(declared('set search_path to shop; alter table t drop c, add d int')).toContainEqual({
      kind: 'column',
      schema: 'shop',
      table: 't',
      name: 'd',
    });
    expect(declared('set search_path to shop, public; drop index i')).toEqual([{ kind: 'index', name: 'i' }]);
    expect(declared('set search_path to shop; drop index i; drop function f()')).toEqual([
      { kind: 'index', schema: 'shop', name: 'i' },
      { kind: 'routine', schema: 'shop', name: 'f' },
    ]);
    expect(declared('set search_path to shop; drop trigger x on t')).toEqual([
      { kind: 'part', part: 'trigger', schema: 'shop', table: 't', name: 'x' },
    ]);
  });

  test.each([
    [`select set_config('search_path', 'shop,' || current_setting('search_path'), false);\nalter table t drop c`],
    ['do $$ begin set search_path to shop; end $$;\ndrop table t'],
  ])('refuses names without schema after one that only the server knows: %s', (sql) => {
    expect(parseChange(sql)).toEqual({
      problem:
        'line 2: names a table without its schema, and the search_path was set before to what only the server knows; write its schemas out, or name the table with its schema',
    });
    expect(parseChange(sql.replace(/ t\b(?!able)/, ' shop.t'))).not.toHaveProperty('problem');
  });
});

describe('a refusal', () => {
  test('says what goes wrong and what to do, for each command of the statement', () => {
    expect(last('alter table app."T" drop column a, add column b int, drop column "C d"').refused).toEqual([
      {
        only: 'contract',
        reason: `drops app."T".a, and blue's rows come with it`,
        remedy: 'move it to a contract change (….contract.sql)',
      },
      {
        only: 'contract',
        reason: `drops app."T"."C d", and blue's rows come with it`,
        remedy: 'move it to a contract change (….contract.sql)',
      },
    ]);
  });

  test('of a computed type names both ways out', () => {
    expect(last('alter table t alter column c type int using length(c)').refused).toEqual([
      {
        only: 'freeze',
        reason: "computes t.c anew with USING, and blue's later values come without that",
        remedy: 'add a column and fill it by an ENABLE ALWAYS trigger, or run the plan with sync: "freeze"',
      },
    ]);
  });

  test('does not reach contract changes, but for what can be done under a freeze only', () => {
    expect(last('drop table t', 'contract')).toMatchObject({ following: 'only as contract', refused: [] });
    expect(last('create publication p', 'contract').refused).toHaveLength(1);
  });

  test('is not made where nothing is followed', () => {
    expect(last('drop table t; create publication p', 'expand', 'freeze').refused).toEqual([]);
  });
});

describe('notes', () => {
  test.each([
    ['create index i on t (a)', ['builds an index on t']],
    [
      'create trigger a before insert on t for each row execute function f()',
      ['trigger a does not fire for rows that come from blue, unless it is set to ENABLE ALWAYS'],
    ],
    ['create table t (); create trigger a before insert on t for each row execute function f()', []],
    [
      'create rule r as on delete to t do instead nothing',
      [
        'rule r does not fire for rows that come from blue, unless it is set to ENABLE ALWAYS',
        'once green serves, what is written to t goes where rule r says INSTEAD, which may be nowhere',
      ],
    ],
    ['do $$ begin end $$', ['what it does is not seen here; the comparison finds it, and a comment may declare it']],
    ['select 1', []],
    ['create table copies as select * from t', ['what blue writes to t later does not come into copies']],
    [
      'alter table t add column c int; update t set c = 1',
      ["blue's later rows get the default of t.c, or what an ENABLE ALWAYS trigger fills in", 'writes rows of t'],
    ],
    ['alter table t add column if not exists c int', ['t.c is taken for new; blue must not have it']],
  ])('%s', (sql, notes) => {
    expect(last(sql).notes).toEqual(notes);
  });

  test('a trigger that is set to fire always, later in another file, gets none', () => {
    const statements = classify(
      changes({
        '0001_trigger.sql': 'create trigger a before insert on t for each row execute function f()',
        '0002_always.sql': 'alter table t enable always trigger a',
      }),
      'replication',
    );
    expect(statements.map(({ notes }) => notes)).toEqual([[], []]);
  });

  test('of a contract change say what the application waits for, and nothing of following', () => {
    expect(last('alter table t alter column c type bigint', 'contract').notes).toEqual([
      'rows flow back as long as t.c fits the type it has on blue',
      'may rewrite the table while the application waits',
    ]);
    expect(last('create unique index on t (c)', 'contract').notes).toEqual([
      'builds an index on t while the application waits',
    ]);
  });

  test('under a freeze are about time alone', () => {
    expect(last('create unique index on t (c)', 'expand', 'freeze').notes).toEqual(['builds an index on t']);
  });
});

test('what a file makes is known to the files behind it, and to no file before it', () => {
  const backfill = 'update t set c = 1';
  const add = 'alter table t add column c int';
  const following = (files: Record<string, string>) =>
    classify(changes(files), 'replication').map((one) => one.following);
  expect(following({ '1_a.sql': add, '2_b.sql': backfill })).toEqual([OK, OK]);
  expect(following({ '1_a.sql': backfill, '2_b.sql': add })).toEqual([CONTRACT, OK]);
});

test('a statement is told with line, names and without its values', () => {
  const statements = classify(
    changes({
      '0001_change.sql': `-- why\nalter table "Lager".t add column "Straße" text default 'secret', alter c type bigint;\n\nupdate t set a = 'secret', b = 'secret';
        create unique index on t (a); alter role app password 'secret'; drop table a.b, c; alter table t rename column a to "B";
        insert into t values ('secret'); create function f() returns int language sql as 'select 1'`,
    }),
    'freeze',
  );
  expect(statements.map(({ line, statement, touches }) => [line, statement, touches.join(' ')])).toEqual([
    [
      2,
      'alter table "Lager".t add column "Straße", alter column c type bigint',
      '"Lager".t."Straße" "Lager".t.c "Lager".t',
    ],
    [4, 'update t set a, b', 't.a t.b'],
    [5, 'create unique index on t', 't'],
    [5, 'alter role', ''],
    [5, 'drop table a.b, c', 'a.b c'],
    [5, 'rename column t.a to "B"', 't.a t."B" t'],
    [6, 'insert into t', 't'],
    [6, 'create function f', ''],
  ]);
});

test.each([
  ['create foreign table app.f (a int) server s', 'create foreign table app.f'],
  ['create view v as select 1', 'create view v'],
  ['create materialized view v as select 1', 'create materialized view v as'],
  ['refresh materialized view v', 'refresh materialized view v'],
  ['create sequence s', 'create sequence s'],
  ['create extension citext', 'create extension citext'],
  ['create schema app create table t (a int) create view v as select 1 grant select on t to app', 'create schema app'],
  ['create domain d as int check (value > 0)', 'create domain d'],
  ['alter domain d add check (value > 0)', 'alter domain d'],
  ['create type r as range (subtype = int4)', 'create range r'],
  ['create aggregate a (int) (sfunc = f, stype = int)', 'create aggregate a'],
  ['create operator === (function = f, leftarg = int, rightarg = int)', 'create operator "==="'],
  ['create cast (int as mood) with function f(int)', 'create cast f'],
  ['drop cast (int as mood)', 'drop cast'],
  ['drop function f(int), app.g', 'drop function f, app.g'],
  ['drop trigger a on app.t', 'drop trigger app.t.a'],
  ['drop operator === (int, int)', 'drop operator "==="'],
  ['alter function f(int) stable', 'alter function f'],
  ['alter function f(int) rename to g', 'rename function to g'],
  ['alter function f(int) set schema app', 'move function to schema app'],
  ['alter function f(int) owner to app', 'alter owner'],
  ['alter index i attach partition j', 'alter index i attach partition j'],
  ['alter table t attach partition u for values from (1) to (2)', 'alter table t attach partition u'],
  ['alter table t detach partition u finalize', 'alter table t detach partition finalize'],
  ['alter table t alter column 1 set statistics 5', 'alter table t set statistics'],
  [
    'alter table t owner to app, enable row level security, no inherit u',
    'alter table t change owner, enable row security, drop inherit',
  ],
  ['alter table all in tablespace a set tablespace b', 'alter table move all'],
  ['alter type c alter attribute x type int cascade', 'alter type c alter column x type integer'],
  ['alter type c rename attribute x to y', 'rename attribute c.x to y'],
  ['alter policy p on t using (true)', 'alter policy'],
  ['create policy p on t using (true)', 'create policy p on t'],
  ['create rule r as on insert to t do also notify x', 'create rule r on t'],
  ['create event trigger e on ddl_command_end execute function f()', 'create event trigger e'],
  ['create statistics s on a, b from t', 'create statistics'],
  ['create role r', 'create role'],
  ['alter default privileges in schema app grant select on tables to app', 'alter default privileges'],
  ['grant select on t to app', 'grant'],
  ['revoke all on schema app from public', 'revoke'],
  ['reassign owned by a to b', 'reassign owned'],
  ['comment on table t is $$x$$', 'comment'],
  ['lock table t', 'lock'],
  ['set search_path = app', 'set search_path'],
  ['analyze t', 'analyze'],
  ['reindex table t', 'reindex t'],
  ['call f()', 'call'],
  ['values (1)', 'select'],
  ['notify x', 'notify'],
  ['import foreign schema a from server s into b', 'import foreign schema'],
  ['copy (delete from t returning *) to $$/x$$'.replaceAll('$$', "'"), 'copy to'],
])('%s is told as "%s"', (sql, words) => {
  expect(last(sql).statement).toBe(words);
});

describe('whatever is written', () => {
  const name = fc.constantFrom('t', 'app.t', '"T t"', 'u');
  const column = fc.constantFrom('a', '"B b"', 'c');
  const type = fc.constantFrom('int', 'text', 'numeric(9,2)', 'mood', 'int[]', 'serial');
  const value = fc.constantFrom('1', `'x'`, 'now()', 'random()', 'f(1)', 'null', 'current_user', '(1 + length($$x$$))');
  const command = fc.oneof(
    fc.tuple(column, type, value).map(([c, t, v]) => `add column ${c} ${t} default ${v}`),
    fc.tuple(column, type, column).map(([c, t, d]) => `alter column ${c} type ${t} using ${d}::${t}`),
    fc.tuple(column, value).map(([c, v]) => `alter column ${c} set default ${v}`),
    fc
      .tuple(
        column,
        fc.constantFrom('drop default', 'set not null', 'drop not null', 'drop expression', 'set statistics 9'),
      )
      .map(([c, what]) => `alter column ${c} ${what}`),
    fc
      .tuple(fc.constantFrom('unique', 'primary key', 'foreign key'), column)
      .map(([kind, c]) => `add ${kind} (${c})${kind === 'foreign key' ? ' references u not valid' : ''}`),
    fc.constantFrom(
      'drop column a',
      'drop constraint x',
      'validate constraint x',
      'enable always trigger x',
      'inherit u',
      'set logged',
      'cluster on x',
    ),
  );
  const statement = fc.oneof(
    fc
      .tuple(name, fc.array(command, { minLength: 1, maxLength: 4 }))
      .map(([n, cs]) => `alter table ${n} ${cs.join(', ')}`),
    fc.tuple(name, column, type).map(([n, c, t]) => `create table ${n} (${c} ${t}, check (${c} is not null))`),
    fc.tuple(name, column, value).map(([n, c, v]) => `update ${n} set ${c} = ${v}`),
    fc.tuple(name, column).map(([n, c]) => `alter table ${n} rename ${c} to renamed`),
    fc
      .tuple(fc.constantFrom('table', 'index', 'view', 'type', 'sequence', 'function', 'materialized view'), name)
      .map(([k, n]) => `drop ${k} ${n}`),
    fc.tuple(name, name).map(([n, m]) => `with x as (delete from ${n} returning *) insert into ${m} select * from x`),
  );

  test('is classified, and allowed as an expand change exactly where it is not said to be allowed elsewhere only', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), (sql) => {
        const classified = classify(changes({ '1_a.sql': sql.join(';\n') }), 'replication');
        expect(classified.map(({ line }) => line)).toEqual(sql.map((_, index) => index + 1));
        for (const { following, refused, statement: words } of classified) {
          expect(refused.length > 0).toBe(following !== 'allowed');
          expect(words).not.toMatch(/undefined|null\b(?<!not null)|object Object/);
        }
      }),
    );
  });

  test('on tables that the changes make is allowed', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), (sql) => {
        const made = ['t', 'app.t', '"T t"', 'u'].map((one) => `create table ${one} ()`);
        const classified = classify(changes({ '1_a.sql': [...made, ...sql].join(';\n') }), 'replication');
        expect(classified.flatMap(({ refused }) => refused)).toEqual([]);
      }),
    );
  });
});
