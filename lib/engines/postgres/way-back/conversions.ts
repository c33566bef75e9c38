/** Conversions: what ALTER makes of the values of a type and what replication makes of them, as it was found by trying (see `npm run conversions`). */
import { type ColumnType, type Width, widthBetween } from './column-type';
import table from './conversions.json';

/** Without USING, with `using c::type`, and with `using c::text::type`. */
export type Using = 'plain' | 'cast' | 'text';

/**
 * `same`, or a value of the former type with what ALTER makes of it and what replication does, null where that is refused;
 * at the end, whether they differ only where sessions have other settings.
 */
export type Verdict =
  | 'same'
  | readonly [value: string, altered: string | null, replicated: string | null, settings?: 'settings'];

export interface Conversion {
  readonly from: string;
  readonly to: string;
  readonly width: Width;
  /** Absent where the server knows no such conversion, or converts no value. */
  readonly plain?: Verdict;
  readonly cast?: Verdict;
  readonly text?: Verdict;
  /** Whether the new type writes each value as the former one does. */
  readonly written?: 'same' | 'anew';
  /** Whether two values are equal after it exactly where they were before; two for which that is not so. Texts have more spellings than can be tried. */
  readonly key?: 'same' | 'no equality' | 'untried' | readonly [string, string];
  /** Whether the former type makes of each value what was there, or takes none; or one, and what it makes of it. */
  readonly back?: 'same' | 'but blanks' | readonly [value: string, taken: string | null];
}

const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map(
  (table as unknown as readonly Conversion[]).map((one) => [keyOf(one.from, one.to, one.width), one]),
);

/** @returns undefined for types that were not tried, and where no value of the one is one of the other */
export function conversionBetween(from: ColumnType, to: ColumnType): Conversion | undefined {
  const { base, array } = from;
  if (from.name === to.name) {
    return { from: base, to: base, width: 'same', ...IDENTITY };
  }
  return array === to.array ? CONVERSIONS.get(keyOf(base, to.base, widthBetween(from, to))) : undefined;
}

const IDENTITY = { plain: 'same', cast: 'same', written: 'same', key: 'same', back: 'same' } as const;

function keyOf(from: string, to: string, width: Width): string {
  return JSON.stringify([from, to, width]);
}

/** Why rows with such a column do not flow back as they are; undefined where they do, or are refused. */
export function whyNotBack(from: ColumnType, to: ColumnType): string | undefined {
  const back = conversionBetween(from, to)?.back;
  switch (back) {
    case 'same':
    case 'but blanks':
      return undefined;
    case undefined:
      return `is ${to.name} on green, and ${from.name} on blue is not known to take every value of that as it is`;
    default: {
      const [value, taken] = back;
      return `is ${to.name} on green, which ${from.name} on blue ${taken === null ? `does not take in the form ${inQuotes(value)}` : `takes for another value: ${inQuotes(taken)} for ${inQuotes(value)}`}`;
    }
  }
}

export function inQuotes(text: string): string {
  return `"${text}"`;
}
