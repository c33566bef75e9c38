/** The ledger's chain of hashes: it says in which order the changes were applied, and shows a history that was rewritten. */
import { chainHash, type LedgerEntry } from './changes';
import { LedgerBroken } from './errors';

/**
 * The entries in the order in which they were applied. The chain alone decides it: clocks are set back, and two entries can
 * have the same time.
 *
 * @throws LedgerBroken when an entry does not follow from those before it
 */
export function inOrderOfApplication(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const ordered: LedgerEntry[] = [];
  const rest = [...entries];
  while (rest.length > 0) {
    const next = rest.findIndex((entry) => follows(entry, ordered.at(-1)));
    if (next < 0) {
      throw broken(rest, ordered.at(-1));
    }
    ordered.push(...rest.splice(next, 1));
  }
  return ordered;
}

function follows(entry: LedgerEntry, previous: LedgerEntry | undefined): boolean {
  return entry.chain === chainHash(previous, entry);
}

/** Of the entries that are left, most follow from another one that is left; the one that follows from none was tampered with. */
function broken(rest: readonly LedgerEntry[], previous: LedgerEntry | undefined): LedgerBroken {
  const entry = rest.find((one) => !rest.some((other) => follows(one, other))) ?? (rest[0] as LedgerEntry);
  return new LedgerBroken(entry, chainHash(previous, entry), previous?.file);
}
