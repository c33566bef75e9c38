/**
 * The barrier: a snapshot of each side that sees the same committed transactions, while both go on.
 *
 * On the side that is followed the tables are locked against writers just long enough to take a snapshot and to commit a
 * marker. On the other side the apply worker waits exactly at that marker until a snapshot is taken there, too.
 */
import { escapeIdentifier } from 'pg';
import { DatabaseRefused, TemporarilyUnavailable } from '../../core/errors';
import type { SnapshotKeeper } from './kept-snapshot';
import { HOLD_KEY, writeMarker } from './marker';
import { Session, type SessionOptions } from './session';

/** How long the marker may take to get there. */
const ARRIVAL_PATIENCE_MS = 20_000;

export interface Sides {
  readonly followed: SnapshotKeeper;
  readonly follower: SnapshotKeeper;
}

export interface Taken {
  /** Names of the exported snapshots. */
  readonly followed: string;
  readonly follower: string;
  /** Milliseconds in which writers had to wait. */
  readonly fenceMs: number;
}

/** @throws TemporarilyUnavailable when the locks cannot be had within `lockTimeoutMs`, or the follower does not get there */
export async function barrier(
  keepers: Sides,
  followed: SessionOptions,
  follower: SessionOptions,
  lockTimeoutMs: number,
): Promise<Taken> {
  const hold = new Session(follower);
  try {
    await Promise.all([keepers.followed.begin(), keepers.follower.begin()]);
    await hold.query(`set idle_session_timeout = '${ARRIVAL_PATIENCE_MS}ms'`); // or the worker would wait for a client that is gone
    await hold.query(`select pg_advisory_lock(${HOLD_KEY})`);
    const marked = await markMoment(followed, keepers.followed, lockTimeoutMs);
    await untilHeld(hold);
    return { ...marked, follower: await keepers.follower.take() };
  } finally {
    await hold.close(); // lets the apply worker go on
  }
}

/** Where nobody writes on either side, every moment is a common one. */
export async function quietMoment(keepers: Sides): Promise<Taken> {
  await Promise.all([keepers.followed.begin(), keepers.follower.begin()]);
  const [followed, follower] = await Promise.all([keepers.followed.take(), keepers.follower.take()]);
  return { followed, follower, fenceMs: 0 };
}

/** A lock no writer waits for comes first: with it autovacuum, which the server ends for it after a second, is out of the way. */
const AUTOVACUUM_PATIENCE_MS = 3_000;
/** Nobody may hold production up whose client is gone. */
const ALONE_MS = 2_000;

/** Writers wait from the second lock to the commit. */
async function markMoment(
  options: SessionOptions,
  keeper: SnapshotKeeper,
  lockTimeoutMs: number,
): Promise<Pick<Taken, 'followed' | 'fenceMs'>> {
  const locker = new Session(options);
  try {
    const tables = await locker.query<{ schema: string; name: string }>(
      'select schema, name from bluegreen.published order by schema, name',
    );
    const { began, followed } = await locker.transaction(async () => {
      const list = tables.map(({ schema, name }) => `only ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
      const lock = async (mode: string, patienceMs: number) => {
        // the first counts for each table, the second for all of them together; the third if we are gone meanwhile
        await locker.query(
          `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $1, true),
                  set_config('idle_in_transaction_session_timeout', '${ALONE_MS}ms', true)`,
          [`${patienceMs}ms`],
        );
        if (list.length > 0) {
          await locker.query(`lock table ${list.join(', ')} in ${mode} mode`).catch(asPassing);
        }
      };
      await lock('share update exclusive', AUTOVACUUM_PATIENCE_MS);
      const began = performance.now();
      await lock('share', lockTimeoutMs);
      const followed = await keeper.take();
      await writeMarker(locker);
      return { began, followed };
    });
    return { followed, fenceMs: performance.now() - began };
  } finally {
    await locker.close();
  }
}

/** SQLSTATE of a statement that took longer than it may. */
const CANCELED = '57014';

function asPassing(error: unknown): never {
  throw error instanceof DatabaseRefused && error.sqlState === CANCELED
    ? new TemporarilyUnavailable('a moment without writers', { cause: error })
    : error;
}

/** The worker waits for the key this session holds. */
async function untilHeld(hold: Session): Promise<void> {
  const began = performance.now();
  for (;;) {
    const [waiting] = await hold.query(
      `select from pg_locks w join pg_locks h using (locktype, database, classid, objid, objsubid) join pg_stat_activity a on a.pid = w.pid
        where w.locktype = 'advisory' and not w.granted and h.granted and h.pid = pg_backend_pid()
          and a.backend_type like 'logical replication%'`,
    );
    if (waiting) {
      return;
    }
    if (performance.now() - began > ARRIVAL_PATIENCE_MS) {
      throw new TemporarilyUnavailable('a common moment of both sides', {
        cause: new Error(`the marker did not arrive within ${ARRIVAL_PATIENCE_MS / 1000} s`),
      });
    }
    await hold.query('select pg_sleep(0.002)');
  }
}
