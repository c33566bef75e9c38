/** Rows that changed since the verdict's moment: by which columns they are named, and when one that differs is proved to differ. */
import { type ReplicatedTable, sentKey } from '../replication/replicated-table';

/**
 * The columns by which both sides name a row that changed; none where they do not name it alike, so that all that can be
 * told is that the table changed.
 *
 * @param key what identifies a row of a table that names its rows by all their columns
 */
export function namingKey(
  blue: ReplicatedTable | undefined,
  green: ReplicatedTable | undefined,
  key: readonly string[],
): readonly string[] {
  if (!blue || !green) {
    return [];
  }
  const [ofBlue, ofGreen] = [blue, green].map((table) => (table.identity === 'full' ? key : sentKey(table)));
  const alike = ofBlue?.length === ofGreen?.length && ofBlue?.every((name) => ofGreen?.includes(name));
  return alike ? (ofBlue ?? []) : [];
}

export interface Sifted {
  /** Rows that did not change again since they were seen to differ: nothing that is on its way will make them equal. */
  readonly different: readonly string[];
  /** Rows to be compared now. */
  readonly look: readonly string[];
}

/**
 * Both sides go on changing while they are compared, so a row that differs may only be on its way. It is not once a later
 * look at what changed, begun after the comparison, does not name it again.
 *
 * @param suspects rows that differed when they were last compared
 * @param changed rows that changed since then
 * @param complete whether these are all that changed until after that comparison
 */
export function sift(suspects: Iterable<string>, changed: ReadonlySet<string>, complete: boolean): Sifted {
  const suspected = new Set(suspects);
  return {
    different: complete ? [...suspected].filter((row) => !changed.has(row)) : [],
    look: [...new Set([...suspected, ...changed])],
  };
}
