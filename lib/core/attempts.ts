/** Counts the attempts to move the application, also those whose invocation did not live to tell. */
import type { Memo } from './progress';

/** What is to be remembered of the attempts so far. */
export type Attempts = Memo & { readonly attempts: number; readonly freezes: number };

/**
 * One more attempt, or as many as there were: each freeze is one, and so is what ended before it came to that.
 *
 * @param freezes how often the serving side was frozen in this run, as its own record says
 */
export function countAttempt(memo: Memo, freezes: number): Attempts {
  const { attempts } = memo;
  return { attempts: Number(attempts ?? 0) + Math.max(1, frozenSince(memo, freezes)), freezes };
}

/** Whether the serving side was frozen by an attempt that nobody has counted. */
export function isUncounted(memo: Memo, freezes: number): boolean {
  return frozenSince(memo, freezes) > 0;
}

function frozenSince({ freezes: counted }: Memo, freezes: number): number {
  return freezes - Number(counted ?? 0);
}
