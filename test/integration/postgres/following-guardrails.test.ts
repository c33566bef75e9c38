import { channelName } from '../../../lib/core/identifiers';
import { followingGuardrails, longTransactions } from '../../../lib/engines/postgres/guardrails/following-guardrails';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const OURS = channelName('orders', 'run-1', 'orders', 'forward');
const NEEDS = { databases: 1, maxWalKeptMiB: 51_200 };

const FINE = `
  create table keyed (id int primary key, doubled int generated always as (id * 2) stored);
  create table indexed (id int not null unique, a json); alter table indexed replica identity using index indexed_id_key;
  create table complete (a int, b text, c jsonb, d int[], e int4range); alter table complete replica identity full;
  create table complete_and_keyed (id int primary key, a json); alter table complete_and_keyed replica identity full;
  create table events (day date, id int, primary key (day, id)) partition by range (day);
  create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
  create sequence rounds maxvalue 3 cycle;
  create function touch() returns trigger language plpgsql as 'begin return new; end';
  create trigger touched before insert on keyed for each row execute function touch();
  create rule noted as on insert to keyed do also select 1`;

const installed = (extension: string) => [
  'set allow_system_table_mods = on',
  `insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
     values (99999, '${extension}', 10, 'public'::regnamespace, false, '1')`,
];

