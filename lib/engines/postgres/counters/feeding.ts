/** Feeds: which sequence a column takes its values from, and behind which of the other side it therefore has to go on. */
import { dotted } from '../../../core/effects';
import type { ReplicatedTable } from '../replication/replicated-table';

export interface SequenceName {
  readonly schema: string;
  readonly name: string;
}

/** A sequence, without where it stands. */
export interface FeedingSequence extends SequenceName {
  /** The same on both sides where one is a copy of the other, whatever it is called by now. */
  readonly id: string;
  readonly ascending: boolean;
  /** The last value it has, as text: 64 bits do not fit a JavaScript number. */
  readonly end: string;
  readonly cycles: boolean;
  /** Whether the run's user may move it. */
  readonly movable: boolean;
}

/** A column that takes its values from sequences, by default, as an identity, because it owns one or because a trigger fills it. */
export interface Feed {
  /** Like a sequence's. */
  readonly tableId: string;
  readonly number: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Ids of those that can be read. */
  readonly sequences: readonly string[];
  /** How its values are made, whatever the sequences are called. */
  readonly formula: string;
  /** Whether it draws from what cannot be read, such as a name that is computed. */
  readonly unread: boolean;
  /** Whether a value that is there must not come again. */
  readonly unique: boolean;
  /** How long it takes to look up the highest value; none where values are no numbers. */
  readonly lookup: 'quick' | 'slow' | 'none';
}

export interface Feeds {
  readonly sequences: readonly FeedingSequence[];
  readonly feeds: readonly Feed[];
}

/** Of a value as it is drawn. */
export const AS_DRAWN = 'nextval()';

/** The highest value of a column, or the lowest for a sequence that descends. */
export interface ColumnExtreme {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly ascending: boolean;
  /** What goes on behind it. */
  readonly sequence: SequenceName;
}

export interface SequencePair {
  readonly from: SequenceName;
  readonly to: SequenceName;
  /** One is a copy of the other, so that both count alike. */
  readonly copy: boolean;
}

/** What has to be moved up besides sequences of one name. */
export interface Feeding {
  /** Those of `to`. */
  readonly sequences: readonly FeedingSequence[];
  readonly pairs: readonly SequencePair[];
  readonly extremes: readonly ColumnExtreme[];
  /** Why a column of `to` could be given values that are taken, with remedy. */
  readonly obstacles: readonly string[];
}

/** Columns of `to` whose values come from no sequence on `from`: whether there is such a column decides. */
export function unmatched(from: Feeds, to: Feeds): Feed[] {
  const counterpart = byColumn(from.feeds);
  return to.feeds.filter((feed) => !counterpart(feed));
}

/** @param tables those of `from`, needed where feeds are {@link unmatched} */
export function feedingOf(from: Feeds, to: Feeds, tables: readonly ReplicatedTable[]): Feeding {
  const counterpart = byColumn(from.feeds);
  const exists = byColumn(
    tables.flatMap(({ id, schema, name, columns }) =>
      columns.map((column) => ({ tableId: id, number: column.number, schema, table: name, column: column.name })),
    ),
  );
  const sources = new Map(from.sequences.map((sequence) => [sequence.id, sequence]));
  const sequences = new Map(to.sequences.map((sequence) => [sequence.id, sequence]));
  const fed = to.feeds.map((feed) => {
    const before = counterpart(feed);
    return before || exists(feed) ? feedOf(feed, before, { sources, sequences }) : NOTHING;
  });
  const copies = to.sequences.flatMap((sequence): SequencePair[] => {
    const original = sources.get(sequence.id);
    return original && !sameName(original, sequence) ? [{ from: original, to: sequence, copy: true }] : [];
  });
  const pairs = [...copies, ...fed.flatMap((one) => one.pairs)];
  const extremes = fed.flatMap((one) => one.extremes);
  const moved = new Set([...pairs.map((pair) => keyOf(pair.to)), ...extremes.map(({ sequence }) => keyOf(sequence))]);
  const immovable = to.sequences.filter((one) => !one.movable && moved.has(keyOf(one)));
  return {
    sequences: to.sequences,
    pairs,
    extremes,
    obstacles: [...fed.flatMap((one) => one.obstacles), ...immovable.map(notMovable)],
  };
}

type Fed = Omit<Feeding, 'sequences'>;

const NOTHING: Fed = { pairs: [], extremes: [], obstacles: [] };

interface Sequences {
  readonly sources: ReadonlyMap<string, FeedingSequence>;
  readonly sequences: ReadonlyMap<string, FeedingSequence>;
}

