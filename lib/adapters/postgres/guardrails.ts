/** What must hold in a PostgreSQL database before it is frozen and copied; every violation comes with its remedy. */
import { readOnlyByDefault } from './fence';
import { Session } from './session';

interface Guardrail {
  /** Gives one row with a `what` per violation. */
  readonly sql: string;
  readonly reason: (what: string) => string;
}

/** Tables of the application; those of an extension are the extension's business. */
const TABLES = `pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'bluegreen') and n.nspname !~ '^pg_'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

const GUARDRAILS: readonly Guardrail[] = [
  {
    sql: `select gid as what from pg_prepared_xacts where database = current_database()`,
    reason: (gid) =>
      `prepared transaction "${gid}" survives the end of its session and could write after the freeze; commit or roll it back`,
  },
  {
    sql: `select s.subname as what from pg_subscription s join pg_database d on d.oid = s.subdbid
           where d.datname = current_database() and s.subenabled`,
    reason: (subscription) =>
      `subscription "${subscription}" writes to blue and is not stopped by the freeze, and green would subscribe a second time; ALTER SUBSCRIPTION … DISABLE for the time of the run`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind = 'r' and c.relpersistence = 'u'`,
    reason: (table) => `unlogged table ${table} would be empty on green; ALTER TABLE ${table} SET LOGGED, or drop it`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not (has_table_privilege(c.oid, 'TRIGGER') and has_schema_privilege(n.oid, 'USAGE'))`,
    reason: (table) =>
      `the run's user may not fence table ${table}; GRANT TRIGGER ON ${table} TO the run's user, and USAGE on its schema`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not has_table_privilege(c.oid, 'SELECT')`,
    reason: (table) =>
      `the run's user may not read table ${table}, so it cannot be compared; GRANT SELECT ON ${table} TO the run's user`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and row_security_active(c.oid)`,
    reason: (table) =>
      `row security hides rows of table ${table} from the run's user, so they cannot be compared; let the run's user own the table, without FORCE ROW LEVEL SECURITY, or have BYPASSRLS`,
  },
  {
    sql: `select role as what from unnest('{pg_signal_backend,pg_read_all_stats}'::name[]) role
           where not pg_has_role(role, 'USAGE')`,
    reason: (role) =>
      `the run's user is no member of ${role} and cannot end the application's sessions; GRANT ${role} TO the run's user (RDS's master user has it)`,
  },
  {
    sql: `select pg_get_userbyid(datdba) as what from pg_database
           where datname = current_database() and not pg_has_role(datdba, 'USAGE')`,
    reason: (owner) =>
      `the run's user does not own the database, which ALTER DATABASE demands; make it a member of "${owner}"`,
  },
];

export async function guardrails(session: Session): Promise<string[]> {
  const reasons: string[] = [];
  for (const { sql, reason } of GUARDRAILS) {
    reasons.push(...(await session.query<{ what: string }>(sql)).map(({ what }) => reason(what)));
  }
  if (await readOnlyByDefault(session)) {
    reasons.push(
      'the database is read-only by default already; whoever set that must end it: ALTER DATABASE … RESET default_transaction_read_only',
    );
  }
  return [...reasons, ...(await otherDatabases(session))];
}

/** The swap moves the whole instance: a second database that takes writes would lose them. */
async function otherDatabases(session: Session): Promise<string[]> {
  const databases = await session.query<{ name: string; enterable: boolean }>(
    `select datname as name, has_database_privilege(oid, 'CONNECT') as enterable from pg_database
      where datallowconn and not datistemplate and datname not in (current_database(), 'rdsadmin') order by datname`,
  );
  const reasons: string[] = [];
  for (const { name, enterable } of databases) {
    if (!enterable) {
      reasons.push(
        `database "${name}" on the same instance would move to green without being frozen, and the run's user may not see whether it is empty; GRANT CONNECT ON DATABASE "${name}" TO the run's user, or drop it`,
      );
      continue;
    }
    const other = new Session({ ...session.options, database: name });
    try {
      const [row] = await other.query<{ tables: string }>(
        `select count(*)::text as tables from ${TABLES} and c.relkind in ('r', 'p')`,
      );
      if (row && row.tables !== '0') {
        reasons.push(
          `database "${name}" on the same instance has ${row.tables} tables and would move to green without being frozen; move it to an instance of its own, or drop it`,
        );
      }
    } finally {
      await other.close();
    }
  }
  return reasons;
}