/** What the run's user may do changed in between. */
describe.each(OLDEST_AND_NEWEST)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let blue: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major, settings: { wal_level: 'logical' } });
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    blue = await fixture.database('create schema shop; create table shop.orders (id int primary key, a json)');
  });
  afterEach(async () => {
    await blue.close();
    await fixture.server.asAdmin(async (admin) => {
      await admin.query(`drop database ${blue.name} with (force)`);
      await admin.query('drop role if exists "the owner"');
    });
  });

  const reasons = (needs = {}) => followingGuardrails(blue.session(), { ...NEEDS, ...needs });
  const asAdmin = async (statements: readonly string[]) => {
    const admin = await blue.client('rdsadmin');
    for (const statement of statements) {
      await admin.query(statement);
    }
    await admin.end();
  };

  it('what can be followed is not refused', async () => {
    await blue.query(FINE, 'bluegreen');
    await asAdmin([
      'create publication theirs for all tables',
      `select pg_create_physical_replication_slot('standby')`,
      `select pg_create_logical_replication_slot('${OURS}', 'pgoutput')`,
      ...installed('pg_cron'),
    ]);
    const found = await reasons();
    await asAdmin([`select pg_drop_replication_slot('standby')`, `select pg_drop_replication_slot('${OURS}')`]);
    expect(found).toEqual([]);
  });

  it.each([
    [
      'a slot of somebody else, of whatever database',
      [`select pg_create_logical_replication_slot('bluegreener', 'pgoutput')`],
      (name: string) =>
        `logical slot "bluegreener" of database "${name}" does not move to green, and its consumer would miss what is written there; stop the consumer and SELECT pg_drop_replication_slot('bluegreener')`,
      [`select pg_drop_replication_slot('bluegreener')`],
    ],
    [
      'large objects',
      ['select lo_create(0), lo_create(0)'],
      () =>
        'the database has 2 large objects, which are not replicated; move them to bytea columns and remove them with lo_unlink, or use sync "freeze"',
      [],
    ],
    [
      'a sequence it may not carry over',
      ['create sequence shop.numbers', 'grant select on shop.numbers to bluegreen'],
      () =>
        "the run's user may not carry over sequence shop.numbers; GRANT SELECT, UPDATE ON SEQUENCE shop.numbers TO the run's user, and USAGE on its schema",
      [],
    ],
    ...(['always', 'replica'] as const).map(
      (when) =>
        [
          `a trigger enabled ${when}`,
          [
            `create function shop.touch() returns trigger language plpgsql as 'begin return new; end'`,
            'create trigger "Touched" before insert on shop.orders for each row execute function shop.touch()',
            `alter table shop.orders enable ${when} trigger "Touched"`,
          ],
          () =>
            'trigger "Touched" on table shop.orders fires for replicated rows, too, so that what it does would be done on both sides and replicated besides; ALTER TABLE shop.orders ENABLE TRIGGER "Touched", or disable it',
          [],
        ] as const,
    ),
    [
      'an extension that replicates by itself',
      installed('pglogical'),
      () =>
        'extension pglogical replicates by itself, and would do so from blue and from green; drop its nodes and the extension',
      [],
    ],
    [
      'an rds_tools it may not create',
      ['revoke rds_superuser from bluegreen'],
      () =>
        'the run\'s user may not use the extension rds_tools, which tells where green begins: permission denied to create extension "rds_tools"; GRANT rds_superuser TO the run\'s user, and allow rds_tools in the parameter rds.allowed_extensions',
      ['grant rds_superuser to bluegreen'],
    ],
    [
      'a scheduler that is recognised by its tables',
      [
        'create schema timetable',
        'create table timetable.chain (id int primary key)',
        'alter table timetable.chain owner to bluegreen',
      ],
      () =>
        'pg_timetable would run on green as well, and write once more what is replicated from blue; stop it and drop its schema, or move its jobs to pg_cron, which the run pauses on green',
      [],
    ],
    [
      'pg_partman, when its background worker works here',
      [...installed('pg_partman'), `alter role bluegreen set pg_partman_bgw.dbname = 'elsewhere, test_here'`],
      () =>
        'the background worker of pg_partman makes and drops partitions on either side, which is not replicated; take the database out of pg_partman_bgw.dbname for the time of the run',
      ['alter role bluegreen reset pg_partman_bgw.dbname'],
    ],
  ] as const)('refuses %s, and says what to do', async (_what, statements, reason, undo) => {
    await asAdmin(statements.map((statement) => statement.replace('test_here', blue.name)));
    const found = await reasons();
    await asAdmin(undo);
    expect(found).toEqual([reason(blue.name)]);
  });

  it('refuses tables of owners whose part it may not take, one reason per owner', async () => {
    await asAdmin([
      'create role "the owner"',
      'create table shop.a (id int primary key)',
      'create table shop.b (id int primary key)',
      'alter table shop.a owner to "the owner"',
      'alter table shop.b owner to "the owner"',
    ]);
    const options = major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : '';
    const refusal = `the run's user may not publish tables of "the owner" (shop.a, shop.b); GRANT "the owner" TO the run's user${options}`;
    expect(await reasons()).toEqual([refusal]);
    if (major >= 16) {
      await asAdmin(['grant "the owner" to bluegreen with inherit true, set false']);
      expect(await reasons()).toEqual([refusal]);
      await asAdmin(['grant "the owner" to bluegreen with inherit false, set true']);
      expect(await reasons()).toEqual([refusal]);
    }
    await asAdmin([`grant "the owner" to bluegreen${options}`]);
    expect(await reasons()).toEqual([]);
    await asAdmin(['drop owned by "the owner"']);
  });

  describe('transactions', () => {
    it('refuses old ones of any database, and names process, application, user and database', async () => {
      const other = await fixture.database('', `other_of_${blue.name}`);
      const client = await other.client('app', 'report "daily"');
      await client.query('begin');
      const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
      expect(await reasons()).toEqual([]);
      const [reason, ...more] = await reasons({ longTransactionSeconds: 0 });
      expect(more).toEqual([]);
      expect(reason).toMatch(/open since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; /);
      expect(reason?.replace(/since [^;]*;/, 'since …;')).toBe(
        `the slot can be made only after the transaction of process ${pid} (application "report "daily"", user "app", database "${other.name}"), open since …; end it, or SELECT pg_terminate_backend(${pid})`,
      );
      expect(await longTransactions(blue.session(), 0)).toEqual([]);
      expect(await longTransactions(other.session(), 0)).toEqual([
        expect.stringContaining(`the transaction of process ${pid} (application "report "daily""`),
      ]);
      expect(await longTransactions(other.session(), 300)).toEqual([]);
      await other.close();
      await blue.query(`drop database ${other.name} with (force)`);
    });

    it("does not count the run's own", async () => {
      await blue.session().holdSnapshot();
      expect(await reasons({ longTransactionSeconds: 0 })).toEqual([]);
      expect(await longTransactions(blue.session(), 0)).toEqual([]);
    });

    it('refuses prepared ones of other databases; those of its own are refused in any case', async () => {
      const other = await fixture.database('create table t (a int)', `other_of_${blue.name}`);
      await other.query(`begin; insert into t values (1); prepare transaction 'half'`);
      const found = await reasons();
      const longOnes = await longTransactions(other.session(), 300);
      expect(await followingGuardrails(other.session(), NEEDS)).toEqual([
        expect.stringContaining('table t has no primary key'),
      ]);
      await other.query(`rollback prepared 'half'`);
      await other.close();
      await blue.query(`drop database ${other.name} with (force)`);
      expect(found.map((reason) => reason.replace(/prepared at [^;]*;/, 'prepared at …;'))).toEqual([
        `the slot can be made only after the prepared transaction "half" of database "${other.name}", prepared at …; commit or roll it back`,
      ]);
      expect(longOnes).toEqual([
        expect.stringMatching(/^the prepared transaction "half" of database ".*", prepared at \d/),
      ]);
    });
  });

  describe('a server that is not made for it', () => {
    it('is refused, with everything that has to be set', async () => {
      const poor = await PostgresFixture.start({
        major,
        settings: {
          max_replication_slots: '5',
          max_wal_senders: '2',
          max_logical_replication_workers: '1',
          max_worker_processes: '4',
          max_slot_wal_keep_size: '64MB',
          ...(major >= 18 && { idle_replication_slot_timeout: '1h', max_active_replication_origins: '1' }),
        },
      });
      try {
        const database = await poor.database('create table t (id int primary key)');
        const needing = (databases: number, maxWalKeptMiB: number) =>
          followingGuardrails(database.session(), { databases, maxWalKeptMiB });
        expect(await needing(2, 65)).toEqual([
          `wal_level is "replica", and green can follow only with "logical"; set rds.logical_replication to 1 in the instance's parameter group and reboot it`,
          ...(major >= 18
            ? ['idle_replication_slot_timeout is 3600, and the slot is idle while green is being made; set it to 0']
            : []),
          'max_slot_wal_keep_size is 64 MiB, beyond which blue throws away what green still needs, and the plan allows 65 MiB (follow.maxWalKeptMiB); set it to -1 in the parameter group, or lower follow.maxWalKeptMiB',
          ...(major >= 18
            ? [
                `max_active_replication_origins is 1, and 0 of them are taken; set it to at least 3 in the instance's parameter group and reboot it`,
              ]
            : []),
          `max_wal_senders is 2, and 0 of them are taken; set it to at least 5 in the instance's parameter group and reboot it`,
          `max_logical_replication_workers is 1, and 0 of them are taken; set it to at least 3 in the instance's parameter group and reboot it`,
        ]);
        expect(await needing(3, 64)).toEqual([
          expect.stringContaining('wal_level'),
          ...(major >= 18 ? [expect.stringContaining('idle_replication_slot_timeout')] : []),
          `max_replication_slots is 5, and 0 of them are taken; set it to at least 7 in the instance's parameter group and reboot it`,
          ...(major >= 18 ? [expect.stringContaining('max_active_replication_origins')] : []),
          expect.stringContaining('max_wal_senders'),
          expect.stringContaining('max_logical_replication_workers'),
          `max_worker_processes is 4, and 1 of them are taken; set it to at least 5 in the instance's parameter group and reboot it`,
        ]);
        await database.close();
      } finally {
        await poor.close();
      }
    });
  });
});
