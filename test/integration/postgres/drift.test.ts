/** What was changed since the tables were published, looked for again and again: only the first look is at everything. */
import type { PostgresDatabase } from '../../../lib/engines/postgres/postgres-database';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const SEED = `
  create schema app;
  create table app.orders (id int primary key, note text);
  create table app.lines (id int primary key, amount int);`;

let fixture: PostgresFixture;
let database: TestDatabase;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: { wal_level: 'logical' } });
});
beforeEach(async () => {
  database = await fixture.database(SEED);
  const run = database.run();
  await run.takeLock('run-1', 'shop');
  await run.publish('run-1', 'bluegreen_shop');
  await run.arm();
});
afterEach(async () => {
  await database.run().closeChannel('bluegreen_shop');
  await database.close();
});
afterAll(() => fixture.close());

const look = (run: PostgresDatabase) => run.lookAtAll({ standing: [], busy: [] });
const drifted = async (run: PostgresDatabase) => (await look(run)).drifted;

test.each([
  ['a new column', 'alter table app.orders add column more int', 'app.orders was altered'],
  ['a column that is gone', 'alter table app.orders drop column note', 'app.orders was altered'],
  [
    'a column that may not be null any more',
    'alter table app.orders alter note set not null',
    'app.orders was altered',
  ],
  ['another replica identity', 'alter table app.orders replica identity full', 'app.orders was altered'],
  ['a new table', 'create table app.more ()', 'app.more was created'],
  [
    'a new partition',
    'create table app.p (id int) partition by list (id); create table app.p1 partition of app.p for values in (1)',
    'app.p1 was created',
  ],
  ['a table that is gone', 'drop table app.lines', 'app.lines was dropped or renamed'],
  ['another name', 'alter table app.lines rename to rows', 'app.lines was dropped or renamed'],
  ['another schema of that name', 'alter schema app rename to shop', 'app.lines was dropped or renamed'],
  ['large objects', `select lo_from_bytea(0, '\\x01')`, 'large objects were created'],
])('%s is found by the next look, and by every one after it', async (_what, change, found) => {
  const run = database.run();
  expect(await drifted(run)).toEqual([]);
  expect(await drifted(run)).toEqual([]);
  await database.query(change, 'bluegreen');
  expect(await drifted(run)).toContain(found);
  expect(await drifted(run)).toContain(found);
});

test('what is undone is no change', async () => {
  const run = database.run();
  await drifted(run);
  await database.query('alter table app.orders add column more int', 'bluegreen');
  expect(await drifted(run)).toEqual(['app.orders was altered']);
  await database.query(
    'alter table app.orders drop column more; create temp table passing (id int); analyze app.lines',
    'bluegreen',
  );
  expect(await drifted(run)).toEqual([]);
});

test('a change is found that was begun before a look and is committed after it', async () => {
  const run = database.run();
  const other = database.session();
  await other.query('begin');
  await other.query('alter table app.orders add column more int');
  await database.query('create table app.elsewhere ()', 'bluegreen'); // transactions that begin later end sooner
  await database.query('drop table app.elsewhere', 'bluegreen');
  expect(await drifted(run)).toEqual([]);
  await other.query('commit');
  expect(await drifted(run)).toEqual(['app.orders was altered']);
});

test.each([
  ['is disabled', 'alter table app.lines disable trigger bluegreen_fence', 'app.lines'],
  ['is dropped', 'drop trigger bluegreen_fence on app.orders', 'app.orders'],
  [
    'is none on the way that a new parent makes to a table that has one',
    'create table app.parent (id int not null, note text) partition by list (id); alter table app.parent attach partition app.orders for values in (1)',
    'app.parent',
  ],
])('a fence that %s is found by the next look, and by every one after it', async (_what, change, table) => {
  const run = database.run();
  const gaps = async () => (await look(run)).fenceGaps;
  expect(await gaps()).toEqual([]);
  expect(await gaps()).toEqual([]);
  await database.query(change, 'bluegreen');
  const found = [expect.stringContaining(`table ${table} has no fence`)];
  expect(await gaps()).toEqual(found);
  expect(await gaps()).toEqual(found);
});

test.each([
  [
    'at once',
    [
      'begin; alter table app.lines disable trigger all; insert into app.lines values (1); alter table app.lines enable trigger all; commit',
    ],
  ],
  [
    'by and by',
    [
      'alter table app.lines disable trigger all',
      'insert into app.lines values (2)',
      'alter table app.lines enable trigger all',
    ],
  ],
])('a fence that is away for a write, and back %s, is found by every look after it', async (_how, statements) => {
  const run = database.run();
  const gaps = async () => (await look(run)).fenceGaps;
  expect(await gaps()).toEqual([]);
  for (const statement of statements) {
    await database.query(statement, 'bluegreen');
  }
  const found = [expect.stringContaining('was taken away and put back')];
  expect(await gaps()).toEqual(found);
  expect(await gaps()).toEqual(found);
});
