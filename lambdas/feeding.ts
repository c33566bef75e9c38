/** What goes on behind what when the application moves: worked out before production waits, since it changes with the schema only. */
import {
  endsBefore,
  endsTooSoon,
  type Feeding,
  feedingOf,
  keyOf,
  type SequencePair,
  unmatched,
} from '../lib/core/feeds';
import type { Database, SequenceTarget } from '../lib/ports/database';
import type { SequenceValue } from '../lib/ports/sequence-value';
import type { Pair } from './sides';

export async function feedingBetween({ from, to }: Record<'from' | 'to', Database>): Promise<Feeding> {
  const [theirs, ours] = await Promise.all([from.feeds(), to.feeds()]);
  const tables = unmatched(theirs, ours).length > 0 ? await from.replicatedTables() : [];
  return feedingOf(theirs, ours, tables);
}

/** Why green could hand out values that blue has used, or have none left; each with its remedy. */
export async function whyNotFed({ name, blue, green }: Pair): Promise<string[]> {
  const [feeding, values] = await Promise.all([feedingBetween({ from: blue, to: green }), blue.sequences()]);
  const sequences = new Map(feeding.sequences.map((sequence) => [keyOf(sequence), sequence]));
  const behind = targetsBehind(feeding);
  const ended = values.flatMap((value) =>
    behind(value).flatMap((target) => {
      const sequence = sequences.get(keyOf(target));
      const usesUp = value.reserve !== '0' && sequence && endsBefore(sequence, target);
      return usesUp ? [endsTooSoon(sequence, value, target.lastValue)] : [];
    }),
  );
  return [...feeding.obstacles, ...ended].map((why) => `database "${name}": ${why}`);
}

/** As many values are left between as clients may take meanwhile. */
export function targetsOf(values: readonly SequenceValue[], feeding: Feeding): SequenceTarget[] {
  return values.flatMap(targetsBehind(feeding));
}

function targetsBehind({ pairs }: Feeding): (value: SequenceValue) => SequenceTarget[] {
  const others = new Map<string, SequencePair[]>();
  for (const pair of pairs) {
    others.set(keyOf(pair.from), [...(others.get(keyOf(pair.from)) ?? []), pair]);
  }
  return (value) => {
    const lastValue = String(BigInt(value.lastValue) + BigInt(value.reserve));
    return [{ from: value, to: value, copy: true }, ...(others.get(keyOf(value)) ?? [])].map(({ to, copy }) => ({
      schema: to.schema,
      name: to.name,
      lastValue,
      copy,
    }));
  };
}
