/** Judges the writes of all generations against what the database holds. */
import { generationsIn, readJournal } from './journal';
import { KeyLedger } from './key-ledger';
import type { SessionOptions } from './session';
import { readStoredKeys } from './stored-keys';
import type { ProberCounts } from './write-history';

/** `lost`, `duplicated` and `unexpected` are numbers of writes; the …Keys name the first ten of them. */
export interface WriteVerdict extends ProberCounts {
  /** Acknowledged but not stored. */
  lost: number;
  lostKeys: string[];
  /** Stored more than once. */
  duplicated: number;
  duplicatedKeys: string[];
  /** Stored although the server had answered with an error. */
  unexpected: number;
  unexpectedKeys: string[];
}

export interface StoredWrites {
  session: SessionOptions;
  read: string;
}

/** Writers may go on meanwhile: the journal is read before the database, so it asks for nothing that came later. */
export async function verifyWrites(
  stateFolder: string,
  { session, read }: StoredWrites,
  counts: () => ProberCounts,
): Promise<WriteVerdict> {
  const ledger = new KeyLedger();
  for (const generation of generationsIn(stateFolder)) {
    for await (const batch of readJournal(stateFolder, generation)) {
      for (const entry of batch) ledger.recordOutcome(entry);
    }
  }
  await readStoredKeys(session, read, (key) => ledger.recordStored(key));
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
