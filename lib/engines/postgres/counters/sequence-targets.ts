/** Behind which value a sequence has to go on when the application moves. */
import { endsBefore, endsTooSoon, type Feeding, keyOf, type SequencePair } from './feeding';
import type { SequenceTarget, SequenceValue } from './sequence-value';

/** Of green's sequences, those that would have none left, in words with the remedy. */
export function endingTooSoon(values: readonly SequenceValue[], feeding: Feeding): string[] {
  const sequences = new Map(feeding.sequences.map((sequence) => [keyOf(sequence), sequence]));
  const behind = targetsBehind(feeding);
  return values.flatMap((value) =>
    behind(value).flatMap((target) => {
      const sequence = sequences.get(keyOf(target));
      const usesUp = value.reserve !== '0' && sequence && endsBefore(sequence, target);
      return usesUp ? [endsTooSoon(sequence, value, target.lastValue)] : [];
    }),
  );
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
