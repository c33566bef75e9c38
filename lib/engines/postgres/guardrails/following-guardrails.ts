/** What must hold on a PostgreSQL server so that one of its databases can be followed, and follow back; every violation comes with its remedy. */
import { CHANNEL_NAMES } from '../../../core/identifiers';
import { rdsToolsRefusals } from '../replication/rds-tools';
import { OWN_TRIGGER } from '../run-record/own-schema';
import type { Session } from '../session/session';
import { openTransactions, preparedTransactions } from '../write-gate/long-transactions';
import { type Guardrail, PUBLISHED_TABLES, TABLES, violations } from './guardrail';
import { replicaIdentities } from './replica-identities';
import { replicationCapacity } from './replication-capacity';
import { SELF_WRITING_SOFTWARE } from './self-writing-software';

export { longTransactions } from '../write-gate/long-transactions';

export interface FollowingNeeds {
  /** Number of databases that are followed. */
  readonly databases: number;
  readonly maxWalKeptMiB: number;
  /** From when on a transaction is long. @default 300 */
  readonly longTransactionSeconds?: number;
}

const GUARDRAILS: readonly Guardrail[] = [
  {
    sql: `select current_setting('server_version') as what where current_setting('server_version_num')::int < 150000`,
    reason: ({ what }) =>
      `the server is PostgreSQL ${what}, and the way back needs column lists, which came with 15; upgrade it first, or use sync "freeze"`,
  },
  {
    sql: `select setting as what from pg_settings where name = 'wal_level' and setting <> 'logical'`,
    reason: ({ what }) =>
      `wal_level is "${what}", and green can follow only with "logical"; set rds.logical_replication to 1 in the instance's parameter group and reboot it`,
  },
  {
    sql: `select setting as what from pg_settings where name = 'idle_replication_slot_timeout' and setting <> '0'`,
    reason: ({ what }) =>
      `idle_replication_slot_timeout is ${what}, and the slot is idle while green is being made; set it to 0`,
  },
  {
    sql: `select slot_name as what, database from pg_replication_slots where slot_type = 'logical' and slot_name !~ $1`,
    values: [CHANNEL_NAMES],
    reason: ({ what, database }) =>
      `logical slot "${what}" of database "${database}" does not move to green, and its consumer would miss what is written there; stop the consumer and SELECT pg_drop_replication_slot('${what}')`,
  },
  {
    sql: 'select count(*)::text as what from pg_largeobject_metadata having count(*) > 0',
    reason: ({ what }) =>
      `the database has ${what} large objects, which are not replicated; move them to bytea columns and remove them with lo_unlink, or use sync "freeze"`,
  },
  {
    // publishing, and from 16 on applying, is done as the tables' owner
    sql: `select pg_get_userbyid(owner) as owner, tables, case when version >= 160000 then ' WITH INHERIT TRUE, SET TRUE' else '' end as options
            from (select c.relowner as owner, string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text) as tables,
                         current_setting('server_version_num')::int as version
                    from ${PUBLISHED_TABLES} group by c.relowner) t
           where not (pg_has_role(owner, 'USAGE') and case when version >= 160000 then pg_has_role(owner, 'SET') else true end)
           order by 1`,
    reason: ({ owner, tables, options }) =>
      `the run's user may not publish tables of "${owner}" (${tables}); GRANT "${owner}" TO the run's user${options}`,
  },
  {
    sql: `select c.oid::regclass::text as what from ${TABLES} and c.relkind = 'S' and c.relpersistence <> 't'
             and not (has_schema_privilege(n.oid, 'USAGE') and has_sequence_privilege(c.oid, 'SELECT') and has_sequence_privilege(c.oid, 'UPDATE'))`,
    reason: ({ what }) =>
      `the run's user may not carry over sequence ${what}; GRANT SELECT, UPDATE ON SEQUENCE ${what} TO the run's user, and USAGE on its schema`,
  },
  {
    sql: `select quote_ident(t.tgname) as what, s."table" from (select c.oid, c.oid::regclass::text as "table" from ${TABLES} and c.relkind in ('r', 'p')) s
            join pg_trigger t on t.tgrelid = s.oid left join pg_trigger parent on parent.oid = t.tgparentid
           where t.tgenabled in ('A', 'R') and not t.tgisinternal and not ${OWN_TRIGGER}
             and coalesce(parent.tgenabled, 'O') not in ('A', 'R')`,
    reason: ({ what, table }) =>
      `trigger ${what} on table ${table} fires for replicated rows, too, so that what it does would be done on both sides and replicated besides; ALTER TABLE ${table} ENABLE TRIGGER ${what}, or disable it`,
  },
  ...SELF_WRITING_SOFTWARE,
];

const walKept = (maxWalKeptMiB: number): Guardrail => ({
  sql: `select setting as what from pg_settings where name = 'max_slot_wal_keep_size' and setting::bigint between 0 and $1::bigint - 1`,
  values: [maxWalKeptMiB],
  reason: ({ what }) =>
    `max_slot_wal_keep_size is ${what} MiB, beyond which blue throws away what green still needs, and the plan allows ${maxWalKeptMiB} MiB (follow.maxWalKeptMiB); set it to -1 in the parameter group, or lower follow.maxWalKeptMiB`,
});

const LONG_TRANSACTION_SECONDS = 300;

export async function followingGuardrails(
  session: Session,
  { databases, maxWalKeptMiB, longTransactionSeconds = LONG_TRANSACTION_SECONDS }: FollowingNeeds,
): Promise<string[]> {
  return [
    ...(await violations(session, [...GUARDRAILS, walKept(maxWalKeptMiB), ...replicationCapacity(databases)])),
    ...(await replicaIdentities(session)),
    ...(await rdsToolsRefusals(session)),
    ...(await whatTheSlotWaitsFor(session, longTransactionSeconds)),
  ];
}

/** Those this database has prepared are named by the guardrails that hold with and without following. */
async function whatTheSlotWaitsFor(session: Session, seconds: number): Promise<string[]> {
  const found = [
    ...(await openTransactions(session, { seconds, ofAll: true })),
    ...(await preparedTransactions(session, 'database <> current_database()')),
  ];
  return found.map(({ what, remedy }) => `the slot can be made only after ${what}; ${remedy}`);
}
