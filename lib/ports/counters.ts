/** Counters: what values of keys are drawn from. What one side has handed out, the other one does not hand out again. */

/** What can be done nevertheless on a side that refuses writes, until the sessions of its clients are gone. */
export interface Found {
  /** As {@link Publishing.drift}. */
  readonly drifted: readonly string[];
  /** Tables a write could get past, in words. */
  readonly fenceGaps: readonly string[];
}

/**
 * The counters of one database, carried from the side that serves to the one that is to, in the order of the methods. It is
 * made for one move, and knows where counters stood when they were carried last.
 */
export interface Counters {
  /** Why the other side could hand out what this one has used, or has none left; each with its remedy. */
  whyNotCarried(): Promise<readonly string[]>;
  /**
   * What takes the longer the more there are, done before anybody has to wait for it. Leaves values between those of both
   * sides: clients go on taking some on this one, and once they are led there on the other one.
   */
  carryAll(): Promise<void>;
  /**
   * Looks at everything that can be done on the side that is given up. It takes the longer the more tables and counters there
   * are; what else is asked meanwhile does not wait behind it.
   */
  look(): Promise<Found>;
  /** Carries those that the last look found to be in use. */
  carryUsed(): Promise<void>;
  /** Reads where those stand, as soon as nobody writes. */
  readUsed(): Promise<void>;
  /** Carries once more what {@link readUsed} read, now that everything has arrived, if that is needed. */
  carryLast(): Promise<void>;
  /** Carries all behind columns that are other ones than before. @returns why they cannot be: nothing is carried then */
  carryAnew(): Promise<readonly string[]>;
  /**
   * Looks once more, when the sessions of clients are gone: at everything only where anything was written since the last look.
   *
   * @returns also from which counters more was taken than was left between, in words
   */
  lookAgain(): Promise<Found & { readonly overdrawn: readonly string[] }>;
  /** Carries all exactly, where nobody has taken any since the freeze. */
  carryFrozen(): Promise<void>;
  /** Whoever was led to the other side may have taken values there: this one goes on behind them. As long as it can be asked. */
  carryBack(): Promise<void>;
}
