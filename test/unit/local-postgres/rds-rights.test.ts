import { Client } from 'pg';
import type { PostgresServer } from '../../../lib/local/servers/postgres/postgres-server';
import { createRdsRoles } from '../../../lib/local/servers/postgres/rds-roles';
import { subscriptionStandIn } from '../../../lib/local/servers/postgres/rds-superuser';
import { scramVerifier } from '../../../lib/local/servers/postgres/scram-verifier';
import { MAJORS } from '../../support/majors';
import { ServerFixture } from './server-fixture';

const MASTER = 'shop_admin';
const PASSWORD = 'correct-horse';

/** A session on one server, which remembers nothing but its connection. */
class Side {
  private readonly clients = new Map<string, Client>();

  constructor(readonly server: PostgresServer) {}

  /** The first column of the first row, asked for by the master user. */
  async ask(sql: string, values: unknown[] = [], database = 'shop'): Promise<unknown> {
    const client = this.clients.get(database) ?? (await this.login({ database }));
    this.clients.set(database, client);
    const { rows } = await client.query(sql, values);
    return Object.values(rows?.[0] ?? {})[0];
  }

  async login(config: { user?: string; database?: string; replication?: string }): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: this.server.port,
      user: MASTER,
      password: PASSWORD,
      database: 'shop',
      ...config,
    });
    client.on('error', () => undefined);
    await client.connect().catch(async (error: unknown) => {
      await client.end().catch(() => undefined);
      throw error;
    });
    return client;
  }

  /** Asks until it gets the answer; the pause between two questions is the server's. */
  async until(sql: string, wanted: unknown): Promise<void> {
    while ((await this.ask(sql)) !== wanted) await this.ask('SELECT pg_sleep(0.02)');
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await client.end().catch(() => undefined);
  }
}

let fixture: ServerFixture;
let [blue, green] = [] as unknown as [Side, Side];

async function openSides(major: number): Promise<void> {
  fixture = await ServerFixture.open({ major });
  [blue, green] = await Promise.all([openSide('blue'), openSide('green')]);
}

async function openSide(name: string): Promise<Side> {
  const server = await fixture.started(name, { wal_level: 'logical' });
  const roles = { masterUsername: MASTER, masterPasswordVerifier: scramVerifier(PASSWORD), databaseName: 'shop' };
  await createRdsRoles(server, roles);
  const side = new Side(server);
  await side.ask(`CREATE ROLE shop_owner; GRANT shop_owner TO ${MASTER}`);
  await side.ask('GRANT CREATE ON SCHEMA public TO shop_owner');
  await side.ask('SET ROLE shop_owner; CREATE TABLE orders (id int PRIMARY KEY, state text); RESET ROLE');
  return side;
}

async function closeSides(): Promise<void> {
  await Promise.all([blue?.close(), green?.close()]);
  await fixture.close();
}

const conninfo = (side: Side) =>
  `host=127.0.0.1 port=${side.server.port} dbname=shop user=${MASTER} password=${PASSWORD}`;

/** As the product does it: the connection string reaches the server as a setting, and the statement is built there. */
async function aboutSubscription(side: Side, statement: string, connection = ''): Promise<void> {
  const standIn = subscriptionStandIn(side.server.major);
  await side.ask("SELECT set_config('bluegreen.conninfo', $1, false)", [connection]);
  const run = standIn === undefined ? 'EXECUTE' : `PERFORM ${standIn}`;
  await side.ask(`DO $$ BEGIN ${run} (format($f$${statement}$f$, current_setting('bluegreen.conninfo'))); END $$`);
}

/** A subscription that begins at `position` of the other side. */
async function subscribe(side: Side, to: Side, { name, position }: { name: string; position: string }): Promise<void> {
  const options = `copy_data = false, create_slot = false, enabled = false, slot_name = '${name}', disable_on_error = true, streaming = off`;
  await aboutSubscription(
    side,
    `CREATE SUBSCRIPTION ${name} CONNECTION %1$L PUBLICATION ${name} WITH (${options})`,
    conninfo(to),
  );
  await side.ask(
    `SELECT pg_replication_origin_advance('pg_' || oid, $2::pg_lsn) FROM pg_subscription WHERE subname = $1`,
    [name, position],
  );
  await aboutSubscription(side, `ALTER SUBSCRIPTION ${name} ENABLE`);
}

