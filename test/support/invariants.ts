/** The invariants of every run (no acknowledged write is lost, and what that stands on), observed from outside the code under test. */
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { Client } from 'pg';
import type { Plan } from '../../lib/core/plan';
import type { LocalRuntime } from '../../lib/local/local-runtime';
import type { WriteVerdict } from '../../lib/local/prober/verify-writes';
import { APPLICATION_USER } from '../../lib/local/production';
import type { PostgresServer } from '../../lib/local/servers/postgres/postgres-server';
import type { RunReport } from '../../lib/report/report';

export interface Observation {
  readonly runtime: LocalRuntime;
  readonly plan: Plan;
  readonly applicationPassword: string;
}

/** Blue as it was before the run: everything its catalog says, and every row. */
export interface BlueBefore {
  readonly catalog: readonly string[];
  readonly rows: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Not the queries of the code under test: another look at the same catalog. */
export const CATALOG = `
  select 'column ' || table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(column_default, '')
    from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')
  union all select 'index ' || indexdef from pg_indexes where schemaname not in ('pg_catalog', 'information_schema')
  union all select 'constraint ' || conrelid::regclass || ' ' || conname from pg_constraint where conrelid <> 0
  union all select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
  union all select 'routine ' || oid::regprocedure from pg_proc where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp'
  union all select 'setting ' || setdatabase || ' ' || setrole || ' ' || setconfig::text from pg_db_role_setting
  union all select 'role ' || rolname || ' ' || rolcanlogin || ' ' || rolconnlimit from pg_roles
  union all select 'slot ' || slot_name from pg_replication_slots
  union all select 'publication ' || pubname from pg_publication
  union all select 'subscription ' || subname from pg_stat_subscription
  union all select 'origin ' || roname from pg_replication_origin
  union all select 'prepared ' || gid from pg_prepared_xacts
  order by 1`;

export async function observeBlue({ runtime, plan }: Observation): Promise<BlueBefore> {
  return requireServer(runtime, plan.blue.identifier).asAdmin((admin) => readEverything(admin), plan.blue.database);
}

export async function expectInvariants(
  observation: Observation,
  before: BlueBefore,
  { report, writes }: { report: RunReport; writes: WriteVerdict | undefined },
): Promise<void> {
  await expectOneWritableSide(observation, report);
  expect(
    writes && { lost: writes.lostKeys, duplicated: writes.duplicatedKeys, unexpected: writes.unexpectedKeys },
  ).toEqual(writes && { lost: [], duplicated: [], unexpected: [] });
  if (report.serving === 'blue') {
    await expectBlueUntouched(observation, before);
  }
  await expectNothingLeftBehind(observation, report);
}

/** 1. Exactly one side accepts the application's writes, also from a session that insists, and the endpoint leads there. */
async function expectOneWritableSide(observation: Observation, report: RunReport): Promise<void> {
  const { runtime, plan } = observation;
  const writable: string[] = [];
  for (const { identifier, port } of await instances(observation)) {
    if ((await accepts(observation, port, '')) || (await accepts(observation, port, 'read write'))) {
      writable.push(identifier);
    }
  }
  const serving = writable[0] === plan.blue.identifier ? 'blue' : 'green';
  expect({ writable: writable.length, serving }).toEqual({ writable: 1, serving: report.serving });
  await expectEndpointLeadsTo(observation, requireServer(runtime, writable[0] ?? '').port);
}

/** Clients may be led to the old side as long as a resolver remembers it, and no longer. */
async function expectEndpointLeadsTo(observation: Observation, port: number): Promise<void> {
  const { runtime, plan } = observation;
  const untilMs = performance.now() + plan.local.dnsTtlSeconds * 1000 + runtime.route53.settings.answersMs;
  for (;;) {
    const remembers = performance.now() < untilMs;
    const found = await portBehind(observation, runtime.front.port).catch((error: unknown) => {
      if (!remembers) {
        throw error;
      }
    });
    if (found === port || !remembers) {
      expect(found).toBe(port);
      return;
    }
  }
}

/** 3. Before the point of no return blue is as if the run had never been; the application's own writes go on. */
async function expectBlueUntouched(observation: Observation, before: BlueBefore): Promise<void> {
  const after = await observeBlue(observation);
  expect([...after.catalog].sort()).toEqual([...before.catalog].sort());
  for (const [table, rows] of before.rows) {
    const now = after.rows.get(table) ?? new Set();
    expect({ table, missing: [...rows].filter((row) => !now.has(row)) }).toEqual({ table, missing: [] });
  }
}

/** 4. What the run created is gone or listed with the command that removes it. */
async function expectNothingLeftBehind(
  observation: Observation,
  { runId, serving, leftovers }: RunReport,
): Promise<void> {
  const { runtime, plan } = observation;
  const left: string[] = [];
  const all = await instances(observation);
  for (const { identifier, tags } of all) {
    if (tags['bluegreen:run'] === runId && serving === 'blue') {
      left.push(identifier);
    }
    const objects = await requireServer(runtime, identifier).asAdmin(
      (admin) =>
        admin.query(`select relname::text from pg_class where relnamespace = to_regnamespace('bluegreen') and relname !~ '^change'
                     union all select slot_name from pg_replication_slots
                     union all select pubname from pg_publication
                     union all select subname from pg_stat_subscription
                     union all select tgname from pg_trigger where tgname like 'bluegreen%'
                     union all select application_name from pg_stat_activity where application_name like 'bluegreen%'`),
      plan.blue.database,
    );
    if (objects.rows.length > 0) {
      left.push(identifier);
    }
  }
  const client = rdsClient(runtime);
  const { DBSnapshots = [] } = await client.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
  client.destroy();
  left.push(...DBSnapshots.map(({ DBSnapshotIdentifier = '' }) => DBSnapshotIdentifier));
  const listed = leftovers.map(({ what, command }) => `${what} ${command}`).join('\n');
  expect(left.filter((name) => !listed.includes(name))).toEqual([]);
  for (const { command } of leftovers) {
    expect(command).toMatch(/^(aws rds|aws route53|aws stepfunctions|psql) /);
  }
}

async function readEverything(admin: Client): Promise<BlueBefore> {
  const catalog = await admin.query<{ '?column?': string }>({ text: CATALOG, rowMode: 'array' } as never);
  const tables = await admin.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const rows = new Map<string, Set<string>>();
  for (const { name } of tables.rows) {
    const content = await admin.query<{ row: string }>(`select t::text as row from ${name} t`);
    rows.set(name, new Set(content.rows.map(({ row }) => row)));
  }
  return { catalog: catalog.rows.map((row) => String((row as unknown as string[])[0])), rows };
}

interface Instance {
  readonly identifier: string;
  readonly port: number;
  readonly tags: Readonly<Record<string, string>>;
}

async function instances({ runtime }: Observation): Promise<Instance[]> {
  const client = rdsClient(runtime);
  const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({}));
  client.destroy();
  return DBInstances.filter(({ DBInstanceStatus }) => DBInstanceStatus === 'available').map(
    ({ DBInstanceIdentifier = '', Endpoint, TagList = [] }) => ({
      identifier: DBInstanceIdentifier,
      port: Endpoint?.Port ?? 0,
      tags: Object.fromEntries(TagList.map(({ Key = '', Value = '' }) => [Key, Value])),
    }),
  );
}

