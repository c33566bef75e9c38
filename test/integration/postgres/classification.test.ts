/** Whether the rules are true: what they let pass is applied to green, blue writes every kind of row, and its rows arrive; what they refuse goes wrong. */

import { classify } from '../../../lib/core/classification';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { type FollowingPair, followingPair, LOGICAL, PAIR_RUN } from '../../support/following-pair';
import { changes } from '../../support/following-plan';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture } from '../../support/postgres-fixture';

const SEED = `
  create type status as enum ('new', 'paid');
  create type address as (street text, city text);
  create table customers (id int primary key, name text not null, email text, home address);
  create table orders (id int primary key, customer_id int not null references customers, code text not null, note text,
    total numeric(10,2) not null default 0, state status, doubled numeric generated always as (total * 2) stored);
  create table tags (id int primary key, customer int);
  create table logs (line text); alter table logs replica identity full;
  create table events (day int primary key, kind text) partition by range (day);
  create table events_1 partition of events for values from (0) to (10);
  create table events_rest partition of events default;
  insert into customers values (1, 'Ada', 'Ada@x', ('Elm', 'Bath')), (2, 'Bob', null, null), (3, 'Eve', 'Eve@x', null);
  insert into orders values (1, 1, 'a', null, 1, 'new'), (2, 2, 'b', 'n', 2, null), (3, 1, 'c', null, 3, 'paid');
  insert into logs values ('first'); insert into events values (1, 'begin')`;

const WRITES = `
  insert into customers values (4, 'Kim', 'Kim@x', ('Oak', 'Ely'));
  insert into orders values (4, 4, '4', null, 4.5, 'new'), (5, 1, '5', '5', 0, null);
  update orders set note = 'changed', total = total + 1, state = 'paid' where id in (1, 2);
  update customers set email = upper(email), name = 'Ann' where id = 1;
  delete from orders where id = 3; delete from customers where id = 3;
  update logs set line = 'second'; insert into logs values ('third');
  insert into tags values (1, 1), (2, 99);
  insert into events values (2, 'go'), (25, 'end'); update events set kind = 'began' where day = 1`;

/** What blue has, in words that do not depend on types. */
const CONTENTS = {
  customers: 'id, name, email, home',
  orders: 'id, customer_id, code, note, total, state, doubled',
  tags: 'id, customer',
  logs: 'line',
  events_1: 'day, kind',
  events_rest: 'day, kind',
};

const FILENODES = `select pg_relation_filenode(oid) from pg_class where relnamespace = 'public'::regnamespace and relname in (${Object.keys(
  CONTENTS,
)
  .map((name) => `'${name}'`)
  .join(', ')}) order by relname`;

/** What an expand change is, and a query over green that must return no row once it follows. */
type Case = [change: string, query?: string];

const ALLOWED: Case[] = [
  [`alter table orders add column currency text not null default 'EUR'`, `select from orders where currency <> 'EUR'`],
  ['alter table orders add column seen timestamptz not null default now()', 'select from orders where seen is null'],
  ['alter table orders add column key uuid default gen_random_uuid()', 'select from orders where key is null'],
  ['alter table orders add column number bigserial', 'select from orders where number is null'],
  ['alter table orders add column number int generated always as identity', 'select from orders where number is null'],
  [
    'alter table orders add column half numeric not null generated always as (total / 2) stored',
    'select from orders where half <> total / 2',
  ],
  ['alter table orders add column remark text; update orders set remark = note'],
  [
    `alter table orders add column c int; alter table orders alter column c set default 7; update orders set c = 1; alter table orders alter column c set not null`,
    'select from orders where id > 3 and c <> 7',
  ],
  [
    'alter table orders add column a int; alter table orders drop column a; alter table orders add column b int; alter table orders rename b to c',
  ],
  [
    `alter table orders add column upper_code text;
     create function fill() returns trigger language plpgsql as $$ begin new.upper_code := upper(new.code); return new; end $$;
     create trigger fill before insert or update on orders for each row execute function fill();
     alter table orders enable always trigger fill;
     update orders set upper_code = upper(code); alter table orders alter column upper_code set not null`,
    'select from orders where upper_code <> upper(code)',
  ],
  ['alter table orders alter column id type bigint, alter column customer_id type bigint using customer_id::bigint'],
  ['alter table orders alter column note type varchar(100) using note::text::varchar(100)'],
  [
    'alter table orders alter column note set default 1, alter column note set statistics 10, alter column total drop default',
  ],
  ['alter table orders add constraint positive check (total >= 0), add constraint codes unique (code)'],
  ['alter table orders alter column state drop not null, drop constraint orders_customer_id_fkey'],
  [
    'alter table customers alter column name set not null; create index on customers (name); create unique index on orders (code)',
  ],
  ['alter table tags add foreign key (customer) references customers not valid'],
  ['create table places (id int primary key); alter table orders add column place int references places'],
  ['alter table orders add column parent int references orders', 'select from orders where parent is not null'],
  [
    'create table notes (id int primary key, customer_id int references customers); insert into notes select id from customers',
  ],
  ['create table copies as select * from orders; delete from copies; truncate copies; drop table copies'],
  ['create view names as select name from customers; create materialized view codes as select code from orders'],
  [
    `create type mood as enum ('good'); alter table orders add column mood mood; alter type mood rename value 'good' to 'fine'`,
  ],
  [`alter type status add value 'sent'`],
  ['alter table orders enable row level security; create policy all_rows on orders using (true)'],
  ['alter table orders replica identity full; alter table customers replica identity default'],
  ['alter table orders set (fillfactor = 70); comment on table orders is $$x$$; grant select on orders to app'],
  ['cluster orders using orders_pkey; reindex table customers; analyze orders'],
  ['alter table events detach partition events_rest'],
  ['create table events_2 partition of events for values from (30) to (40)'],
];

