/** Who was in the middle of writing when the fence was closed: nobody else gets past it any more. */
import { TemporarilyUnavailable } from '../../../core/errors';
import type { Session } from '../session/session';
import { endingClientSessions } from './client-sessions';
import { OURS } from './fence';

/** They get so long to finish, and then are ended. */
const GRACE_MS = 10;
/** Those that cannot be ended are waited for no longer than this. */
const PATIENCE_MS = 5_000;

/** A transaction that may have written to a table. */
export interface Writer {
  readonly transaction: string;
  /** None for a prepared transaction. */
  readonly pid: number | null;
  readonly table: string;
}

/**
 * Whoever writes holds one of these locks until its transaction ends. Who gets the first one after the fence was closed
 * learns of that with it, and is refused: when those are gone that held one just after it, nothing can be written any more.
 */
export const WRITERS = `
  select l.virtualtransaction as transaction, l.pid, c.oid::regclass::text as "table"
    from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
   where l.locktype = 'relation' and l.granted and l.pid is distinct from pg_backend_pid()
     and l.database = (select oid from pg_database where datname = current_database())
     and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
     and c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${OURS}
     and not exists (select from pg_stat_activity a where a.pid = l.pid
                        and a.backend_type in ('autovacuum worker', 'logical replication worker', 'logical replication apply worker',
                                               'logical replication parallel worker'))`;

/** Whether those that are given are gone: `$2` are their transactions. */
export const WRITERS_GONE = `not exists (select from (${WRITERS}) w where w.transaction = any ($2::text[]))`;

/**
 * Waits for those that are given.
 *
 * @param seal done in one message with looking at who writes, until it is true; it is {@link WRITERS_GONE} that it has to look at
 * @returns false when they are gone, and yet it is not
 * @throws TemporarilyUnavailable when one of them neither ends nor can be ended
 */
export async function untilDone(
  session: Session,
  writers: readonly Writer[],
  seal: (transactions: readonly string[]) => Promise<boolean>,
): Promise<boolean> {
  const transactions = writers.map(({ transaction }) => transaction);
  const began = performance.now();
  let ended = false;
  for (;;) {
    const [now, sealed] = await Promise.all([session.planned<Writer>(WRITERS), seal(transactions)]);
    const rest = now.filter(({ transaction }) => transactions.includes(transaction));
    if (sealed || rest.length === 0) {
      return sealed;
    }
    const waitedMs = performance.now() - began;
    if (rest[0] && waitedMs > PATIENCE_MS) {
      const { pid, table } = rest[0];
      throw new TemporarilyUnavailable('a moment without writers', {
        cause: new Error(`${pid === null ? 'a prepared transaction' : `process ${pid}`} still writes to ${table}`),
      });
    }
    if (waitedMs > GRACE_MS && !ended) {
      ended = true;
      await session.query(`${endingClientSessions()} and a.pid = any ($1::int[])`, [rest.map(({ pid }) => pid)]);
    }
  }
}