/** Whether the application could commit a write there. */
async function accepts(observation: Observation, port: number, mode: string): Promise<boolean> {
  const client = application(observation, port);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.table_privileges
        where grantee = current_user and privilege_type = 'DELETE' limit 1`,
    );
    await client.query(`begin ${mode}`);
    if (!rows[0]) {
      // without a table there is nothing to write to, only what the server says to who does not insist
      const { rows: setting } = await client.query<{ off: boolean }>(
        `select current_setting('default_transaction_read_only') = 'off' as off`,
      );
      return setting[0]?.off === true;
    }
    await client.query(`delete from ${rows[0]?.name} where ctid = (select ctid from ${rows[0]?.name} limit 1)`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '25006') {
      return false;
    }
    if ((error as { code?: string }).code === '23503') {
      return true; // a foreign key stopped it, not the fence
    }
    throw error;
  } finally {
    await client.query('rollback');
    await client.end();
  }
}

async function portBehind(observation: Observation, port: number): Promise<number> {
  const client = application(observation, port);
  await client.connect();
  const { rows } = await client.query<{ port: number }>('select inet_server_port() as port');
  await client.end();
  return rows[0]?.port ?? 0;
}

function application({ plan, applicationPassword }: Observation, port: number): Client {
  return new Client({
    host: '127.0.0.1',
    port,
    database: plan.blue.database,
    user: APPLICATION_USER,
    password: applicationPassword,
  });
}

function rdsClient({ rdsUrl }: LocalRuntime): RDSClient {
  return new RDSClient({
    endpoint: rdsUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

function requireServer(runtime: LocalRuntime, identifier: string): PostgresServer {
  const server = runtime.rds.serverOf(identifier);
  if (!server) {
    throw new Error(`there is no server behind "${identifier}"`);
  }
  return server;
}
