/** What tells that nothing was written in between, by the server's own transactions: whatever clients do, it must not be told wrongly. */
import type { Client } from 'pg';
import type { PostgresDatabase } from '../../../lib/engines/postgres/postgres-database';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

let fixture: PostgresFixture;
let database: TestDatabase;
let elsewhere: TestDatabase;
let run: PostgresDatabase;
let client: Client;

beforeAll(async () => {
  fixture = await PostgresFixture.start({
    settings: { wal_level: 'logical', autovacuum: 'off', checkpoint_timeout: '1h' },
  });
  elsewhere = await fixture.database('create table other (id int)');
});
beforeEach(async () => {
  database = await fixture.database(`
    create table orders (id int primary key, note text); create sequence numbers; create sequence unused;
    select nextval('numbers')`);
  run = database.run();
  await run.takeLock('run-1', 'shop');
  await run.publish('run-1', 'bluegreen_shop');
  await run.arm();
  client = await database.client('bluegreen');
  await client.query('select'); // from before the freeze: it may go on
  await run.freeze('run-1', new Date('2030-01-01'));
});
afterEach(async () => {
  await run.closeChannel('bluegreen_shop');
  await database.close();
});
afterAll(async () => {
  await elsewhere.close();
  await fixture.close();
});

const look = async () => (await run.lookAtAll({ standing: [], busy: [] })).standstill;

test.each([
  ['who reads', 'select * from orders', 'done'],
  ['who is refused', 'insert into orders values (1)', '25006'],
  ['who takes few values of a sequence', `select nextval('numbers') from generate_series(1, 32)`, 'done'],
])('%s has written nothing', async (_what, sql, outcome) => {
  const standstill = await look();
  const said = await client.query(sql).then(
    () => 'done',
    ({ code }: { code: string }) => code,
  );
  expect(said).toBe(outcome);
  expect(standstill).toBeDefined();
  expect(await run.isUnwrittenSince(standstill ?? '')).toBe(true);
});

test.each([
  ['makes a table', 'create table late (id int)'],
  ['alters one', 'alter table orders add column more int'],
  ['takes away a fence', 'drop trigger bluegreen_fence on orders'],
  ['gives up what was made', 'begin; create table late (id int); rollback'],
  ['takes more values than the server had given', `select nextval('numbers') from generate_series(1, 33)`],
  ['uses a sequence for the first time', `select nextval('unused')`],
  ['sets a sequence', `select setval('numbers', 100)`],
  ['lets a sequence begin anew', 'alter sequence numbers restart'],
  ['writes to a large object', `select lo_from_bytea(0, '\\x01')`],
])('who %s has', async (_what, sql) => {
  const standstill = await look();
  await client.query(sql);
  expect(await run.isUnwrittenSince(standstill ?? '')).toBe(false);
});

test('whoever has written in another database has', async () => {
  const standstill = await look();
  await elsewhere.query('insert into other values (1)');
  expect(await run.isUnwrittenSince(standstill ?? '')).toBe(false);
});

test('while somebody is in the middle of it, nothing is told, before and after', async () => {
  const before = await look();
  await client.query('begin; create table late (id int)');
  expect(await run.isUnwrittenSince(before ?? '')).toBe(false);
  expect(await look()).toBeUndefined();
  await client.query('rollback');
  expect(await look()).toBeDefined();
});

test('nothing is told where values of a sequence are taken without a trace', async () => {
  await client.query('alter sequence unused set unlogged');
  expect(await look()).toBeUndefined();
});
