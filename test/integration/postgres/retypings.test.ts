/** Which changes of a column's type prepare lets pass, by the type the column has on blue. */

import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { withTypesResolved } from '../../../lib/engines/postgres/way-back/resolved-types';
import { whyNotFollowed } from '../../../lib/engines/postgres/way-back/retypings';
import { obstacleInWords, wayBackOf } from '../../../lib/engines/postgres/way-back/way-back';
import { changes } from '../../support/following-plan';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const SEED = `
  create schema app;
  create type app.mood as enum ('sad', 'ok'); create type app.pair as (a int, b int);
  create domain code as varchar(10); create domain codes as code[];
  create collation nowhere (provider = icu, locale = 'und', deterministic = false);
  create function truth(smallint) returns boolean language sql as 'select $1 > 0'; create cast (smallint as boolean) with function truth(smallint);
  create table t (id int primary key, flag boolean, small smallint, name char(40), label varchar(50), note text, price money, total numeric(10,2), whole numeric(8,0),
    reading real, at timestamp, at_zone timestamptz, ip inet, mood app.mood, code code, codes codes, flags boolean[], ids int[], pair app.pair, doc json, hours interval, bits bit(4),
    amount numeric);
  create table keyed (code char(40) primary key, n int);
  create table named (code varchar(40) not null, n int); create unique index named_code on named (code); alter table named replica identity using index named_code;
  create table counted (n numeric primary key);
  create table amounts (n numeric(10,2) primary key);
  create table complete (code text not null, label char(10) not null, n int); alter table complete replica identity full;
  create table compared (n real, m int); alter table compared replica identity full;
  create table folded (code text collate nowhere primary key, n int);
  create table parts (id int, v boolean, primary key (id)) partition by range (id);
  create table parts_1 partition of parts for values from (0) to (10);
  create table parent (id int, v boolean); create table child (primary key (id)) inherits (parent); alter table parent replica identity full`;

let fixture: PostgresFixture;
let blue: TestDatabase;
beforeAll(async () => {
  await loadStatementParser();
  fixture = await PostgresFixture.start();
  blue = await fixture.database();
  await blue.query(SEED, 'rdsadmin');
});
afterAll(async () => {
  await blue.close();
  await fixture.close();
});

async function judged(sql: string, file = '0001_change.sql'): Promise<{ reasons: string[]; obstacles: string[] }> {
  const run = blue.run();
  const [tables, own] = [await run.replicatedTables(), await run.ownTypes()];
  const pending = withTypesResolved(changes({ [file]: sql }), own);
  return {
    reasons: whyNotFollowed(tables, pending, own),
    obstacles: wayBackOf(tables, tables, pending).obstacles.map(obstacleInWords),
  };
}

test.each([
  ['alter table t alter label type varchar(100)'],
  ['alter table t alter label type text'],
  ['alter table t alter id type bigint'],
  ['alter table t alter id type bigint using id::bigint; alter table keyed alter n type bigint'],
  ['alter table t alter id type bigint; alter table t alter id type numeric'],
  ['alter table t alter total type numeric(12,2)'],
  ['alter table t alter ids type bigint[]'],
  ['alter table t alter code type varchar(20)'],
  ['alter table named alter code type text'],
  ['alter table amounts alter n type numeric(12,2)'],
  ['create table new (flag boolean); alter table new alter flag type text'],
  ['alter table t add column b boolean; alter table t alter b type text'],
])('can be followed, and flows back: %s', async (sql) => {
  expect(await judged(sql)).toEqual({ reasons: [], obstacles: [] });
});

test.each([
  ['alter table t alter total type numeric(12,4)', 't.total is numeric(12,4) on green'],
  ['alter table t alter id type numeric(12,2)', 't.id is numeric(12,2) on green'],
  ['alter table t alter at type timestamp(3)', 't.at is timestamp(3) without time zone on green'],
  [
    `create type feeling as enum ('sad', 'ok', 'great'); alter table t alter mood type feeling using mood::text::feeling`,
    undefined,
  ],
  [`create domain longer as varchar(20); alter table t alter code type longer`, undefined],
  ['alter table t alter doc type jsonb', undefined],
])('can be followed, and prepare says whether it flows back: %s', async (sql, obstacle) => {
  const { reasons, obstacles } = await judged(sql);
  expect(reasons).toEqual([]);
  expect(obstacles).toEqual(obstacle === undefined ? [] : [expect.stringContaining(obstacle)]);
});

test.each([
  [
    'alter table t alter flag type text',
    `changes t.flag from boolean to text, and of later values green would make something else than of those it has: for "t", ALTER makes "true" of it, replication makes "t" of it; add a column of the new type`,
  ],
  ['alter table t alter flag type int using flag::int', 'from boolean to integer'],
  ['alter table t alter name type varchar(40)', 'from character(40) to character varying(40)'],
  ['alter table t alter name type text', 'from character(40) to text'],
  ['alter table t alter note type varchar(60) using note::varchar(60)', 'leave out USING'],
  ['alter table t alter note type int', 'write USING …::integer'],
  ['alter table t alter price type numeric(12,2)', 'from money to numeric(12,2)'],
  ['alter table t alter total type int', 'ALTER makes'],
  ['alter table t alter reading type double precision', 'from real to double precision'],
  ['alter table t alter at type timestamptz', 'depends on settings'],
  ['alter table t alter at_zone type timestamp', 'depends on settings'],
  ['alter table t alter at_zone type timestamp using at_zone::timestamp', 'depends on settings'],
  ['alter table t alter ip type text', 'from inet to text'],
  ['alter table t alter ip type cidr', 'from inet to cidr'],
  ['alter table t alter flags type text[]', 'from boolean[] to text[]'],
  ['alter table t alter hours type text', 'from interval to text'],
  ['alter table t alter bits type bit(8) using bits::bit(8)', 'from bit(4) to bit(8)'],
  ['alter table t alter pair type text', 'from app.pair to text'],
  ['alter table t alter small type boolean using small::boolean', 'a cast of your own'],
  ['alter table t alter label type elsewhere', 'neither built in nor an enum or domain that is known'],
  [
    'alter table t alter total type numeric(12,4); alter table t alter total type text',
    'copied values are converted twice, later ones once',
  ],
  ['alter table keyed alter code type varchar(40)', 'from character(40)'],
  ['alter table complete alter label type text', 'from character(10) to text'],
  ['alter table counted alter n type text', 'counted.n names rows'],
  ['alter table amounts alter n type numeric(10,1)', 'amounts.n names rows'],
  ['alter table named alter code type char(40)', 'named.code names rows'],
  ['alter table named alter code type text collate nowhere', 'another collation'],
  ['alter table folded alter code type varchar', 'another collation'],
  [
    'alter table complete alter n type double precision; alter table complete alter code type jsonb using code::jsonb',
    'complete.code names rows',
  ],
  ['alter table parts alter v type text', 'changes parts.v from boolean to text'],
  ['alter table parent alter v type text', 'changes parent.v from boolean to text'],
])('cannot be followed: %s', async (sql, why) => {
  const { reasons } = await judged(sql);
  expect(reasons).toEqual([expect.stringContaining(why)]);
  expect(reasons[0]).toMatch(/^changes\/0001_change\.sql: .+; .+$/);
});

test('when a contract change is applied, nothing follows any more', async () => {
  expect((await judged('alter table t alter flag type text', '0001_change.contract.sql')).reasons).toEqual([]);
});
