import type { Change } from '../../../lib/core/changes';
import { classify } from '../../../lib/core/classification';
import { loadStatementParser, parseChange } from '../../../lib/engines/postgres/changes/statement-parser';
import { readReplicatedTables } from '../../../lib/engines/postgres/replication/replicated-tables';
import type { Obstacle } from '../../../lib/engines/postgres/way-back/obstacles';
import { withTypesResolved } from '../../../lib/engines/postgres/way-back/resolved-types';
import { type WayBack, wayBackOf } from '../../../lib/engines/postgres/way-back/way-back';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const SEED = `
  create schema app;
  create type app.status as enum ('new', 'paid');
  create domain app.email as text check (value like '%@%');
  create table app.orders (id int primary key, code text not null, note text, total numeric(10,2) not null default 0,
    status app.status, email app.email, doubled numeric generated always as (total * 2) stored, constraint positive check (total >= 0));
  create table app.logs (line text, at int); alter table app.logs replica identity full;
  create table app.places (a int not null, b int not null, name text, unique (a, b));
  alter table app.places replica identity using index places_a_b_key;
  create table app.events (day int primary key, kind text not null) partition by range (day);
  create table app.events_1 partition of app.events for values from (0) to (10);
  create table app.events_2 partition of app.events for values from (10) to (20);
  insert into app.orders (id, code) values (1, 'one'), (2, 'two');
  insert into app.logs values ('first', 1);
  insert into app.places values (1, 1, 'here');
  insert into app.events values (1, 'begin'), (11, 'end')`;

const ORDERS = `insert into app.orders (id, code) values (3, 'three'); update app.orders set code = 'ONE' where id = 1; delete from app.orders where id = 2`;
const ORDERS_BACK = { 'select id, code from app.orders order by id': '1,ONE 3,three' };
const LOGS = `update app.logs set line = 'changed'`;
const LOGS_BACK = { 'select line from app.logs': 'changed' };
const PLACES = `update app.places set name = 'there'`;
const PLACES_BACK = { 'select name from app.places': 'there' };
const EVENTS = `update app.events set day = 2 where day = 1; delete from app.events where day = 11`;
const EVENTS_BACK = { 'select day, kind from app.events': '2,begin' };

interface Case {
  readonly change: string;
  /** What is written on green, and what blue must hold then, if it can flow back. */
  readonly writes: string;
  readonly back: Readonly<Record<string, string>>;
  readonly obstacles?: readonly string[];
  readonly conditions?: readonly string[];
  /** The parser does not see it; only green's catalog tells. */
  readonly hidden?: true;
  /** Only with blue at hand: its text is that of a change that leaves a way back. */
  readonly untold?: true;
}

