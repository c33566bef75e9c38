/** Compares rows of one table that are known by their keys: which of them are not the same on both sides, and in what. */
import type { ComparedTable } from '../../../core/comparison';
import type { DifferingRow } from '../../../core/differences';
import { type HashedRow, type Key, KeyRanges } from '../comparison/key-ranges';
import { Values } from '../comparison/row-values';
import type { Session } from '../session/session';

export interface Sides {
  readonly blue: Session;
  readonly green: Session;
}

/** Found at once by the index, and with few enough values for one statement. */
const ASKED_TOGETHER = 1_000;
/** Most rows are the same, and need not be told one by one, where there are more. */
const DIGESTED_TOGETHER = 20;
/** Values can be large. */
const READ_TOGETHER = 20;

type Found = ReadonlyMap<number, HashedRow>;

/** @returns of the keys whose rows differ, their place in the list and what differs */
export async function differingNamedRows(
  sides: Sides,
  table: ComparedTable,
  keys: readonly Key[],
): Promise<ReadonlyMap<number, DifferingRow>> {
  const ranges = new KeyRanges(table);
  const differing = new Map<number, DifferingRow>();
  const places = keys.length <= DIGESTED_TOGETHER ? [...keys.keys()] : await unlikePlaces(sides, ranges, keys);
  for (let from = 0; from < places.length; from += ASKED_TOGETHER) {
    const asked = places.slice(from, from + ASKED_TOGETHER);
    const theirs = asked.map((place) => keys[place] ?? []);
    const [blue, green] = await Promise.all([named(sides.blue, ranges, theirs), named(sides.green, ranges, theirs)]);
    for (const [at, row] of await compare(sides, { table, ranges }, { blue, green })) {
      differing.set(asked[at] ?? at, row);
    }
  }
  return differing;
}

/** Where in the list keys are among which one names rows that are not the same. */
async function unlikePlaces(sides: Sides, ranges: KeyRanges, keys: readonly Key[]): Promise<number[]> {
  const places: number[] = [];
  for (let from = 0; from < keys.length; from += ASKED_TOGETHER) {
    const asked = keys.slice(from, from + ASKED_TOGETHER);
    const [blue, green] = await Promise.all(
      [sides.blue, sides.green].map((side) => ranges.digestsOfNamed(side, asked, DIGESTED_TOGETHER)),
    );
    for (let at = 0; at < asked.length; at += DIGESTED_TOGETHER) {
      const [one, other] = [blue?.get(at), green?.get(at)];
      if (one?.rows !== other?.rows || one?.digest !== other?.digest) {
        places.push(...asked.slice(at, at + DIGESTED_TOGETHER).map((_, index) => from + at + index));
      }
    }
  }
  return places;
}

/** A key that is one on the side that names it may be none on the other: then its rows are told apart by their number. */
async function named(session: Session, ranges: KeyRanges, keys: readonly Key[]): Promise<Found> {
  const found = new Map<number, HashedRow>();
  for (const { at, ...row } of await ranges.named(session, keys)) {
    found.set(at, { ...row, times: row.times + (found.get(at)?.times ?? 0) });
  }
  return found;
}

interface Named {
  readonly table: ComparedTable;
  readonly ranges: KeyRanges;
}

async function compare(
  sides: Sides,
  { table, ranges }: Named,
  { blue, green }: { readonly blue: Found; readonly green: Found },
): Promise<ReadonlyMap<number, DifferingRow>> {
  const differing = new Map<number, DifferingRow>();
  const unlike: Unlike[] = [];
  for (const at of new Set([...blue.keys(), ...green.keys()])) {
    const [one, other] = [blue.get(at), green.get(at)];
    const key = keyFacts(table, one ?? other);
    if (!one || !other) {
      differing.set(at, { kind: one ? 'missing' : 'added', key });
    } else if (one.times !== other.times) {
      differing.set(at, { kind: 'copies', key, blue: one.times, green: other.times });
    } else if (one.hash !== other.hash) {
      unlike.push({ at, key, blue: one.key, green: other.key });
    }
  }
  const values = new Values(table, ranges);
  for (let from = 0; from < unlike.length; from += READ_TOGETHER) {
    for (const [at, row] of await unequal(sides, values, unlike.slice(from, from + READ_TOGETHER))) {
      differing.set(at, row);
    }
  }
  return differing;
}

/** A row whose hashes differ: by each side's own text of its key. */
interface Unlike {
  readonly at: number;
  readonly key: Readonly<Record<string, string>>;
  readonly blue: Key;
  readonly green: Key;
}

/** Hashes also differ where the server takes the values for equal. */
async function unequal(sides: Sides, values: Values, rows: readonly Unlike[]): Promise<[number, DifferingRow][]> {
  const [onBlue, onGreen] = await Promise.all([
    values.of(
      sides.blue,
      rows.map(({ blue }) => blue),
    ),
    values.of(
      sides.green,
      rows.map(({ green }) => green),
    ),
  ]);
  const forms = await values.forms(sides.green, [...onBlue.values(), ...onGreen.values()]);
  return rows.flatMap(({ at, key, blue, green }): [number, DifferingRow][] => {
    const [one, other] = [onBlue.get(JSON.stringify(blue)), onGreen.get(JSON.stringify(green))];
    if (!one || !other) {
      return one || other ? [[at, { kind: one ? 'missing' : 'added', key }]] : []; // gone meanwhile
    }
    const columns = values.differingColumns(forms, one, other);
    return columns.length > 0 ? [[at, { kind: 'differs', key, columns }]] : [];
  });
}

function keyFacts({ key }: ComparedTable, row: HashedRow | undefined): Record<string, string> {
  return Object.fromEntries(key.map((name, index) => [name, row?.key[index] ?? '']));
}