/** Where the values are made in the same way, of one sequence what was of the other; else behind what the column holds. */
function feedOf(feed: Feed, before: Feed | undefined, { sources, sequences }: Sequences): Fed {
  const alike = before?.formula === feed.formula;
  if (feed.unread || (feed.formula !== AS_DRAWN && !alike)) {
    return alike || !feed.unique ? NOTHING : { ...NOTHING, obstacles: [notReadable(feed)] };
  }
  const each = feed.sequences.map((id): Fed => {
    const to = sequences.get(id);
    if (!to) {
      return NOTHING;
    }
    const handedOut = (before?.sequences ?? [])
      .flatMap((source) => sources.get(source) ?? [])
      .filter(({ ascending }) => ascending === to.ascending);
    const pairs = handedOut
      .filter((from) => !sameName(from, to) && from.id !== to.id)
      .map((from) => ({ from, to, copy: false }));
    return alike && handedOut.length > 0 ? { ...NOTHING, pairs } : { ...behindTheColumn(feed, to), pairs };
  });
  return {
    pairs: each.flatMap(({ pairs }) => pairs),
    extremes: each.flatMap(({ extremes }) => extremes),
    obstacles: each.flatMap(({ obstacles }) => obstacles),
  };
}

function behindTheColumn(feed: Feed, sequence: FeedingSequence): Fed {
  const { schema, table, column, unique, lookup } = feed;
  const { ascending } = sequence;
  return {
    pairs: [],
    extremes: lookup === 'none' ? [] : [{ schema, table, column, ascending, sequence }],
    obstacles:
      unique && lookup === 'none' ? [notComparable(feed, sequence)] : lookup === 'slow' ? [slow(feed, sequence)] : [],
  };
}

/** Whether what `from` has handed out lies beyond the end of what goes on behind it, which would begin again if it cycles, unless it did so there. */
export function endsBefore(
  sequence: FeedingSequence,
  { lastValue, copy }: { lastValue: string; copy: boolean },
): boolean {
  const [last, end] = [BigInt(lastValue), BigInt(sequence.end)];
  return !(sequence.cycles && copy) && (sequence.ascending ? last >= end : last <= end);
}

export function endsTooSoon(sequence: FeedingSequence, from: SequenceName, lastValue: string): string {
  return `sequence ${inWords(sequence)} of green ends at ${sequence.end}${sequence.cycles ? ' and begins again' : ''}, and ${inWords(from)} of blue is taken for used up to ${lastValue}; give it another ${sequence.ascending ? 'MAXVALUE' : 'MINVALUE'}`;
}

const LATER = 'set the default in production after the run';

function notReadable(feed: Feed): string {
  return `${columnInWords(feed)} takes its values on green otherwise than on blue, and from what cannot be read (${feed.formula}), so that it may be given what is taken; let its default be nextval('…') of the sequence itself, or ${LATER}`;
}

function notComparable(feed: Feed, sequence: SequenceName): string {
  return `${columnInWords(feed)} takes its values from sequence ${inWords(sequence)} on green and otherwise on blue, and which are taken cannot be told; ${LATER}`;
}

function slow(feed: Feed, sequence: SequenceName): string {
  return `${columnInWords(feed)} takes its values from sequence ${inWords(sequence)} on green and otherwise on blue, and how far they go cannot be looked up while nobody writes; make an index that begins with it in an expand change, or ${LATER}`;
}

function notMovable(sequence: SequenceName): string {
  return `the run's user may not move sequence ${inWords(sequence)} of green up; GRANT SELECT, UPDATE ON SEQUENCE ${inWords(sequence)} TO the run's user`;
}

type Column = Pick<Feed, 'tableId' | 'number' | 'schema' | 'table' | 'column'>;

/** By name, or in its place where one side is a copy of the other. */
function byColumn<Found extends Column>(columns: readonly Found[]): (column: Column) => Found | undefined {
  const names = new Map(columns.map((one) => [JSON.stringify([one.schema, one.table, one.column]), one]));
  const places = new Map(columns.map((one) => [`${one.tableId}.${one.number}`, one]));
  return (one) =>
    names.get(JSON.stringify([one.schema, one.table, one.column])) ?? places.get(`${one.tableId}.${one.number}`);
}

export function keyOf({ schema, name }: SequenceName): string {
  return JSON.stringify([schema, name]);
}

function sameName(one: SequenceName, other: SequenceName): boolean {
  return one.schema === other.schema && one.name === other.name;
}

function inWords({ schema, name }: SequenceName): string {
  return dotted(schema, name);
}

function columnInWords({ schema, table, column }: Column): string {
  return dotted(schema, table, column);
}
