/** One difference for every kind of object and for what each kind has: how it is made, and what the verdict says about it. */

export interface SchemaCase {
  /** What blue and green begin with. */
  readonly seed?: string;
  /** What happens to green alone. */
  readonly change: string;
  /** The objects that differ then, each with a part of what is said. */
  readonly found: Readonly<Record<string, string>>;
  /** The first major version that knows of it. */
  readonly since?: number;
}

const T = 'create table shop.t';

export const SCHEMA_CASES: readonly SchemaCase[] = [
  { change: 'grant create on schema shop to app', found: { 'schema shop': 'grants: only green has "app CREATE"' } },
  { change: `comment on schema crm is 'c'`, found: { 'schema crm': 'comment is nothing on blue and "c" on green' } },
  {
    seed: 'create schema own',
    change: 'alter schema own owner to app',
    found: { 'schema own': 'owner is "rdsadmin"' },
  },
  {
    seed: 'create extension citext schema public',
    change: 'alter extension citext set schema crm',
    found: { 'extension public.citext': 'green lacks it (version: 1.', 'extension crm.citext': 'only green has it' },
  },
  {
    seed: `${T}1 (a int)`,
    change: 'alter table shop.t1 owner to app',
    found: { 'table shop.t1': 'owner is "rdsadmin" on blue and "app" on green' },
  },
  {
    seed: `${T}2 (a int)`,
    change: 'grant select on shop.t2 to app with grant option',
    found: { 'table shop.t2': 'only green has "app SELECT with grant option"' },
  },
  {
    seed: `${T}3 (a int)`,
    change: `comment on table shop.t3 is 'c'`,
    found: { 'table shop.t3': 'comment is nothing' },
  },
  {
    seed: `${T}4 (a int)`,
    change: 'alter table shop.t4 set (fillfactor = 70)',
    found: { 'table shop.t4': 'options is nothing on blue and "fillfactor=70" on green' },
  },
  {
    seed: `${T}5 (a text)`,
    change: 'alter table shop.t5 set (toast.autovacuum_enabled = false)',
    found: { 'table shop.t5': 'options of its toast table' },
  },
  {
    seed: `${T}6 (a int); create table shop.p6 (a int)`,
    change: 'alter table shop.t6 inherit shop.p6',
    found: { 'table shop.t6': 'parents is nothing on blue and "shop.p6" on green' },
  },
  {
    seed: `${T}7 (a int)`,
    change: 'alter table shop.t7 set unlogged',
    found: { 'table shop.t7': 'unlogged is nothing on blue and "true" on green' },
  },
  {
    seed: `${T}8 (a int)`,
    change: 'alter table shop.t8 enable row level security',
    found: { 'table shop.t8': 'row security' },
  },
  {
    seed: `${T}9 (a int not null); create unique index i9 on shop.t9 (a)`,
    change: 'alter table shop.t9 replica identity using index i9',
    found: {
      'table shop.t9': 'replica identity is "default" on blue and "an index" on green',
      'index shop.t9.i9': 'replica identity',
    },
  },
  {
    seed: `${T}10 (a int); create index i10 on shop.t10 (a)`,
    change: 'alter table shop.t10 cluster on i10',
    found: { 'index shop.t10.i10': 'clustered' },
  },
  {
    seed: `create server s11 foreign data wrapper w58; create foreign table shop.f11 (a int) server s11`,
    change: `alter foreign table shop.f11 options (password 'hidden11')`,
    found: { 'table shop.f11': 'option password differs (its values are not shown)' },
  },
  {
    seed: 'create view shop.v12 as select 1 as a',
    change: 'alter view shop.v12 set (security_invoker = true)',
    found: { 'view shop.v12': 'options is nothing on blue and "security_invoker=true"' },
  },
  {
    seed: 'create view shop.v13 as select 1 as a',
    change: 'alter view shop.v13 owner to app',
    found: { 'view shop.v13': 'owner' },
  },
  {
    seed: 'create view shop.v14 as select 1 as a',
    change: `comment on column shop.v14.a is 'c'`,
    found: { 'column shop.v14.a': 'comment' },
  },
  {
    seed: 'create materialized view shop.m15 as select 1 as a with no data',
    change: 'refresh materialized view shop.m15',
    found: { 'view shop.m15': 'populated is nothing on blue and "true" on green' },
  },
  {
    seed: `${T}16 (a text)`,
    change: 'alter table shop.t16 alter a set storage external',
    found: { 'column shop.t16.a': 'storage is nothing on blue and "e" on green' },
  },
  {
    seed: `${T}17 (a text)`,
    change: 'alter table shop.t17 alter a set compression pglz',
    found: { 'column shop.t17.a': 'compression' },
  },
  {
    seed: `${T}18 (a text)`,
    change: 'alter table shop.t18 alter a set statistics 500',
    found: { 'column shop.t18.a': 'statistics target is nothing on blue and "500"' },
  },
  {
    seed: `${T}19 (a text)`,
    change: 'alter table shop.t19 alter a set (n_distinct = 5)',
    found: { 'column shop.t19.a': 'options' },
  },
  { seed: `${T}20 (a text)`, change: `comment on column shop.t20.a is 'c'`, found: { 'column shop.t20.a': 'comment' } },
  {
    seed: `${T}21 (a text)`,
    change: 'grant update (a) on shop.t21 to app',
    found: { 'column shop.t21.a': 'only green has "app UPDATE"' },
  },
  {
    seed: `${T}22 (a text)`,
    change: 'alter table shop.t22 alter a type text collate "C"',
    found: { 'column shop.t22.a': 'collation' },
  },
  {
    seed: `${T}23 (a int); alter table shop.t23 add constraint c check (a > 0) not valid`,
    change: 'alter table shop.t23 validate constraint c',
    found: { 'constraint shop.t23.c': 'NOT VALID' },
  },
  {
    seed: `${T}24 (a int, constraint c check (a > 0))`,
    change: `comment on constraint c on shop.t24 is 'c'`,
    found: { 'constraint shop.t24.c': 'comment' },
  },
  {
    seed: `${T}25 (a int primary key); ${T}25b (a int constraint c references shop.t25)`,
    change: 'alter table shop.t25b alter constraint c not enforced',
    found: { 'constraint shop.t25b.c': 'NOT ENFORCED' },
    since: 18,
  },
  {
    seed: `${T}26 (a int)`,
    change: 'alter table shop.t26 add constraint c not null a not valid',
    found: {
      'constraint shop.t26.c': 'only green has it (definition: NOT NULL a NOT VALID)',
      'column shop.t26.a': 'not null',
    },
    since: 18,
  },
  {
    seed: `${T}27 (a int); alter table shop.t27 add constraint c not null a not valid`,
    change: 'alter table shop.t27 validate constraint c',
    found: { 'constraint shop.t27.c': 'green lacks it' },
    since: 18,
  },
  {
    seed: `${T}28 (a int primary key); ${T}28b (a int constraint c references shop.t28)`,
    change: 'alter table shop.t28b disable trigger all',
    found: { 'constraint shop.t28b.c': 'triggers is nothing on blue and "not all enabled"' },
  },
  {
    seed: `${T}29 (a int); create index i29 on shop.t29 (a)`,
    change: `comment on index shop.i29 is 'c'`,
    found: { 'index shop.t29.i29': 'comment' },
  },
  {
    seed: `${T}30 (a int); create function shop.f30() returns trigger language plpgsql as 'begin return new; end'; create trigger g before insert on shop.t30 for each row execute function shop.f30()`,
    change: 'alter table shop.t30 enable always trigger g',
    found: { 'trigger shop.t30.g': 'enabled is "yes" on blue and "always" on green' },
  },
  {
    seed: `${T}31 (a int); create rule r as on insert to shop.t31 do also notify x`,
    change: 'alter table shop.t31 disable rule r',
    found: { 'rule shop.t31.r': 'enabled is "yes" on blue and "no" on green' },
  },
  {
    seed: `${T}32 (a int)`,
    change: 'create rule r as on delete to shop.t32 do instead nothing',
    found: { 'rule shop.t32.r': 'only green has it' },
  },
  {
    seed: `${T}33 (a int); create policy y on shop.t33 to app using (true)`,
    change: 'alter policy y on shop.t33 to public',
    found: { 'policy shop.t33.y': 'roles is "app" on blue and "public" on green' },
  },
  {
    seed: `${T}34 (a int, b int); create statistics shop.s34 on a, b from shop.t34`,
    change: 'alter statistics shop.s34 set statistics 50',
    found: { 'statistics shop.t34.s34': 'target' },
  },
  {
    seed: `${T}35 (a int, b int)`,
    change: 'create statistics on a, b from shop.t35',
    found: { 'statistics shop.t35.t35_a_b_stat': 'only green has it' },
    since: 16,
  },
  {
    seed: 'create sequence shop.q36',
    change: 'alter sequence shop.q36 cache 50',
    found: { 'sequence shop.q36': 'cache is "1" on blue and "50" on green' },
  },
  {
    seed: `create sequence shop.q37; ${T}37 (a int)`,
    change: 'alter sequence shop.q37 owned by shop.t37.a',
    found: { 'sequence shop.q37': 'owned by is nothing on blue and "t37.a" on green' },
  },
  {
    seed: 'create sequence shop.q38',
    change: 'alter sequence shop.q38 owner to app',
    found: { 'sequence shop.q38': 'owner' },
  },
  {
    seed: 'create sequence shop.q39',
    change: 'grant usage on sequence shop.q39 to app',
    found: { 'sequence shop.q39': 'app USAGE' },
  },
  { change: 'create publication p40', found: { 'publication p40': 'only green has it' } },
  {
    seed: `create publication p41; ${T}41 (a int, b int)`,
    change: 'alter publication p41 add table shop.t41 (a) where (a > 0)',
    found: { 'publication shop.t41.p41': 'only green has it (where: (a > 0); columns: a)' },
  },
  {
    seed: `${T}42 (a int); create publication p42 for table shop.t42`,
    change: 'drop table shop.t42',
    found: { 'table shop.t42': 'green lacks it' },
  },
  {
    seed: `create function shop.f43(a int) returns int language sql as 'select a'; create function shop.f43(a text) returns text language sql as 'select a'`,
    change: 'alter function shop.f43(int) owner to app',
    found: { 'routine shop.f43(a integer)': 'owner' },
  },
  {
    seed: `create function shop.f44() returns int language sql as 'select 1'`,
    change: 'revoke execute on function shop.f44() from public',
    found: { 'routine shop.f44()': 'grants: only blue has "public EXECUTE"' },
  },
  {
    seed: `create function shop.f45() returns int language sql as 'select 1'`,
    change: `comment on function shop.f45() is 'c'`,
    found: { 'routine shop.f45()': 'comment' },
  },
  {
    seed: `create aggregate shop.a46 (text) (sfunc = textcat, stype = text)`,
    change: `create or replace aggregate shop.a46 (text) (sfunc = textcat, stype = text, initcond = 'x')`,
    found: { 'routine shop.a46(text)': 'initial x' },
  },
  {
    seed: 'create domain shop.d48 as int',
    change: 'alter domain shop.d48 add constraint c check (value > 0) not valid',
    found: { 'type shop.d48': 'constraints: only green has "c CHECK ((VALUE > 0)) NOT VALID"' },
  },
  {
    seed: `create type shop.e49 as enum ('a')`,
    change: 'alter type shop.e49 owner to app',
    found: { 'type shop.e49': 'owner' },
  },
  {
    seed: `create type shop.e50 as enum ('a')`,
    change: 'grant usage on type shop.e50 to app',
    found: { 'type shop.e50': 'app USAGE' },
  },
  {
    seed: 'create type shop.r51 as range (subtype = int)',
    change: `comment on type shop.r51 is 'c'`,
    found: { 'type shop.r51': 'comment' },
  },
  {
    change: `create collation shop.k52 (provider = icu, locale = 'de-u-co-phonebk')`,
    found: { 'collation shop.k52': 'locale: de-u-co-phonebk' },
  },
  {
    change: 'create operator shop.=== (leftarg = int, rightarg = int, function = int4eq)',
    found: { 'operator shop.===(integer, integer)': 'int4eq returns boolean' },
  },
  {
    seed: 'create operator shop.=# (leftarg = int, rightarg = int, function = int4eq)',
    change:
      'create operator shop.#= (leftarg = int, rightarg = int, function = int4eq, commutator = operator(shop.=#))',
    found: {
      'operator shop.#=(integer, integer)': 'only green has it',
      'operator shop.=#(integer, integer)': 'commutator',
    },
  },
  {
    seed: `${T}61 (a int)`,
    change: 'grant all on shop.t61 to rdsadmin',
    found: {},
  },
  {
    seed: `${T}62 (a int); grant select on shop.t62 to app, public`,
    change: 'revoke select on shop.t62 from app; grant select on shop.t62 to app',
    found: {},
  },
  {
    seed: 'create operator shop.<<>> (leftarg = int, rightarg = int, function = int4ne)',
    change: 'alter operator shop.<<>> (int, int) set (restrict = neqsel)',
    found: { 'operator shop.<<>>(integer, integer)': 'neqsel' },
  },
  {
    seed: `create type shop.e53 as enum ('a'); create function shop.f53(shop.e53) returns int language sql as 'select 1'`,
    change: 'create cast (shop.e53 as int) with function shop.f53(shop.e53)',
    found: { 'cast e53 as int4(shop.e53 as integer)': 'only green has it' },
  },
  {
    seed: 'create text search configuration shop.c54 (copy = simple)',
    change: 'alter text search configuration shop.c54 alter mapping for word with english_stem',
    found: {
      'text search configuration shop.c54':
        'dictionaries: only blue has "word: simple", only green has "word: english_stem"',
    },
  },
  {
    seed: 'create text search dictionary shop.d55 (template = simple)',
    change: 'alter text search dictionary shop.d55 (accept = false)',
    found: { 'text search dictionary shop.d55': 'options' },
  },
  {
    seed: `create function shop.f56() returns event_trigger language plpgsql as 'begin end'; create event trigger v56 on sql_drop execute function shop.f56(); alter event trigger v56 disable`,
    change: 'alter event trigger v56 enable replica',
    found: { 'event trigger v56': 'enabled is "D" on blue and "R" on green' },
  },
  {
    change: 'alter default privileges for role app in schema shop grant select on tables to public',
    found: { 'default privileges shop.tables of app': 'only green has it' },
  },
  {
    seed: 'create server s58 foreign data wrapper w58',
    change: `alter server s58 options (add host 'hidden58')`,
    found: { 'server s58': 'option host differs (its values are not shown)' },
  },
  {
    seed: 'create server s59 foreign data wrapper w58',
    change: 'grant usage on foreign server s59 to app',
    found: { 'server s59': 'app USAGE' },
  },
  {
    seed: `grant usage on foreign data wrapper w58 to bluegreen; create server s60 foreign data wrapper w58; alter server s60 owner to bluegreen; create user mapping for public server s60 options (password 'hidden60')`,
    change: `alter user mapping for public server s60 options (set password 'hidden61')`,
    found: { 'user mapping s60 of public': 'option password differs (its values are not shown)' },
  },
  { change: 'grant create on database this_database to app', found: { 'database itself': 'app CREATE' } },
  {
    change: 'alter database this_database set work_mem = 8192',
    found: { 'setting work_mem of the database': 'only green has it (value: 8192)' },
  },
  {
    change: `alter database this_database set app.token = 'hidden63'`,
    found: { 'setting app.token of the database': 'only green has it, and' },
  },
  {
    change: 'alter role app in database this_database set statement_timeout = 5000',
    found: { 'setting statement_timeout of role app in the database': 'value: 5000' },
  },
];
