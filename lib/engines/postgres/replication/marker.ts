/** The marker: one published row whose new token, once it is seen on the other side, proves that everything before it is there. */
import { randomBytes } from 'node:crypto';
import { TemporarilyUnavailable } from '../../../core/errors';
import type { Marker } from '../../../ports/replication';
import { makeTable, markFunction } from '../run-record/own-schema';
import type { Session } from '../session/session';

/** Held by whoever wants the apply worker to stop exactly at the next marker. */
export const HOLD_KEY = `hashtext('bluegreen.marker')`;

const POLL_SECONDS = 0.001;

export async function createMarker(session: Session): Promise<void> {
  await makeTable(
    session,
    'marker',
    `singleton boolean primary key default true check (singleton), token text not null, at timestamptz not null default clock_timestamp()`,
  );
  await session.query(`insert into bluegreen.marker (token) values ('') on conflict do nothing`);
}

/**
 * Green only: lets the apply worker wait at a marker while somebody holds the key; ALWAYS, because the worker is a replica
 * session, and without a timeout, because it has the settings of the run's user.
 */
export async function createHold(session: Session): Promise<void> {
  await session.query(`
    create or replace function bluegreen.hold_at_marker() returns trigger language plpgsql set lock_timeout = 0 as
      'begin perform pg_advisory_xact_lock(${HOLD_KEY.replaceAll("'", "''")}); return new; end';
    ${markFunction('hold_at_marker')}`);
  await session.query(`
    create or replace trigger bluegreen_hold before update on bluegreen.marker for each row execute function bluegreen.hold_at_marker()`);
  await session.query('alter table bluegreen.marker enable always trigger bluegreen_hold');
}

const MARK = 'update bluegreen.marker set token = $1, at = clock_timestamp()';

/** Behind the last write before freeze `$2`, since nobody writes any more. */
export const MARK_ONCE_FENCED = `${MARK} where exists (select from bluegreen.run where fenced and freeze_id = $2)`;

export function markerToken(): string {
  return randomBytes(12).toString('base64url');
}

export async function writeMarker(session: Session): Promise<Marker> {
  const token = markerToken();
  const [row] = await session.planned<{ at: Date }>(`${MARK} returning at`, [token]);
  if (!row) {
    throw new TemporarilyUnavailable('the marker', { cause: new Error('bluegreen.marker is empty') });
  }
  return { token, at: row.at };
}

/**
 * Resolves when the marker, and so everything committed before it, has been applied here.
 *
 * @returns false when it was not there after `patienceMs`
 */
export async function markerArrives(session: Session, token: string, patienceMs: number): Promise<boolean> {
  const began = performance.now();
  for (;;) {
    const [marker] = await session.planned<{ there: boolean }>(
      `select token = $1 as there, pg_sleep(case when token = $1 then 0 else ${POLL_SECONDS} end) from bluegreen.marker`,
      [token],
    );
    if (marker?.there) {
      return true;
    }
    if (performance.now() - began > patienceMs) {
      return false;
    }
  }
}

/** When the newest marker that arrived was written, on the clock of the side that is followed. */
export async function markerAt(session: Session): Promise<Date> {
  const [marker] = await session.query<{ at: Date }>('select at from bluegreen.marker');
  if (!marker) {
    throw new TemporarilyUnavailable('the marker', { cause: new Error('bluegreen.marker is empty') });
  }
  return marker.at;
}
