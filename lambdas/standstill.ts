/** What could still be done on the side that is given up until the sessions of its clients were ended: looked for while others are waited for. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { KnownSequences, LookedAtAll } from '../lib/ports/standstill';
import { beyondReserve } from './carried-sequences';
import type { Passage } from './passages';

/** A transaction that is older would be ended in the middle of its work. */
export const LONG_TRANSACTION_SECONDS = 10;

/** @throws when the application must stay where tables were changed so, in words */
export type JudgeDrift = (drifted: readonly string[], database: string) => void;

export async function lookAtAll(
  { name, from }: Passage,
  judgeDrift: JudgeDrift,
  known: KnownSequences,
): Promise<LookedAtAll> {
  const looked = await from.lookAtAll(known);
  judgeDrift(looked.drifted, name);
  if (looked.fenceGaps.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(looked.fenceGaps.join('; ')) });
  }
  return looked;
}

/**
 * Once the sessions of clients are gone. Where nothing was written meanwhile, only sequences in use are looked at again: of
 * others, less than what was left between can have been taken.
 *
 * @param known where the sequences of `from` stood when those of `to` were carried last
 * @param looked what was found after the freeze
 */
export async function lookAgain(
  passage: Passage,
  judgeDrift: JudgeDrift,
  { standing, busy }: KnownSequences,
  { moved, standstill }: LookedAtAll,
): Promise<void> {
  const { name, from } = passage;
  const [isStill, ofBusy, open] = await Promise.all([
    standstill !== undefined && from.isUnwrittenSince(standstill),
    from.sequences([...new Set([...busy, ...moved.map(({ oid }) => oid)])]),
    from.longTransactions(LONG_TRANSACTION_SECONDS),
  ]);
  const now = isStill ? ofBusy : (await lookAtAll(passage, judgeDrift, { standing, busy: [] })).moved;
  const found = [...beyondReserve(standing, now), ...open];
  if (found.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(found.join('; ')) });
  }
}
