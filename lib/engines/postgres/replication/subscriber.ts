/** The side that follows: its subscription, where it begins, and how it fares. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { SubscriptionState } from '../../../ports/replication';
import type { Session } from '../session/session';

/** How the other side is reached from this one. */
export interface Publisher {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly sslmode: 'require' | 'disable';
}

/**
 * How this product's SQL runs what RDS lets members of `rds_superuser` do: as it is, or through a function where a server
 * is not RDS and knows no such members.
 */
export type ExecuteAs = string | undefined;

/** Nothing is copied: the rows are there. One transaction after the other, in the order of commits. What fails is tried again, so that a restart of the other side needs nobody. */
const OPTIONS = 'copy_data = false, create_slot = false, enabled = false, streaming = off';

/** The password goes to the server as a parameter, so that a log of statements does not hold it. */
export async function subscribe(
  session: Session,
  channel: string,
  publisher: Publisher,
  executeAs: ExecuteAs,
): Promise<void> {
  if (await subscriptionState(session, channel)) {
    return;
  }
  await runWith(session, executeAs, {
    statement: `format('create subscription %1$I connection %2$L publication %1$I with (slot_name = %1$I, ${OPTIONS})', current_setting('bluegreen.channel'), current_setting('bluegreen.publisher'))`,
    settings: { 'bluegreen.channel': channel, 'bluegreen.publisher': conninfo(publisher, channel) },
  });
}

/** Sets where the subscription begins, the first time: afterwards it stands somewhere later. */
export async function beginAt(session: Session, channel: string, position: string): Promise<void> {
  const [record] = await session.query<{ begun: boolean }>('select begun from bluegreen.run');
  if (record?.begun) {
    return;
  }
  await passOver(session, channel, position);
  await session.query('update bluegreen.run set begun = true');
}

/** Sets where the subscription, which is not enabled, goes on. The next commit makes it outlive a crash. */
export async function passOver(session: Session, channel: string, position: string): Promise<void> {
  await session.query(
    `select pg_replication_origin_advance('pg_' || oid, $2::pg_lsn) from pg_subscription where subname = $1`,
    [channel, position],
  );
}

/** Makes it follow, with the credentials of now. */
export async function enable(
  session: Session,
  channel: string,
  publisher: Publisher,
  executeAs: ExecuteAs,
): Promise<void> {
  const settings = { 'bluegreen.channel': channel, 'bluegreen.publisher': conninfo(publisher, channel) };
  await runWith(session, executeAs, {
    statement: `format('alter subscription %I connection %L', current_setting('bluegreen.channel'), current_setting('bluegreen.publisher'))`,
    settings,
  });
  await runWith(session, executeAs, {
    statement: `format('alter subscription %I enable', current_setting('bluegreen.channel'))`,
    settings,
  });
}

/** From the commit on no further transaction is applied; one that is being applied is finished. */
export async function disable(session: Session, channel: string, executeAs: ExecuteAs): Promise<void> {
  // in a switchover writers wait for it
  const statement = `alter subscription ${escapeIdentifier(channel)} disable`;
  await session.command(executeAs === undefined ? statement : `select ${executeAs}(${escapeLiteral(statement)})`);
}

/** Removes the subscription; the slot on the other side is the other side's business. */
export async function unsubscribe(session: Session, channel: string, executeAs: ExecuteAs): Promise<void> {
  if (!(await subscriptionState(session, channel))) {
    return;
  }
  await disable(session, channel, executeAs);
  for (const statement of ['alter subscription %I set (slot_name = none)', 'drop subscription %I']) {
    await runWith(session, executeAs, {
      statement: `format('${statement}', current_setting('bluegreen.channel'))`,
      settings: { 'bluegreen.channel': channel },
    });
  }
}

interface SubscriptionRow {
  enabled: boolean;
  working: boolean;
  errors: string;
  counted: Readonly<Record<string, number>>;
  at: Date;
}

/**
 * Of the counters a server keeps since PostgreSQL 18 those that say that a row was not there, or another one was. Where a
 * row was written last by somebody else, nothing is lost that the comparison of changed rows would not find.
 *
 * Source: PostgreSQL manual, "The Cumulative Statistics System", pg_stat_subscription_stats, and "Logical Replication: Conflicts".
 */
const CONFLICTS: Readonly<Record<string, string>> = {
  confl_insert_exists: 'a row to be inserted was there already',
  confl_update_exists: 'an updated row would have had the key of another one',
  confl_update_missing: 'a row to be updated was not there',
  confl_delete_missing: 'a row to be deleted was not there',
  confl_multiple_unique_conflicts: 'a row had several keys of others',
};

export async function subscriptionState(session: Session, channel: string): Promise<SubscriptionState | undefined> {
  const [row] = await session.query<SubscriptionRow>(
    `select s.subenabled as enabled,
            exists (select from pg_stat_subscription w where w.subid = s.oid and w.pid is not null) as working,
            coalesce((select apply_error_count + sync_error_count from pg_stat_subscription_stats e where e.subid = s.oid), 0)::text as errors,
            coalesce((select to_jsonb(e) from pg_stat_subscription_stats e where e.subid = s.oid), '{}') as counted,
            clock_timestamp() as at
       from pg_subscription s join pg_database d on d.oid = s.subdbid
      where s.subname = $1 and d.datname = current_database()`,
    [channel],
  );
  return (
    row && {
      enabled: row.enabled,
      working: row.working,
      errors: Number(row.errors),
      conflicts: conflicts(row),
      at: row.at,
    }
  );
}

function conflicts({ counted }: SubscriptionRow): string[] {
  return Object.entries(CONFLICTS)
    .filter(([counter]) => Number(counted[counter] ?? 0) > 0)
    .map(([counter, what]) => `${what} (${counted[counter]} times)`);
}

interface Statement {
  /** An expression of SQL that gives the statement. */
  readonly statement: string;
  readonly settings: Readonly<Record<string, string>>;
}

async function runWith(session: Session, executeAs: ExecuteAs, { statement, settings }: Statement): Promise<void> {
  const execute = executeAs === undefined ? `execute ${statement}` : `perform ${executeAs}(${statement})`;
  await session.transaction(async () => {
    for (const [name, value] of Object.entries(settings)) {
      await session.query('select set_config($1, $2, true)', [name, value]);
    }
    // an error of the statement would come with its text, and so with the password, into the server's log
    await session.query(
      `do $subscription$ begin ${execute};
       exception when others then raise exception using errcode = sqlstate, message = sqlerrm; end $subscription$`,
    );
  });
}

function conninfo({ host, port, database, username, password, sslmode }: Publisher, channel: string): string {
  const parts = {
    host,
    port: String(port),
    dbname: database,
    user: username,
    password,
    sslmode,
    application_name: channel,
    connect_timeout: '10',
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ');
}