const CASES: readonly Case[] = [
  {
    change: 'select 1',
    writes: `${ORDERS}; ${LOGS}; ${PLACES}; ${EVENTS}`,
    back: { ...ORDERS_BACK, ...LOGS_BACK, ...PLACES_BACK, ...EVENTS_BACK },
  },
  {
    change: `alter table app.orders add column currency text not null default 'EUR'`,
    writes: ORDERS,
    back: ORDERS_BACK,
  },
  { change: 'alter table app.orders drop column note', writes: ORDERS, back: ORDERS_BACK },
  {
    change: 'alter table app.orders drop column total cascade',
    writes: ORDERS,
    back: { 'select id, total from app.orders order by id': '1,0.00 3,0.00' },
    conditions: [`app.orders flows back as long as no row breaks blue's "positive": CHECK ((total >= (0)::numeric))`],
  },
  {
    change: 'alter table app.orders drop column code',
    writes: `insert into app.orders (id) values (3)`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: [
      'app.orders.code is NOT NULL without default on blue, which refuses rows of green that lack it; SET DEFAULT or DROP NOT NULL on blue before the run',
    ],
  },
  {
    change: 'alter table app.orders rename column note to remark',
    writes: `update app.orders set remark = 'new'`,
    back: { 'select distinct note from app.orders': 'new' },
    obstacles: [
      'app.orders.note is called "remark" on green, and replication finds columns by name: what is written there does not reach blue; add "remark" beside it, and drop the old column in a later plan',
    ],
  },
  {
    change: `do $$ begin execute 'alter table app.orders rename column note to remark'; end $$`,
    writes: `update app.orders set remark = 'new'`,
    back: { 'select distinct note from app.orders': 'new' },
    obstacles: ['app.orders.note is called "remark" on green'],
    hidden: true,
  },
  {
    change: 'alter table app.orders rename column note to old_note; alter table app.orders add column note text',
    writes: `update app.orders set note = 'new'`,
    back: { 'select distinct note from app.orders': 'new' },
    conditions: ['app.orders.note was made anew on green, and flows back as long as it means the same'],
  },
  {
    change: 'alter table app.orders drop column note, add column note text generated always as (code) stored',
    writes: `update app.orders set code = 'new'`,
    back: { 'select distinct note from app.orders': 'new' },
    obstacles: [
      'app.orders.note is generated on green, and generated columns are not sent; fill it by a trigger instead',
    ],
  },
  {
    change: 'alter table app.orders alter column doubled drop expression',
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: ['app.orders.doubled flows back as long as it holds what blue computes for it'],
    hidden: true,
  },
  {
    change: 'alter table app.orders alter column code drop not null, alter column code type varchar(9)',
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: [
      'app.orders.code flows back as long as no row has null in it',
      'app.orders.code flows back as long as every value fits text',
    ],
  },
  {
    change: 'alter table app.orders alter column id type bigint',
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: ['app.orders.id flows back as long as every value fits integer'],
  },
  {
    change: `alter type app.status add value 'sent'`,
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: ['app.orders.status flows back as long as no row has "sent" in it'],
  },
  {
    change: 'alter domain app.email drop constraint email_check; alter table app.orders drop constraint positive',
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: [
      `app.orders flows back as long as no row breaks blue's "positive": CHECK ((total >= (0)::numeric))`,
      `app.orders flows back as long as no row breaks blue's "email_check": CHECK ((VALUE ~~ '%@%'::text))`,
    ],
    hidden: true,
  },
  {
    change: 'alter table app.orders rename to purchases',
    writes: `insert into app.purchases (id, code) values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: [
      'app.orders is called app.purchases on green, and replication finds tables by name; keep the name, and give the new one to a view',
    ],
  },
  {
    change: 'create schema shop; alter table app.orders set schema shop',
    writes: `insert into shop.orders (id, code) values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: ['app.orders is called shop.orders on green'],
  },
  {
    change: 'alter table app.orders rename to orders_v2; create view app.orders as select * from app.orders_v2',
    writes: `insert into app.orders (id, code) values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: ['app.orders is a view on green, whose rows are not sent under its name; keep it a table'],
  },
  {
    change: `alter table app.orders rename to orders_v2; create table app.orders (id int, code text) partition by range (id);
             create table app.orders_low partition of app.orders default`,
    writes: `insert into app.orders values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: ['app.orders is a partitioned table on green'],
  },
  { change: 'drop table app.logs', writes: ORDERS, back: ORDERS_BACK },
  {
    change: 'alter table app.logs add column id int',
    untold: true,
    writes: LOGS,
    back: LOGS_BACK,
    obstacles: [
      'app.logs has REPLICA IDENTITY FULL, which green cannot publish without "id", which blue lacks; give it a primary key and REPLICA IDENTITY DEFAULT before the run',
    ],
  },
  {
    change: 'alter table app.logs add primary key (at), replica identity default',
    writes: LOGS,
    back: LOGS_BACK,
    obstacles: [
      'app.logs has no key on blue, which finds rows by all their columns, and green sends a key only; add the primary key on blue before the run',
    ],
  },
  {
    change: 'alter table app.orders drop constraint orders_pkey',
    writes: `update app.orders set code = 'ONE'`,
    back: { 'select distinct code from app.orders': 'ONE' },
    obstacles: [
      'app.orders has no replica identity on green, so that UPDATE and DELETE would fail there once it is published; in the plan, set a REPLICA IDENTITY USING INDEX over the columns blue finds rows by',
    ],
  },
  {
    change: 'alter table app.orders drop constraint orders_pkey, add primary key (code)',
    writes: ORDERS,
    back: ORDERS_BACK,
    obstacles: ['app.orders is identified by "code" on green, and by "id" on blue; in the plan, set'],
  },
  {
    change: 'alter table app.orders drop constraint orders_pkey, add primary key (id, code)',
    writes: ORDERS,
    back: ORDERS_BACK,
    conditions: [`app.orders flows back as long as no row breaks blue's "orders_pkey": unique btree (id)`],
  },
  {
    change:
      'alter table app.orders add column region int not null default 1, drop constraint orders_pkey, add primary key (id, region)',
    writes: ORDERS,
    back: ORDERS_BACK,
    obstacles: ['app.orders has "region" in its replica identity on green, which blue lacks; in the plan, set'],
  },
  {
    change: `alter table app.orders add column region int not null default 1, drop constraint orders_pkey, add primary key (id, region);
             create unique index orders_id on app.orders (id); alter table app.orders replica identity using index orders_id`,
    writes: ORDERS,
    back: ORDERS_BACK,
  },
  {
    change: `alter table app.orders add column key int; update app.orders set key = id; alter table app.orders alter column key set not null;
             create unique index orders_key on app.orders (key); alter table app.orders drop constraint orders_pkey, add primary key using index orders_key; alter table app.orders drop column id`,
    writes: `insert into app.orders (key, code) values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: ['app.orders.id is NOT NULL without default on blue'],
  },
  {
    change: 'alter table app.places drop column b, add primary key (a)',
    writes: PLACES,
    back: PLACES_BACK,
    obstacles: ['app.places.b is NOT NULL without default on blue'],
  },
  {
    change: 'alter table app.places drop constraint places_a_b_key',
    writes: PLACES,
    back: PLACES_BACK,
    obstacles: ['app.places has no replica identity on green'],
  },
  { change: 'alter table app.places replica identity full', writes: PLACES, back: PLACES_BACK },
  {
    change: 'create table app.events_3 partition of app.events for values from (20) to (30)',
    writes: `insert into app.events values (25, 'late')`,
    back: { 'select count(*) from app.events': '3' },
    obstacles: ['app.events_3 is a partition of app.events that blue does not have; make it on blue before the run'],
  },
  {
    change:
      'create table app.events_3 (day int primary key, kind text not null); alter table app.events attach partition app.events_3 for values from (20) to (30)',
    writes: `insert into app.events values (25, 'late')`,
    back: { 'select count(*) from app.events': '3' },
    obstacles: ['app.events_3 is a partition of app.events that blue does not have'],
  },
  {
    change: 'drop table app.events_2',
    writes: 'delete from app.events',
    back: { 'select * from app.events_1': '' },
    conditions: [
      'app.events_2 is gone on green: the rest flows back as long as no row comes in that blue keeps in this partition',
    ],
  },
  {
    change: 'alter table app.events drop column kind',
    writes: 'insert into app.events values (5)',
    back: { 'select count(*) from app.events_1': '2' },
    obstacles: [
      'app.events_1.kind is NOT NULL without default on blue',
      'app.events_2.kind is NOT NULL without default on blue',
    ],
  },
  {
    change: 'alter table app.events rename to happenings; alter table app.happenings add column more int',
    writes: EVENTS.replaceAll('app.events', 'app.happenings'),
    back: EVENTS_BACK,
  },
  {
    change: 'alter schema app rename to shop',
    writes: `insert into shop.orders (id, code) values (3, 'three')`,
    back: { 'select count(*) from app.orders': '3' },
    obstacles: ['events_1', 'events_2', 'logs', 'orders', 'places'].map(
      (table) => `app.${table} is called shop.${table} on green`,
    ),
  },
];

let fixture: PostgresFixture;
beforeAll(async () => {
  await loadStatementParser();
  fixture = await PostgresFixture.start({ settings: { wal_level: 'logical', wal_retrieve_retry_interval: '50ms' } });
});
afterAll(() => fixture.close());

let blue: TestDatabase;
let green: TestDatabase;
beforeEach(async () => {
  blue = await fixture.database(SEED);
  green = await fixture.copyOf(blue);
});
afterEach(async () => {
  for (const side of [blue, green]) {
    await side.close();
    await fixture.server.asAdmin((admin) => admin.query(`drop database ${side.name} with (force)`));
  }
});

it.each(CASES)('after $change', async ({ change, writes, back, obstacles = [], conditions = [], hidden, untold }) => {
  await green.query(change, 'bluegreen');
  const onBlue = await readReplicatedTables(blue.session());
  const found = wayBackOf(onBlue, await readReplicatedTables(green.session()));
  expect(words(found.obstacles)).toEqual(obstacles.map((text) => expect.stringContaining(text)));
  expect(words(found.conditions)).toEqual(conditions);
  if (!hidden) {
    const foreseen = wayBackOf(onBlue, onBlue, withTypesResolved([changeOf(change)], { types: [], casts: [] }));
    expect(words(foreseen.obstacles)).toEqual(words(found.obstacles));
    expect(foreseen.obstacles.map(({ file }) => file)).toEqual(foreseen.obstacles.map(() => '0001_change.sql'));
    expect(words(foreseen.conditions)).toEqual(conditions);
    expect(foreseen.tables).toEqual(found.tables);
    const ways = classify([changeOf(change)], 'replication').map(({ wayBack }) => wayBack);
    expect(untold || [...obstacles, ...conditions].length === 0 || ways.some((way) => way !== 'reversible')).toBe(true);
  }
  expect(await flowsBack(found, writes, back)).toBe(obstacles.length === 0);
});

function words(found: readonly Obstacle[]): string[] {
  return found.map(({ table, column, why }) => `${table}${column ? `.${column}` : ''} ${why}`);
}

function changeOf(sql: string): Change {
  const parsed = parseChange(sql);
  if ('problem' in parsed) {
    throw new Error(parsed.problem);
  }
  return { number: 1, file: '0001_change.sql', kind: 'expand', sql, sha256: '', ...parsed };
}

/** Lets it flow for real. False when green refuses to write, blue refuses to apply, or something else arrives. */
async function flowsBack({ tables }: WayBack, writes: string, back: Case['back']): Promise<boolean> {
  const list = tables.map(({ schema, name, columns }) => `${schema}.${name} ${columns ? `(${columns})` : ''}`);
  await green.query(`create publication back ${list.length > 0 ? `for table ${list}` : ''}`);
  await green.query(`select pg_create_logical_replication_slot('back', 'pgoutput')`);
  const subscriber = await blue.client('rdsadmin');
  await subscriber.query(
    `create subscription back connection 'host=127.0.0.1 port=${green.port} dbname=${green.name} user=rdsadmin password=not-a-secret' publication back
       with (slot_name = back, create_slot = false, copy_data = false)`,
  );
  const written = await green.query(writes).then(
    () => true,
    () => false,
  );
  const end = await green.ask('select pg_current_wal_lsn()');
  let state = { arrived: false, failed: !written };
  while (!state.arrived && !state.failed) {
    const { rows } = await subscriber.query(
      `select confirmed_flush_lsn >= '${end}' as arrived, (select sum(apply_error_count) > 0 from pg_stat_subscription_stats) as failed, pg_sleep(0.01)
         from pg_replication_slots where slot_name = 'back'`,
    );
    state = rows[0];
  }
  let same = true;
  for (const [query, rows] of Object.entries(back)) {
    const there = await subscriber.query({ text: query, rowMode: 'array' });
    same &&= there.rows.join(' ') === rows;
  }
  await subscriber.query('alter subscription back disable');
  await subscriber.query('alter subscription back set (slot_name = none)');
  await subscriber.query('drop subscription back');
  await green.query(
    `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = 'back' and active_pid is not null`,
  );
  await green.query(`select pg_drop_replication_slot('back')`);
  return !state.failed && same;
}
