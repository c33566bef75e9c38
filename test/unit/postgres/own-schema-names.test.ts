/** A change leaves the schema of the product alone: whatever names it is refused, whatever is only called alike is not. */
import { loadStatementParser, parseChange } from '../../../lib/engines/postgres/changes/statement-parser';

beforeAll(loadStatementParser);

const problemOf = (sql: string) => (parseChange(sql) as { problem?: string }).problem;

it.each([
  'create schema bluegreen',
  'create schema if not exists bluegreen authorization app',
  'create table bluegreen.x (id int primary key)',
  'create table x (id int references bluegreen.change)',
  'alter table x set schema bluegreen',
  'alter schema s rename to bluegreen',
  'alter schema bluegreen rename to s',
  'alter schema bluegreen owner to app',
  'drop schema s, bluegreen cascade',
  'drop table bluegreen.change',
  'grant usage on schema bluegreen to app',
  'grant select on all tables in schema bluegreen to app',
  "comment on schema bluegreen is 'mine'",
  'create function bluegreen.f() returns int language sql return 1',
  'create type bluegreen.t as enum ()',
  'create table x (a bluegreen.t)',
  'drop function bluegreen.f(int)',
  'set search_path to bluegreen, public; create table x (id int)',
  'update bluegreen.change set number = 2',
  'create view v as select * from bluegreen.change',
])('refuses what names it: %s', (sql) => {
  expect(problemOf(`select 1;\n${sql}`)).toBe(
    'line 2: names schema bluegreen, in which this product keeps its own tables: what lies there neither follows nor is compared; use another schema',
  );
});

it.each([
  'create table bluegreen (bluegreen int, id int, primary key (bluegreen, id))',
  'select bluegreen.id from orders bluegreen',
  "insert into notes (text) values ('bluegreen')",
  'create role bluegreen',
  'create function public.bluegreen() returns int language sql return 1',
  'alter table x rename to bluegreen',
])('leaves alone what is only called alike: %s', (sql) => {
  expect(problemOf(sql)).toBeUndefined();
});
