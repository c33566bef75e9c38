/** Judges the operations of all generations against what the database holds. */
import { generationsIn, JournalReader } from './journal';
import { KeyLedger } from './key-ledger';
import type { SessionOptions } from './session';
import { readStoredKeys } from './stored-keys';
import type { Workload } from './workload';
import type { ProberCounts } from './write-history';

/** `lost`, `duplicated` and `unexpected` are numbers of writes; the …Keys name the first ten of them. */
export interface WriteVerdict extends ProberCounts {
  /**
   * Acknowledged but not what is stored. The name says in parentheses what, unless the whole write is gone: `update`
   * (another value is stored), `value` (the same of a write never updated), `delete` (the row is back), `incomplete`,
   * `missing when it was to be changed`.
   */
  lost: number;
  lostKeys: string[];
  /** Stored more than once. */
  duplicated: number;
  duplicatedKeys: string[];
  /** Stored although the server had answered with an error; `update` in parentheses says that its value is. */
  unexpected: number;
  unexpectedKeys: string[];
}

export interface StoredWrites {
  session: SessionOptions;
  workload: Workload;
}

/**
 * Writers may go on meanwhile: the journal is read before the database, so it asks for nothing that came later, and
 * again after it, so that rows which were changed in between are not judged.
 */
export async function verifyWrites(
  stateFolder: string,
  { session, workload }: StoredWrites,
  counts: () => ProberCounts,
): Promise<WriteVerdict> {
  const ledger = new KeyLedger();
  const journals = generationsIn(stateFolder).map((generation) => new JournalReader(stateFolder, generation));
  for (const journal of journals) {
    for await (const batch of journal.read()) for (const entry of batch) ledger.recordOutcome(entry);
  }
  ledger.endJournal();
  await readStoredKeys(session, workload, (stored) => ledger.recordStored(stored));
  for (const journal of journals) {
    for await (const batch of journal.read()) {
      for (const entry of batch) if ('key' in entry && entry.key !== undefined) ledger.excuse(entry.key);
    }
  }
  const { lost, duplicated, unexpected } = ledger.compare();
  return {
    ...counts(),
    lost: lost.count,
    lostKeys: lost.first,
    duplicated: duplicated.count,
    duplicatedKeys: duplicated.first,
    unexpected: unexpected.count,
    unexpectedKeys: unexpected.first,
  };
}
