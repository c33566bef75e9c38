/** What could still be done on the side that is given up until the sessions of its clients were ended: looked for while others are waited for. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { SequenceValue } from '../lib/ports/sequence-value';
import type { LookedAtAll, Sought } from '../lib/ports/standstill';
import { beyondReserve } from './carried-sequences';
import type { Passage } from './passages';

/** A transaction that is older would be ended in the middle of its work. */
export const LONG_TRANSACTION_SECONDS = 10;

/** @throws when the application must stay where tables were changed so, in words */
export type JudgeDrift = (drifted: readonly string[], database: string) => void;

export async function lookAtAll({ name, from }: Passage, judgeDrift: JudgeDrift, sought: Sought): Promise<LookedAtAll> {
  const looked = await from.lookAtAll(sought);
  judgeDrift(looked.drifted, name);
  if (looked.fenceGaps.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(looked.fenceGaps.join('; ')) });
  }
  return looked;
}

/** What was found of `from` after the freeze, and which of its sequences are in use. */
export interface Found extends Pick<LookedAtAll, 'moved' | 'standstill'> {
  readonly busy: readonly string[];
}

/**
 * Once the sessions of clients are gone. Where nothing was written meanwhile, only sequences in use are looked at again: of
 * others, less than what was left between can have been taken.
 *
 * @param handedOut where the sequences of `from` stood when those of `to` were carried last
 */
export async function lookAgain(
  passage: Passage,
  judgeDrift: JudgeDrift,
  handedOut: readonly SequenceValue[],
  { moved, busy, standstill }: Found,
): Promise<void> {
  const { name, from } = passage;
  const [isStill, inUse, open] = await Promise.all([
    standstill !== undefined && from.isUnwrittenSince(standstill),
    from.sequences([...new Set([...busy, ...moved.map(({ oid }) => oid)])]),
    from.longTransactions(LONG_TRANSACTION_SECONDS),
  ]);
  const now = isStill ? inUse : (await lookAtAll(passage, judgeDrift, { movedSince: handedOut, inUse: [] })).moved;
  const found = [...beyondReserve(handedOut, now), ...open];
  if (found.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(found.join('; ')) });
  }
}
