/** The Counters port on PostgreSQL: sequences, and the columns that take their values from them. */

import type { Counters, Found } from '../../../ports/counters';
import type { ReplicatedTable } from '../replication/replicated-table';
import { areAhead, overdrawn, standingNow } from './carried-sequences';
import { type ColumnExtreme, type Feeding, type Feeds, feedingOf, unmatched } from './feeding';
import { endingTooSoon, targetsOf } from './sequence-targets';
import type { KnownSequences, SequenceTarget, SequenceValue } from './sequence-value';

/** The sequences of one side. */
export interface SequencesOfSide {
  /** Which columns take their values from which sequences. */
  feeds(): Promise<Feeds>;
  replicatedTables(): Promise<readonly ReplicatedTable[]>;
  /** Where they stand. @param among oids of those that are of interest; all when it is absent */
  sequences(among?: readonly string[]): Promise<readonly SequenceValue[]>;
  /**
   * Moves every sequence that is behind its target up to it, and behind what a column of this side holds; never backwards.
   * A sequence may have several targets.
   */
  advanceSequences(targets: readonly SequenceTarget[], extremes: readonly ColumnExtreme[]): Promise<void>;
}

/** What was found on the side that is given up. */
export interface LookedAtAll extends Found {
  /** The other sequences that do not stand where they did, and where they stand now. */
  readonly moved: readonly SequenceValue[];
  /** What {@link SideGivenUp.isUnwrittenSince} is to be asked; undefined when something was being written, or may be without leaving a trace. */
  readonly standstill: string | undefined;
}

export interface SideGivenUp extends SequencesOfSide {
  lookAtAll(known: KnownSequences): Promise<LookedAtAll>;
  /**
   * Whether nothing was written in any database of the server: then no table was made or changed, and of no sequence more than
   * the least {@link SequenceValue.reserve} was taken.
   */
  isUnwrittenSince(standstill: string): Promise<boolean>;
}

/** What goes on behind what when the application moves: worked out before production waits, since it changes with the schema only. */
export async function feedingBetween(from: SequencesOfSide, to: SequencesOfSide): Promise<Feeding> {
  const [theirs, ours] = await Promise.all([from.feeds(), to.feeds()]);
  const tables = unmatched(theirs, ours).length > 0 ? await from.replicatedTables() : [];
  return feedingOf(theirs, ours, tables);
}

export class PostgresCounters implements Counters {
  private feeding: Feeding | undefined;
  /** Where those of `from` stood when those of `to` were carried behind them. */
  private standing: readonly SequenceValue[] = [];
  /** Oids of those that are in use just now, or have hardly any values left; as long as it is unknown, all are looked for. */
  private busy: readonly string[] = [];
  /** Where the busy ones stand. */
  private used: readonly SequenceValue[] = [];
  private looked: LookedAtAll | undefined;

  constructor(
    private readonly from: SideGivenUp,
    private readonly to: SequencesOfSide,
  ) {}

  async whyNotCarried(): Promise<readonly string[]> {
    const [feeding, values] = await Promise.all([feedingBetween(this.from, this.to), this.from.sequences()]);
    return [...feeding.obstacles, ...endingTooSoon(values, feeding)];
  }

  async carryAll(): Promise<void> {
    this.feeding = await feedingBetween(this.from, this.to);
    this.standing = await this.from.sequences();
    await this.carry(this.standing, this.feeding);
  }

  async look(): Promise<Found> {
    const { standing, busy } = this;
    this.looked = await this.from.lookAtAll({ standing, busy });
    return this.looked;
  }

  async carryUsed(): Promise<void> {
    const moved = this.looked?.moved ?? [];
    await this.to.advanceSequences(targetsOf(moved, this.feedingOfNow()), []);
    const scarce = this.standing.filter(({ reserve }) => reserve === '0');
    this.standing = standingNow(this.standing, moved);
    this.busy = [...new Set([...moved, ...scarce].map(({ oid }) => oid))];
  }

  async readUsed(): Promise<void> {
    this.used = await this.from.sequences(this.busy);
  }

  /** Whether others than the busy ones were used is told by {@link lookAgain}. */
  async carryLast(): Promise<void> {
    const feeding = this.feedingOfNow();
    if (feeding.extremes.length > 0 || !areAhead(this.standing, this.used)) {
      await this.carry(this.used, feeding);
      this.standing = standingNow(this.standing, this.used);
    }
  }

  async carryAnew(): Promise<readonly string[]> {
    const feeding = await feedingBetween(this.from, this.to);
    if (feeding.obstacles.length === 0) {
      await this.carry(this.standing, feeding);
    }
    return feeding.obstacles;
  }

  /** Where nothing was written meanwhile, only sequences in use are looked at: of others, less than what was left between can have been taken. */
  async lookAgain(): Promise<Found & { readonly overdrawn: readonly string[] }> {
    const { standing, busy, from } = this;
    const { moved = [], standstill } = this.looked ?? {};
    const [isStill, used] = await Promise.all([
      standstill !== undefined && from.isUnwrittenSince(standstill),
      from.sequences([...new Set([...busy, ...moved.map(({ oid }) => oid)])]),
    ]);
    if (isStill) {
      return { drifted: [], fenceGaps: [], overdrawn: overdrawn(standing, used) };
    }
    const { drifted, fenceGaps, moved: now } = await from.lookAtAll({ standing, busy: [] });
    return { drifted, fenceGaps, overdrawn: overdrawn(standing, now) };
  }

  async carryFrozen(): Promise<void> {
    const feeding = await feedingBetween(this.from, this.to);
    const values = await this.from.sequences();
    await this.carry(
      values.map((value) => ({ ...value, reserve: '0' })),
      feeding,
    );
  }

  async carryBack(): Promise<void> {
    const { from, to } = this;
    const taken = await Promise.all([to.sequences(), feedingBetween(to, from)]).catch(() => undefined); // it may be what has failed
    if (taken) {
      await from.advanceSequences(targetsOf(...taken), []);
    }
  }

  private async carry(values: readonly SequenceValue[], feeding: Feeding): Promise<void> {
    await this.to.advanceSequences(targetsOf(values, feeding), feeding.extremes);
  }

  private feedingOfNow(): Feeding {
    if (!this.feeding) {
      throw new Error('carryAll comes first: until then nobody knows what goes on behind what');
    }
    return this.feeding;
  }
}
