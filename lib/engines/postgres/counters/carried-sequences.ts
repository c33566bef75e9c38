/** How far sequences may be drawn from until those that go on behind them have to be moved up again. */
import type { SequenceValue } from './sequence-value';

/** Whether few values were taken since, so that those of the other side are ahead, and stay so. */
export function areAhead(standing: readonly SequenceValue[], now: readonly SequenceValue[]): boolean {
  const before = byOid(standing);
  return now.every((one) => share(one, before.get(one.oid)) === 'little');
}

/** Those from which more was taken than was left between, in words. */
export function overdrawn(standing: readonly SequenceValue[], now: readonly SequenceValue[]): string[] {
  const before = byOid(standing);
  const beyond = now.filter((one) => share(one, before.get(one.oid)) === 'too much');
  return beyond.map(({ schema, name }) => `sequence ${schema}.${name} is being drawn from too fast`);
}

/** Where all of them stand, now that some have moved. */
export function standingNow(
  before: readonly SequenceValue[],
  moved: readonly SequenceValue[],
): readonly SequenceValue[] {
  return [...byOid([...before, ...moved]).values()];
}

function byOid(sequences: readonly SequenceValue[]): ReadonlyMap<string, SequenceValue> {
  return new Map(sequences.map((sequence) => [sequence.oid, sequence]));
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