async function unsubscribe(side: Side, name: string): Promise<void> {
  await aboutSubscription(side, `ALTER SUBSCRIPTION ${name} DISABLE`);
  await aboutSubscription(side, `ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
  await aboutSubscription(side, `DROP SUBSCRIPTION ${name}`);
}

describe.each(MAJORS)('the master user on PostgreSQL %i', (major) => {
  beforeAll(() => openSides(major));
  afterAll(closeSides);

  test('follows another server from a position on, into tables that belong to a role it is a member of', async () => {
    await blue.ask('CREATE PUBLICATION follow FOR TABLE orders');
    await blue.ask("SELECT pg_create_logical_replication_slot('follow', 'pgoutput')");
    await blue.ask("INSERT INTO orders VALUES (1, 'before the seed')");
    const seed = (await blue.ask('SELECT pg_current_wal_lsn()::text')) as string;
    await blue.ask("INSERT INTO orders VALUES (2, 'new'), (3, 'new')");
    await blue.ask("UPDATE orders SET state = 'paid' WHERE id = 2");
    await blue.ask('DELETE FROM orders WHERE id = 3');

    await subscribe(green, blue, { name: 'follow', position: seed });
    await blue.ask("INSERT INTO orders VALUES (4, 'last')");
    await green.until('SELECT EXISTS (SELECT FROM orders WHERE id = 4)', true);
    expect(await green.ask("SELECT string_agg(id || ' ' || state, ', ' ORDER BY id) FROM orders")).toBe(
      '2 paid, 4 last',
    );
    await blue.ask('TRUNCATE orders');
    await green.until('SELECT count(*)::int FROM orders', 0);
  });

  test('sees how following goes, on both sides', async () => {
    expect(await blue.ask("SELECT state FROM pg_stat_replication WHERE application_name = 'follow'")).toBe('streaming');
    expect(await green.ask("SELECT pid > 0 FROM pg_stat_subscription WHERE subname = 'follow'")).toBe(true);
    expect(await green.ask('SELECT apply_error_count::int FROM pg_stat_subscription_stats')).toBe(0);
    expect(await green.ask('SELECT count(*)::int FROM pg_show_replication_origin_status()')).toBe(1);
    expect(
      await green.ask(
        `SELECT pg_replication_origin_progress('pg_' || oid, true) > '0/0' FROM pg_subscription WHERE subname = 'follow'`,
      ),
    ).toBe(true);
  });

  test('ends following and leaves nothing of it behind', async () => {
    await unsubscribe(green, 'follow');
    await blue.until("SELECT active FROM pg_replication_slots WHERE slot_name = 'follow'", false);
    await blue.ask("SELECT pg_replication_slot_advance('follow', pg_current_wal_lsn())");
    await blue.ask("SELECT pg_drop_replication_slot('follow')");
    await blue.ask('DROP PUBLICATION follow');
    expect(await green.ask('SELECT count(*)::int FROM pg_subscription')).toBe(0);
    expect(await blue.ask('SELECT count(*)::int FROM pg_replication_slots')).toBe(0);
  });

  test.each(['template1', 'template0'])('has these rights in a database made from %s, too', async (template) => {
    const database = `from_${template}`;
    await green.ask(`CREATE DATABASE ${database} TEMPLATE ${template}`);
    expect(await green.ask('SELECT count(*)::int FROM pg_show_replication_origin_status()', [], database)).toBe(0);
    expect(await green.ask("SELECT to_regproc('rds_stand_in.execute') IS NOT NULL", [], database)).toBe(
      subscriptionStandIn(major) !== undefined,
    );
  });

  test('is no superuser, but a member of rds_superuser who can pass rds_replication on', async () => {
    await green.ask('CREATE ROLE replicator; GRANT rds_replication TO replicator');
    expect(await green.ask("SELECT pg_has_role('rds_superuser', 'MEMBER')")).toBe(true);
    expect(await green.ask('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe(false);
  });

  test('is refused a physical replication connection', async () => {
    await expect(green.login({ replication: 'true' })).rejects.toThrow(
      'no pg_hba.conf entry for replication connection',
    );
    // The logical one, which differs in that it names its database, is not.
    await (await green.login({ replication: 'database' })).end();
  });

  test.each([
    ["SELECT pg_read_file('PG_VERSION')", 'permission denied for function pg_read_file'],
    ["SELECT pg_backup_start('mine')", 'permission denied for function pg_backup_start'],
    ["SELECT pg_replication_origin_create('mine')", 'permission denied for function pg_replication_origin_create'],
    ["COPY orders FROM PROGRAM 'date'", /permission denied to COPY|must be superuser/],
    ['ALTER SYSTEM SET fsync = off', /permission denied|must be superuser/],
    ['CREATE PUBLICATION everything FOR ALL TABLES', 'must be superuser to create FOR ALL TABLES publication'],
    ['CREATE ROLE boss SUPERUSER', /permission denied to create role|must be superuser/],
    ['ALTER ROLE rdsadmin PASSWORD NULL', /permission denied|must be superuser/],
    ['SET SESSION AUTHORIZATION rdsadmin', 'permission denied to set session authorization'],
    ['SELECT subconninfo FROM pg_subscription', 'permission denied for table pg_subscription'],
  ])('is refused %s', async (sql, message) => {
    await expect(green.ask(sql)).rejects.toThrow(message);
  });
});

for (const major of MAJORS.filter((it) => subscriptionStandIn(it) === undefined)) {
  describe(`the right to subscribe on PostgreSQL ${major}, which is upstream’s`, () => {
    beforeAll(() => openSides(major));
    afterAll(closeSides);

    const create = (connection: string, options: string) =>
      `CREATE SUBSCRIPTION refused CONNECTION '${connection}' PUBLICATION p WITH (connect = false${options})`;

    test.each([
      ['without a password', create('host=127.0.0.1 dbname=shop', ''), 'password is required'],
      [
        'that needs no password',
        create('host=127.0.0.1 password=x', ', password_required = false'),
        'password_required=false is superuser-only',
      ],
    ])('is refused to a connection %s', async (_, sql, message) => {
      await expect(green.ask(sql)).rejects.toThrow(message);
    });

    test('comes without a stand-in', async () => {
      expect(await green.ask("SELECT to_regnamespace('rds_stand_in')")).toBeNull();
    });
  });
}

for (const major of MAJORS.filter((it) => subscriptionStandIn(it) !== undefined)) {
  describe(`the stand-in on PostgreSQL ${major}`, () => {
    beforeAll(() => openSides(major));
    afterAll(closeSides);

    const refusal = 'takes a single CREATE, ALTER or DROP SUBSCRIPTION';
    test.each([
      ['another kind of statement', 'DROP TABLE orders', refusal],
      ['a word that only begins alike', 'DROP SUBSCRIPTIONS', refusal],
      ['a second statement', 'DROP SUBSCRIPTION s; ALTER ROLE shop_admin SUPERUSER', refusal],
      ['a second one behind a quoted name', 'DROP SUBSCRIPTION "a"; DROP TABLE "orders"', refusal],
      ['a second one behind an open quote', `DROP SUBSCRIPTION s'; DROP TABLE orders`, refusal],
      [
        'a second one behind an escaped quote',
        `DROP SUBSCRIPTION E'\\'; DROP TABLE orders; --'`,
        'no statement with a backslash',
      ],
      ['a second one behind a dollar quote', `DROP SUBSCRIPTION $a$'$a$; DROP TABLE orders; --'`, refusal],
      ['a second one behind a comment', `DROP SUBSCRIPTION s /*'*/; DROP TABLE orders; --'`, refusal],
      ['a second one behind a name', `DROP SUBSCRIPTION "'"; DROP TABLE orders; --'`, refusal],
      ['a statement behind a comment', `-- x\nDROP TABLE orders`, refusal],
    ])('refuses %s', async (_, statement, message) => {
      await expect(green.ask('SELECT rds_stand_in.execute($1)', [statement])).rejects.toThrow(message);
      expect(await green.ask("SELECT to_regclass('orders') IS NOT NULL")).toBe(true);
    });

    test('takes one statement with everything in it that a connection string may have', async () => {
      const sql = `create subscription "Odd; ""name""" connection 'host=127.0.0.1 password=''it;s $x$ --''' publication p with (connect = false)`;
      await green.ask('SELECT rds_stand_in.execute($1)', [sql]);
      expect(await green.ask('SELECT subname FROM pg_subscription')).toBe('Odd; "name"');
      await green.ask('SELECT rds_stand_in.execute($1)', ['alter subscription "Odd; ""name""" set (slot_name = none)']);
      await green.ask('SELECT rds_stand_in.execute($1)', ['drop subscription "Odd; ""name"""']);
    });

    test('serves members of rds_superuser only', async () => {
      await green.ask(`CREATE ROLE app LOGIN PASSWORD '${PASSWORD}'`);
      const app = await green.login({ user: 'app' });
      await expect(app.query("SELECT rds_stand_in.execute('DROP SUBSCRIPTION s')")).rejects.toThrow(
        'permission denied',
      );
      await app.end();
    });
  });
}
