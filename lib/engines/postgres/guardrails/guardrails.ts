/** What must hold in a PostgreSQL database before it is frozen and copied; every violation comes with its remedy. */
import type { MentionedDatabases } from '../../../ports/database';
import type { Session } from '../session/session';
import { readOnlyByDefault } from '../write-gate/freeze';
import { type Guardrail, TABLES, violations } from './guardrail';
import { otherDatabases } from './other-databases';
import { OWN_SCHEMA_GUARDRAILS } from './own-schema-guardrails';

const GUARDRAILS: readonly Guardrail[] = [
  ...OWN_SCHEMA_GUARDRAILS,
  {
    sql: `select gid as what from pg_prepared_xacts where database = current_database()`,
    reason: ({ what }) =>
      `prepared transaction "${what}" survives the end of its session and could write after the freeze; commit or roll it back`,
  },
  {
    sql: `select s.subname as what from pg_subscription s join pg_database d on d.oid = s.subdbid
           where d.datname = current_database() and s.subenabled`,
    reason: ({ what }) =>
      `subscription "${what}" writes to blue and is not stopped by the freeze, and green would subscribe a second time; ALTER SUBSCRIPTION … DISABLE for the time of the run`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind = 'r' and c.relpersistence = 'u'`,
    reason: ({ what }) => `unlogged table ${what} would be empty on green; ALTER TABLE ${what} SET LOGGED, or drop it`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not (has_table_privilege(c.oid, 'TRIGGER') and has_schema_privilege(n.oid, 'USAGE'))`,
    reason: ({ what }) =>
      `the run's user may not fence table ${what}; GRANT TRIGGER ON ${what} TO the run's user, and USAGE on its schema`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't'
             and not has_table_privilege(c.oid, 'SELECT')`,
    reason: ({ what }) =>
      `the run's user may not read table ${what}, so it cannot be compared; GRANT SELECT ON ${what} TO the run's user`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind in ('r', 'p') and row_security_active(c.oid)`,
    reason: ({ what }) =>
      `row security hides rows of table ${what} from the run's user, so they cannot be compared; let the run's user own the table, without FORCE ROW LEVEL SECURITY, or have BYPASSRLS`,
  },
  {
    sql: `select role as what from unnest('{pg_signal_backend,pg_read_all_stats}'::name[]) role
           where not pg_has_role(role, 'USAGE')`,
    reason: ({ what }) =>
      `the run's user is no member of ${what} and cannot end the application's sessions; GRANT ${what} TO the run's user (RDS's master user has it)`,
  },
  {
    sql: `select pg_get_userbyid(datdba) as what from pg_database
           where datname = current_database() and not pg_has_role(datdba, 'USAGE')`,
    reason: ({ what }) =>
      `the run's user does not own the database, which ALTER DATABASE demands; make it a member of "${what}"`,
  },
];

export async function guardrails(session: Session, mentioned: MentionedDatabases): Promise<string[]> {
  const reasons = await violations(session, GUARDRAILS);
  if (await readOnlyByDefault(session)) {
    reasons.push(
      'the database is read-only by default already; whoever set that must end it: ALTER DATABASE … RESET default_transaction_read_only',
    );
  }
  return [...reasons, ...(await otherDatabases(session, mentioned))];
}
