import { replicaIdentities } from '../../../lib/engines/postgres/guardrails/replica-identities';
import { MAJORS, OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const OTHERWISE = 'REPLICA IDENTITY USING INDEX … (a unique one over NOT NULL columns) or FULL';

const FAIL = 'UPDATE and DELETE on it would fail once it is published';
const NO_KEY = `table t has no primary key, so ${FAIL}; add one, or ALTER TABLE t ${OTHERWISE}`;

describe.each(MAJORS)('replica identities on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let blue: TestDatabase;
  let green: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({
      major,
      settings: { wal_level: 'logical', wal_retrieve_retry_interval: '50ms' },
    });
    blue = await fixture.database();
    green = await fixture.database();
  });
  afterAll(() => fixture.close());
  afterEach(async () => {
    await blue.close();
    await green.close();
    for (const side of [blue, green]) {
      await side.query('drop publication if exists p; drop owned by bluegreen; create schema if not exists public');
    }
  });

  const reasons = () => replicaIdentities(blue.session());

  it.each([
    ['create table t (id int)', NO_KEY],
    ['create table t (id int not null unique)', NO_KEY],
    [
      'create table t (id int primary key deferrable)',
      `the primary key of table t is deferrable and identifies no row, so ${FAIL}; make it NOT DEFERRABLE, or ALTER TABLE t ${OTHERWISE}`,
    ],
    [
      'create table t (id int primary key); alter table t replica identity nothing',
      `table t has REPLICA IDENTITY NOTHING, so ${FAIL}; ALTER TABLE t REPLICA IDENTITY DEFAULT if it has a primary key, else ALTER TABLE t ${OTHERWISE}`,
    ],
    [
      'create table t (id int not null); create unique index i on t (id); alter table t replica identity using index i; drop index i',
      `the index that is the replica identity of table t was dropped or is invalid, so ${FAIL}; ALTER TABLE t REPLICA IDENTITY DEFAULT if it has a primary key, else ALTER TABLE t ${OTHERWISE}`,
    ],
    [
      'create table p (id int) partition by range (id); create table t partition of p for values from (0) to (9)',
      NO_KEY,
    ],
    ['create table t (id int primary key)', undefined],
    ['create table t (id int primary key deferrable); alter table t replica identity full', undefined],
    [
      'create table p (id int, primary key (id)) partition by range (id); create table t partition of p for values from (0) to (9)',
      undefined,
    ],
    ...(major < 18
      ? []
      : ([
          [
            'create table t (id int, g int generated always as (id * 2) stored primary key)',
            'table t is identified by generated columns (g), which are not sent; ALTER TABLE t REPLICA IDENTITY USING INDEX … without them',
          ],
          [
            'create table t (id int primary key, "G" int generated always as (id * 2) stored); alter table t replica identity full',
            `table t has REPLICA IDENTITY FULL and generated columns ("G"), so ${FAIL}; give it a primary key and REPLICA IDENTITY DEFAULT, or USING INDEX …`,
          ],
          [
            'create table t (id int primary key, g int generated always as (id * 2) virtual); alter table t replica identity full',
            `table t has REPLICA IDENTITY FULL and generated columns (g), so ${FAIL}; give it a primary key and REPLICA IDENTITY DEFAULT, or USING INDEX …`,
          ],
        ] as const)),
    ...(major >= 18
      ? []
      : ([
          [
            'create table t (id int primary key, g int generated always as (id * 2) stored); alter table t replica identity full',
            undefined,
          ],
        ] as const)),
  ] as const)(
    'refuses what the server would refuse to update once it is published, and nothing else: %s',
    async (ddl, reason) => {
      await blue.query(ddl, 'bluegreen');
      expect(await reasons()).toEqual(reason === undefined ? [] : [reason]);
      await blue.query('insert into t (id) values (1); create publication p for table t');
      const update = blue.query('update t set id = 2');
      await (reason === undefined ? update : expect(update).rejects.toThrow(/cannot update table "t"/));
      const deletion = blue.query('delete from t');
      await (reason === undefined ? deletion : expect(deletion).rejects.toThrow(/cannot delete from table "t"/));
    },
  );

  it('refuses keys over generated columns, which are not sent, on every version', async () => {
    await blue.query('create table t (id int, g int generated always as (id * 2) stored primary key)', 'bluegreen');
    expect(await reasons()).toEqual([expect.stringContaining('table t is identified by generated columns (g)')]);
  });

  (OLDEST_AND_NEWEST.includes(major) ? it : it.skip).each([
    ['int', '1', true],
    ['text', `'a'`, true],
    ['jsonb', `'{}'`, true],
    ['int[]', `'{1}'`, true],
    ['tsvector', `'a b'`, true],
    ['shop.pair', `'(1,2)'`, true],
    ['json', `'{}'`, false],
    ['xml', `'<a/>'`, false],
    ['point', `'(1,2)'`, false],
    ['box', `'(1,2),(3,4)'`, false],
    ['json[]', `'{}'`, false],
    ['shop."Document"', `'{}'`, false],
    ['shop.note', `'(1,{})'`, false],
  ])('of a complete row with a column of type %s', async (type, value, fine) => {
    const ddl = `create schema if not exists shop; create type shop.pair as (a int, b int); create domain shop."Document" as json; create type shop.note as (id int, body json);
        create table t (id int, c ${type}); alter table t replica identity full`;
    await blue.query(ddl, 'bluegreen');
    expect(await reasons()).toEqual(
      fine
        ? []
        : [
            `table t has REPLICA IDENTITY FULL and no primary key, so that green would have to find rows by c, but values of type ${type} cannot be compared; add a primary key, or ALTER TABLE t REPLICA IDENTITY USING INDEX …`,
          ],
    );
    expect(await updateIsApplied(ddl, `insert into t values (1, ${value}); update t set id = 2`)).toBe(fine);
  });

  it('of a complete row with several of them is said of the table once', async () => {
    await blue.query(
      'create table wide (a json, b int, c xml, d point); alter table wide replica identity full',
      'bluegreen',
    );
    expect(await reasons()).toEqual([
      expect.stringMatching(
        /^table wide has .* find rows by a, but values of type json cannot be compared \(and 2 more\); add/,
      ),
    ]);
  });

  /** Follows for real: the oracle for what the other side needs. */
  async function updateIsApplied(ddl: string, dml: string): Promise<boolean> {
    await green.query(ddl, 'bluegreen');
    await blue.query('create publication p for table t');
    await blue.query(`select pg_create_logical_replication_slot('trial', 'pgoutput')`);
    const subscriber = await green.client('rdsadmin');
    await subscriber.query(
      `create subscription trial connection 'host=127.0.0.1 port=${green.port} dbname=${blue.name} user=rdsadmin password=not-a-secret' publication p
         with (slot_name = trial, create_slot = false, copy_data = false)`,
    );
    await blue.query(dml);
    let outcome: boolean | undefined;
    while (outcome === undefined) {
      const { rows } = await subscriber.query(
        `select exists (select from t where id = 2) as applied, (select sum(apply_error_count) > 0 from pg_stat_subscription_stats) as failed, pg_sleep(0.01)`,
      );
      outcome = rows[0].applied ? true : rows[0].failed ? false : undefined;
    }
    await subscriber.query('alter subscription trial disable');
    await subscriber.query('alter subscription trial set (slot_name = none)');
    await subscriber.query('drop subscription trial');
    await blue.query(
      `select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = 'trial' and active_pid is not null`,
    );
    await blue.query(`select pg_drop_replication_slot('trial')`);
    return outcome;
  }
});
