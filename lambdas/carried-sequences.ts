/** Sequences at a crossing: what was handed out on the side that serves is not handed out again on the other one. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { Feeding } from '../lib/core/feeds';
import type { SequenceValue } from '../lib/ports/sequence-value';
import type { KnownSequences } from '../lib/ports/standstill';
import { feedingBetween, targetsOf } from './feeding';
import type { Passage } from './passages';

/**
 * What grows with the number of sequences, done before anybody has to wait for it. Leaves values between those of both
 * sides: sessions on `from` go on taking some, and once they are led there new ones on `to`.
 *
 * @returns where those of `from` stand
 */
export async function carryAll({ from, to }: Passage, feeding: Feeding | undefined): Promise<readonly SequenceValue[]> {
  const standing = await from.sequences();
  if (feeding) {
    await to.advanceSequences(targetsOf(standing, feeding), feeding.extremes);
  }
  return standing;
}

/** Where the sequences of `from` stood when those of `to` were carried behind them. */
export interface Carried extends KnownSequences {
  /** Oids of those that are in use just now, or have hardly any values left. */
  readonly busy: readonly string[];
}

/** Carries those that were used since {@link carryAll}. */
export async function carryMoved(
  { to }: Passage,
  feeding: Feeding | undefined,
  standing: readonly SequenceValue[],
  moved: readonly SequenceValue[],
): Promise<Carried> {
  if (feeding) {
    await to.advanceSequences(targetsOf(moved, feeding), []);
  }
  const scarce = standing.filter(({ reserve }) => reserve === '0');
  return {
    standing: standingNow(standing, moved),
    busy: [...new Set([...moved, ...scarce].map(({ oid }) => oid))],
  };
}

/**
 * Carries once more, now that everything has arrived, if that is needed: while few values were taken since, those of `to`
 * are ahead, and stay so. Whether others than the busy ones were used is told by {@link beyondReserve}.
 *
 * @param now where the busy ones stand
 * @returns where all of them stood when they were carried last
 */
export async function carryLast(
  { to }: Passage,
  feeding: Feeding | undefined,
  { standing }: Carried,
  now: readonly SequenceValue[],
): Promise<readonly SequenceValue[]> {
  const before = byOid(standing);
  const isAhead = now.every((one) => share(one, before.get(one.oid)) === 'little');
  if (!feeding || (isAhead && feeding.extremes.length === 0)) {
    return standing;
  }
  await to.advanceSequences(targetsOf(now, feeding), feeding.extremes);
  return standingNow(standing, now);
}

function standingNow(before: readonly SequenceValue[], moved: readonly SequenceValue[]): readonly SequenceValue[] {
  return [...byOid([...before, ...moved]).values()];
}

function byOid(sequences: readonly SequenceValue[]): ReadonlyMap<string, SequenceValue> {
  return new Map(sequences.map((sequence) => [sequence.oid, sequence]));
}

/** Columns of `to` may have been given other sequences. */
export async function carryAnew(passage: Passage, handedOut: readonly SequenceValue[]): Promise<void> {
  const feeding = await feedingBetween(passage);
  if (feeding.obstacles.length > 0) {
    throw new TemporarilyUnavailable(`database "${passage.name}"`, { cause: new Error(feeding.obstacles.join('; ')) });
  }
  await passage.to.advanceSequences(targetsOf(handedOut, feeding), feeding.extremes);
}

/** Those from which more was taken than was left between, in words. */
export function beyondReserve(handedOut: readonly SequenceValue[], now: readonly SequenceValue[]): string[] {
  const before = byOid(handedOut);
  const beyond = now.filter((one) => share(one, before.get(one.oid)) === 'too much');
  return beyond.map(({ schema, name }) => `sequence ${schema}.${name} is being drawn from too fast`);
}

/** How much was taken of what was left between. */
function share(now: SequenceValue, before: SequenceValue | undefined): 'little' | 'much' | 'too much' {
  if (before?.reserve === '0') {
    return 'much'; // its values are all but used up, or begin again soon
  }
  const taken = before && BigInt(now.lastValue) - BigInt(before.lastValue);
  const reserve = BigInt(before?.reserve ?? 0);
  const [far, allowed] = reserve > 0n ? [taken, reserve] : [taken === undefined ? undefined : -taken, -reserve];
  if (far === undefined || far < 0n || far > allowed) {
    return 'too much';
  }
  return far * 2n <= allowed ? 'little' : 'much';
}

/** Whoever was led to `to` may have taken values there. As long as it can be asked: it may be what has failed. */
export async function carryBack({ from, to }: Passage): Promise<void> {
  const taken = await Promise.all([to.sequences(), feedingBetween({ from: to, to: from })]).catch(() => undefined);
  if (taken) {
    await from.advanceSequences(targetsOf(...taken), []);
  }
}
