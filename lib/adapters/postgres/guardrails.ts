/** What must hold in a PostgreSQL database before it is frozen and copied; every violation comes with its remedy. */
import { readOnlyByDefault } from './fence';
import { Session } from './session';

interface Guardrail {
  /** Gives one row with a `what` per violation. */
  readonly sql: string;
  readonly reason: (what: string) => string;
}

const TABLES = `pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'`;

const GUARDRAILS: readonly Guardrail[] = [
  {
    sql: `select gid as what from pg_prepared_xacts where database = current_database()`,
    reason: (gid) =>
      `prepared transaction "${gid}" survives the end of its session and could write after the freeze; commit or roll it back`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind = 'r' and c.relpersistence = 'u'`,
    reason: (table) => `unlogged table ${table} would be empty on green; ALTER TABLE ${table} SET LOGGED, or drop it`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not has_table_privilege(c.oid, 'TRIGGER')`,
    reason: (table) => `the run's user may not fence table ${table}; GRANT TRIGGER ON ${table} TO the run's user`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not has_table_privilege(c.oid, 'SELECT')`,
    reason: (table) =>
      `the run's user may not read table ${table}, so it cannot be compared; GRANT SELECT ON ${table} TO the run's user`,
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
  const names = await session.query<{ name: string }>(
    `select datname as name from pg_database
      where datallowconn and not datistemplate and datname not in (current_database(), 'rdsadmin')
        and has_database_privilege(oid, 'CONNECT')`,
  );
  const reasons: string[] = [];
  for (const { name } of names) {
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
