/** Sequences at a crossing: what was handed out on the side that serves is not handed out again on the other one. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { Feeding } from '../lib/core/feeds';
import type { SequenceValue } from '../lib/ports/database';
import { feedingBetween, targetsOf } from './feeding';
import type { Passage } from './passages';

/**
 * What grows with the number of sequences, done before anybody has to wait for it.
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

/**
 * Carries those that were used since. Leaves values between the sequences of both sides: until they are ended, sessions on
 * `from` may take some, and until it is open, new ones on `to`.
 *
 * @param moved where they stand now that everything has arrived
 */
export async function carryMoved(
  { to }: Passage,
  feeding: Feeding | undefined,
  moved: readonly SequenceValue[],
): Promise<void> {
  if (feeding) {
    await to.advanceSequences(targetsOf(moved, feeding), feeding.extremes);
  }
}

/** Where all of them stand when some have moved. */
export function standingNow(
  before: readonly SequenceValue[],
  moved: readonly SequenceValue[],
): readonly SequenceValue[] {
  return [...new Map([...before, ...moved].map((sequence) => [sequence.oid, sequence])).values()];
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
export async function overdrawn({ from }: Passage, handedOut: readonly SequenceValue[]): Promise<string[]> {
  const before = new Map(handedOut.map((sequence) => [sequence.oid, sequence]));
  const beyond = (await from.sequences(handedOut)).filter((now) => !withinReserve(now, before.get(now.oid)));
  return beyond.map(({ schema, name }) => `sequence ${schema}.${name} is being drawn from too fast`);
}

function withinReserve(now: SequenceValue, before: SequenceValue | undefined): boolean {
  if (before?.reserve === '0') {
    return true; // its values are all but used up
  }
  const taken = before && BigInt(now.lastValue) - BigInt(before.lastValue);
  const allowed = BigInt(before?.reserve ?? 0);
  return taken !== undefined && (allowed > 0n ? taken >= 0n && taken <= allowed : taken <= 0n && taken >= allowed);
}

/** Whoever was led to `to` may have taken values there. As long as it can be asked: it may be what has failed. */
export async function carryBack({ from, to }: Passage): Promise<void> {
  const taken = await Promise.all([to.sequences(), feedingBetween({ from: to, to: from })]).catch(() => undefined);
  if (taken) {
    await from.advanceSequences(targetsOf(...taken), []);
  }
}