/** What is refused as an expand change; following breaks, rows differ, or the query over green returns one that should not be. */
const REFUSED: Case[] = [
  [
    'alter table tags add foreign key (customer) references customers',
    'select from tags where customer not in (select id from customers)',
  ],
  [
    'alter table tags add foreign key (customer) references customers not valid; alter table tags validate constraint tags_customer_fkey',
    'select from tags where customer not in (select id from customers)',
  ],
  ['alter table tags add column name text not null'],
  ['alter table orders add column a int; update orders set a = 1; alter table orders alter column a set not null'],
  [`alter table orders add column a text not null default 'x'; alter table orders alter column a drop default`],
  ['alter table orders drop column note'],
  ['alter table orders rename column note to remark'],
  ['alter table orders rename to purchases'],
  ['create schema app; alter table logs set schema app'],
  ['alter schema public rename to app; create schema public'],
  ['drop table logs'],
  ['drop type status cascade'],
  [`update customers set email = lower(email)`, 'select from customers where email <> lower(email)'],
  ['delete from orders where id = 2'],
  ['with gone as (delete from orders where id = 2 returning *) select count(*) from gone'],
  [`insert into customers values (4, 'Zoe')`],
  [
    `insert into customers values (1, 'Zoe') on conflict (id) do update set name = 'Zoe'; insert into customers values (4)`.replace(
      '(4)',
      `(4, 'Zoe')`,
    ),
  ],
  ['merge into orders using customers on orders.id = customers.id when matched then delete'],
  ['truncate logs'],
  ['alter table orders alter column code type int using length(code)', 'select from orders where id = 4 and code = 4'],
  ['alter table orders alter column doubled drop expression'],
  [`alter type address add attribute zip text`],
  [`alter type status rename value 'paid' to 'settled'`],
];

describe.each(OLDEST_AND_NEWEST)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let pair: FollowingPair;
  beforeAll(async () => {
    await loadStatementParser();
    fixture = await PostgresFixture.start({ major, settings: { ...LOGICAL, wal_retrieve_retry_interval: '50ms' } });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    pair = await followingPair(fixture, SEED);
  });
  afterEach(() => pair.close());

  /** Applies the change on green, lets blue write, and says whether everything arrived. */
  async function follow(change: string): Promise<boolean> {
    for (const one of changesOf(change)) {
      await pair.onGreen.applyChange(PAIR_RUN, one, 'chain', 60_000);
    }
    await pair.blue.query(WRITES, 'bluegreen');
    const { token } = await pair.onBlue.writeMarker();
    while (!(await pair.onGreen.markerArrives(token, 100))) {
      if ((await pair.green.ask(ERRORS)) !== '0') {
        return false;
      }
    }
    return true;
  }

  async function contents(side: 'blue' | 'green'): Promise<unknown[]> {
    const read = Object.entries(CONTENTS).map(([table, columns]) =>
      pair[side].query(`select row(${columns})::text as row from ${table} order by 1`).catch(({ message }) => message),
    );
    return Promise.all(read);
  }

  const judged = (change: string) => classify(changesOf(change), 'replication');

  // on 15 rows are applied as the subscription's owner, who is a superuser here
  (major < 16 ? test.skip : test)(
    'refused, and following breaks: row security that is forced on the owner',
    async () => {
      const change = 'alter table orders enable row level security, force row level security';
      expect(judged(change).flatMap(({ refused }) => refused)).toHaveLength(1);
      expect(await follow(change)).toBe(false);
    },
  );

  test.each(ALLOWED)("allowed, and blue's rows arrive: %s", async (...[change, never]) => {
    const statements = judged(change);
    expect(statements.flatMap(({ refused }) => refused)).toEqual([]);
    const before = await pair.green.query(FILENODES);
    expect(await follow(change)).toBe(true);
    expect(await contents('green')).toEqual(await contents('blue'));
    expect(never === undefined ? [] : await pair.green.query(never)).toEqual([]);
    const rewritten = JSON.stringify(before) !== JSON.stringify(await pair.green.query(FILENODES));
    const said =
      (['yes', 'perhaps'] as const).find((word) => statements.some(({ rewrites }) => rewrites === word)) ?? 'no';
    expect(rewritten ? ['yes', 'perhaps'] : ['no', 'perhaps']).toContain(said);
  });

  test.each(REFUSED)('refused, and it goes wrong: %s', async (...[change, wrong]) => {
    expect(judged(change).flatMap(({ refused }) => refused)).not.toEqual([]);
    const arrived = await follow(change);
    const equal = JSON.stringify(await contents('green')) === JSON.stringify(await contents('blue'));
    const asMeant = wrong === undefined || !arrived || (await pair.green.query(wrong)).length === 0;
    expect({ arrived, equal, asMeant }).not.toEqual({ arrived: true, equal: true, asMeant: true });
  });
});

function changesOf(sql: string) {
  return changes({ '0001_change.sql': sql });
}

const ERRORS =
  'select coalesce(sum(apply_error_count), 0)::text from pg_stat_subscription_stats where subname = (select subname from pg_subscription where subdbid = (select oid from pg_database where datname = current_database()))';
