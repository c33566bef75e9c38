/** The ledger: which changes the database has, in a table that travels with it. */
import type { LedgerEntry } from '../../../core/changes';
import { claimSchema, isThere, makeTable } from '../run-record/own-schema';
import type { Session } from '../session/session';

export async function readLedger(session: Session): Promise<LedgerEntry[]> {
  return (await isThere(session, 'change'))
    ? session.query<LedgerEntry>(
        'select number::float8 as number, file, sha256, chain from bluegreen.change order by applied_at, number',
      )
    : [];
}

export async function makeLedger(session: Session): Promise<void> {
  await claimSchema(session);
  await makeTable(
    session,
    'change',
    `number bigint primary key, file text not null, sha256 text not null, chain text not null,
    run_id text not null, applied_at timestamptz not null default clock_timestamp()`,
  );
}
