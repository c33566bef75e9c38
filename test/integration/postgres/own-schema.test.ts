/** The product's own schema: what others have there, or call like the product's own, is neither passed over nor touched. */
import { GuardrailViolated } from '../../../lib/core/errors';
import { catalogSnapshot } from '../../support/catalog-snapshot';
import { followingPair, LOGICAL, PAIR_RUN } from '../../support/following-pair';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const UNTIL = new Date('2030-01-01T00:00:00Z');

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: LOGICAL });
});
afterAll(() => fixture.close());

/** Those of other tests' databases, which are on the same server, aside. */
const guardrails = async (database: TestDatabase) =>
  (await database.run().guardrails({ followed: [], abandoned: [] })).filter(
    (reason) => !reason.startsWith('database '),
  );

/** A change was applied in an earlier run, which is over. */
async function afterARun(seed = ''): Promise<TestDatabase> {
  const blue = await fixture.database(`create table orders (id int primary key); grant all on orders to app; ${seed}`);
  const run = blue.run();
  await run.takeLock('run-0', 'orders');
  const change = { number: 1, file: '1_a.sql', kind: 'expand', sql: 'select 1', sha256: 's' } as const;
  const parts = {
    statements: [{ line: 1, column: 1, begin: 0, end: 8 }],
    declarations: [],
    departures: [],
    effects: [],
  };
  await run.applyChange('run-0', { ...change, ...parts }, 'c', 60_000);
  await run.release('run-0');
  return blue;
}

const NOT_OURS =
  'schema "bluegreen" was not made by this product, which keeps its own tables in a schema of that name; nothing in it was touched; ALTER SCHEMA bluegreen RENAME TO another name, and let the application use that';

describe("a schema of the user's own that is called like ours", () => {
  it.each([
    ['with tables of their own', 'create table bluegreen.deployments (id int primary key)'],
    ['with nothing in it', ''],
    [
      'with tables that are called like ours',
      `create table bluegreen.run (id int); create table bluegreen.marker (id int primary key); create table bluegreen.change (note text);
       create table bluegreen.published (id int); create function bluegreen.refuse_write() returns trigger language plpgsql as 'begin return new; end'`,
    ],
    ['with a comment of their own', `comment on schema bluegreen is 'deployments'`],
  ])('refuses to run, %s, and touches nothing in it', async (_, seed) => {
    const blue = await fixture.database(`create table orders (id int); create schema bluegreen; ${seed}`);
    const before = await catalogSnapshot(blue);
    const run = blue.run();
    expect(await guardrails(blue)).toEqual([NOT_OURS]);
    expect(await run.record()).toBeUndefined();
    expect(await run.ledger()).toEqual([]);
    await expect(run.takeLock('run-1', 'orders')).rejects.toThrow(new GuardrailViolated([NOT_OURS]));
    expect(await run.abandon('run-1')).toBe('no-record');
    expect(await run.unfreeze('run-1', { handedOver: true })).toBe(true);
    await run.resumeJobs();
    await run.release('run-1');
    expect(await catalogSnapshot(blue)).toEqual(before);
    await blue.close();
  });
});

describe('our schema', () => {
  it('is taken over from an earlier run', async () => {
    const blue = await afterARun();
    expect(await guardrails(blue)).toEqual([]);
    await blue.run().takeLock('run-1', 'orders');
    expect(await blue.run().ledger()).toHaveLength(1);
    await blue.close();
  });

  it('is taken over with a ledger from before there were marks, and marked', async () => {
    const blue = await afterARun();
    await blue.query('comment on schema bluegreen is null; comment on table bluegreen.change is null');
    expect(await guardrails(blue)).toEqual([]);
    expect(await blue.run().ledger()).toHaveLength(1);
    await blue.run().takeLock('run-1', 'orders');
    await blue.run().release('run-1');
    expect(await blue.run().ledger()).toHaveLength(1);
    expect(await blue.ask(`select obj_description('bluegreen'::regnamespace, 'pg_namespace')`)).toBe(
      'made by cdk-rds-bluegreen',
    );
    await blue.close();
  });

  it.each([
    [
      'table bluegreen.deployments',
      'create table bluegreen.deployments (id int generated always as identity primary key)',
    ],
    ['view bluegreen.applied', 'create view bluegreen.applied as select file from bluegreen.change'],
    ['sequence bluegreen.numbers', 'create sequence bluegreen.numbers'],
    ['function bluegreen.f()', `create function bluegreen.f() returns int language sql as 'select 1'`],
    ['type bluegreen.mood', `create type bluegreen.mood as enum ('sad')`],
    ['table bluegreen.run', 'create table bluegreen.run (id int)'],
  ])('refuses to run when somebody else put %s into it', async (what, statement) => {
    const blue = await afterARun();
    await blue.query(statement, 'bluegreen');
    expect(await guardrails(blue)).toEqual([
      `${what} was not made by this product, to which the schema belongs: it would neither follow nor be compared; move it with ALTER … SET SCHEMA, or drop it`,
    ]);
    await blue.close();
  });

  it('keeps what somebody else put into it while a run was on, and what refers to it', async () => {
    const blue = await afterARun();
    const run = blue.run();
    await run.takeLock('run-1', 'orders');
    await blue.query(
      `create table bluegreen.deployments (id int primary key); insert into bluegreen.deployments values (1);
       create view public.lock as select run_id from bluegreen.run`,
      'bluegreen',
    );
    await run.release('run-1');
    expect(await run.record()).toBeUndefined();
    expect(await blue.ask('select count(*)::int from bluegreen.deployments')).toBe(1);
    expect(await blue.ask('select count(*)::int from public.lock')).toBe(0);
    await blue.close();
  });
});

it('a table that somebody puts into our schema while it is followed is drift', async () => {
  const pair = await followingPair(fixture, 'create table orders (id int primary key)');
  await pair.blue.query('create table bluegreen.deployments (id int primary key)', 'bluegreen');
  expect(await pair.onBlue.drift()).toEqual(['bluegreen.deployments was created']);
  await pair.close();
});

it("refuses to run where a trigger of somebody else's is called like the fence, and the fence does not take it for its own", async () => {
  const blue = await fixture.database(
    `create table orders (id int);
     create function theirs() returns trigger language plpgsql as 'begin return null; end';
     create trigger bluegreen_fence before insert on orders for each statement execute function theirs()`,
  );
  expect(await guardrails(blue)).toEqual([
    'trigger bluegreen_fence on table orders was not made by this product, which needs the name; ALTER TRIGGER bluegreen_fence ON orders RENAME TO another name',
  ]);
  await blue.query('alter trigger bluegreen_fence on orders rename to fence');
  const run = blue.run();
  await run.takeLock(PAIR_RUN, 'orders');
  await run.freeze(PAIR_RUN, UNTIL);
  await run.unfreeze(PAIR_RUN, { handedOver: true });
  await run.release(PAIR_RUN);
  expect(await blue.ask(`select string_agg(tgname, ',') from pg_trigger where not tgisinternal`)).toBe('fence');
  await blue.close();
});

it("a publication of the user's whose name begins like ours stays on a copy", async () => {
  const pair = await followingPair(
    fixture,
    'create table orders (id int primary key); create publication bluegreen_cdc for table orders',
  );
  expect(await pair.green.ask(`select string_agg(pubname, ',') from pg_publication`)).toBe('bluegreen_cdc');
  await pair.close();
});
