/** What could still be done on the side that is given up until the sessions of its clients were ended: looked for while others are waited for. */
import { TemporarilyUnavailable } from '../../lib/core/errors';
import type { Found } from '../../lib/ports/counters';
import type { Passage } from './passages';

/** A transaction that is older would be ended in the middle of its work. */
export const LONG_TRANSACTION_SECONDS = 10;

/** @throws when the application must stay where tables were changed so, in words */
export type JudgeDrift = (drifted: readonly string[], database: string) => void;

export async function lookAtAll({ name, counters }: Passage, judgeDrift: JudgeDrift): Promise<void> {
  judge(name, await counters.look(), judgeDrift);
}

/** Once the sessions of clients are gone. */
export async function lookAgain({ name, from, counters }: Passage, judgeDrift: JudgeDrift): Promise<void> {
  const [found, open] = await Promise.all([counters.lookAgain(), from.longTransactions(LONG_TRANSACTION_SECONDS)]);
  judge(name, found, judgeDrift);
  refuse(name, [...found.overdrawn, ...open]);
}

function judge(name: string, { drifted, fenceGaps }: Found, judgeDrift: JudgeDrift): void {
  judgeDrift(drifted, name); // first, so that a changed table is not taken for something that passes
  refuse(name, fenceGaps);
}

function refuse(name: string, reasons: readonly string[]): void {
  if (reasons.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(reasons.join('; ')) });
  }
}
