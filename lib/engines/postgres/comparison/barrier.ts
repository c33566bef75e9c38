/**
 * The barrier: a snapshot of each side that sees the same committed transactions, while both go on.
 *
 * On the side that is followed the tables are locked against writers just long enough to take a snapshot and to commit a
 * marker. On the other side the apply worker waits exactly at that marker until a snapshot is taken there, too.
 */
import { TemporarilyUnavailable } from '../../../core/errors';
import { HOLD_KEY, writeMarker } from '../replication/marker';
import { Session, type SessionOptions } from '../session/session';
import type { SnapshotKeeper } from './kept-snapshot';
import { withoutWriters } from './writers-lock';

/** How long the marker may take to get there. */
const ARRIVAL_PATIENCE_MS = 20_000;

/** For no longer, or the worker would wait for a client that is gone. */
const HOLD = `select set_config('idle_session_timeout', '${ARRIVAL_PATIENCE_MS}ms', false), pg_advisory_lock(${HOLD_KEY})`;

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
  const [locker, hold] = [new Session(followed), new Session(follower)];
  try {
    await Promise.all([keepers.followed.begin(), keepers.follower.begin(), hold.connected()]);
    const { result, waitedMs } = await withoutWriters(locker, lockTimeoutMs, async () => {
      const [taken] = await Promise.all([keepers.followed.take(), hold.query(HOLD)]);
      await writeMarker(locker);
      return taken;
    });
    await untilHeld(hold);
    return { followed: result, fenceMs: waitedMs, follower: await keepers.follower.take() };
  } finally {
    await Promise.all([locker.close(), hold.close()]); // lets the apply worker go on
  }
}

/** Where nobody writes on either side, every moment is a common one. */
export async function quietMoment(keepers: Sides): Promise<Taken> {
  await Promise.all([keepers.followed.begin(), keepers.follower.begin()]);
  const [followed, follower] = await Promise.all([keepers.followed.take(), keepers.follower.take()]);
  return { followed, follower, fenceMs: 0 };
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
