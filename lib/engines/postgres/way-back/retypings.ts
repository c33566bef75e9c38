/** Retypings: changes of a column's type, and why some cannot be followed: green would mix what ALTER makes of a value with what replication makes of it. */

import { dotted } from '../../../core/effects';
import { type ReplicatedColumn, type ReplicatedTable, sentKey, soughtKey } from '../replication/replicated-table';
import type { ColumnType } from './column-type';
import { type Conversion, conversionBetween, inQuotes, type Using, type Verdict } from './conversions';
import { afterDepartures, alters, type DepartingChange, type Departure } from './departures';
import type { OwnTypes } from './resolved-types';

type Retyping = Extract<Departure, { kind: 'column-retyped' }>;

/** Of each column of blue that got another type, whether its values are still written as blue writes them. */
type Earlier = Map<string, { readonly written: Conversion['written']; readonly type: ColumnType }>;

/**
 * Contract changes are none of it: when they are applied, blue's last row has arrived.
 *
 * @param blue blue's tables
 * @param pending the changes that are still to be applied, with their types resolved
 */
export function whyNotFollowed(
  blue: readonly ReplicatedTable[],
  pending: readonly DepartingChange[],
  own: OwnTypes,
): string[] {
  const expand = pending.filter(({ kind }) => kind === 'expand');
  const naming = namingColumns(
    blue,
    afterDepartures(
      blue,
      expand.flatMap(({ departures }) => departures),
    ),
  );
  const earlier: Earlier = new Map();
  const reasons: string[] = [];
  let tables: readonly ReplicatedTable[] = blue;
  for (const { file, departures } of expand) {
    for (const departure of departures) {
      if (departure.kind === 'column-retyped') {
        reasons.push(...reasonsOf(departure, tables, { naming, earlier, own }).map((why) => `changes/${file}: ${why}`));
      }
      tables = afterDepartures(tables, [departure]);
    }
  }
  return [...new Set(reasons)];
}

/**
 * The same of what was applied already, by what both catalogs say: a change that hides a new type, as one in a DO block
 * can, is found out about here. How it got its type is not known, so any way will do that makes what replication makes.
 */
export function whyNotAlike(blue: readonly ReplicatedTable[], green: readonly ReplicatedTable[]): string[] {
  const naming = namingColumns(blue, green);
  const onGreen = new Map(green.map((table) => [table.id, table]));
  return blue.flatMap((table) =>
    table.columns.flatMap((column) => {
      const counterpart = onGreen.get(table.id)?.columns.find(({ number }) => number === column.number);
      const [from, to] = [column.content, counterpart?.content];
      if (!from || !to || from.name === to.name || column.generated) {
        return [];
      }
      const conversion = conversionBetween(from, to);
      const ways = [conversion?.plain, conversion?.cast, conversion?.text];
      const follows = ways.includes('same') && (conversion?.key === 'same' || !naming.has(keyOf(table, column)));
      return follows
        ? []
        : [
            `${dotted(table.schema, table.name, column.name)} is ${from.name} on blue and ${to.name} on green, where copied values and those that come later would not be the same; ${OTHERWISE}`,
          ];
    }),
  );
}

/** Columns that tell the other side which row is meant, in either direction. */
function namingColumns(blue: readonly ReplicatedTable[], green: readonly ReplicatedTable[]): ReadonlySet<string> {
  const byId = new Map(green.map((table) => [table.id, table]));
  return new Set(
    blue.flatMap((table) => {
      const later = byId.get(table.id);
      return [
        ...keyed(table, [...sentKey(table), ...soughtKey(table)]),
        ...(later ? keyed(later, soughtKey(later)) : []),
      ];
    }),
  );
}

function keyed(table: ReplicatedTable, names: readonly string[]): string[] {
  return table.columns.filter(({ name }) => names.includes(name)).map((column) => keyOf(table, column));
}

function keyOf({ id }: ReplicatedTable, { number }: ReplicatedColumn): string {
  return JSON.stringify([id, number]);
}

interface Known {
  readonly naming: ReadonlySet<string>;
  readonly earlier: Earlier;
  readonly own: OwnTypes;
}

function reasonsOf(retyping: Retyping, tables: readonly ReplicatedTable[], { naming, earlier, own }: Known): string[] {
  return tables
    .filter((table) => alters(retyping, table))
    .flatMap((table) => table.columns.map((column) => ({ column, key: keyOf(table, column) })))
    .filter(({ column }) => column.name === retyping.name && column.number > 0 && !column.generated)
    .flatMap(({ column, key }) => {
      const why = whyNot(retyping, column, { names: naming.has(key), before: earlier.get(key), own });
      const conversion = column.content && retyping.content && conversionBetween(column.content, retyping.content);
      if (column.content && conversion) {
        const written = earlier.get(key)?.written === 'anew' ? 'anew' : conversion.written;
        earlier.set(key, { written, type: earlier.get(key)?.type ?? column.content });
      }
      return why ?? [];
    });
}

interface Circumstances {
  /** The column names rows. */
  readonly names: boolean;
  readonly before: { readonly written: Conversion['written']; readonly type: ColumnType } | undefined;
  readonly own: OwnTypes;
}

function whyNot(
  retyping: Retyping,
  { content: from, folds }: ReplicatedColumn,
  { names, before, own }: Circumstances,
): string | undefined {
  const { content: to, using } = retyping;
  const column = dotted(retyping.schema, retyping.table, retyping.name);
  if (!using) {
    return undefined; // what it computes is refused by its text
  }
  if (!from || !to) {
    return `gives ${column} the type ${retyping.type}, which is neither built in nor an enum or domain that is known; ${OTHERWISE}`;
  }
  const change = `changes ${column} from ${from.name} to ${to.name}`;
  const cast = own.casts.find((one) => [from.base, 'text'].includes(one.from) && [to.base, 'text'].includes(one.to));
  if (cast && from.name !== to.name) {
    return `${change}, where a cast of your own, from ${cast.from} to ${cast.to}, may take part; ${OTHERWISE}`;
  }
  if (before?.written === 'anew') {
    return `${change}, and an earlier change already made it ${from.name} of ${before.type.name}: copied values are converted twice, later ones once; give it its last type at once`;
  }
  const conversion = conversionBetween(from, to);
  const verdict = conversion?.[using];
  if (!conversion || verdict !== 'same') {
    return `${change}, ${verdict === undefined || verdict === 'same' ? `which PostgreSQL does not do ${IN_WORDS[using]} for any value that was tried` : differenceInWords(verdict)}; ${remedy(conversion, to, using)}`;
  }
  if (names && (conversion.key !== 'same' || folds || retyping.collated)) {
    return `${change}, and ${column} names rows: ${whyNoKey(conversion)}, so that updates and deletes would miss their row or meet another; ${OTHERWISE}`;
  }
  return undefined;
}

function differenceInWords([value, altered, replicated, settings]: Exclude<Verdict, 'same'>): string {
  if (settings) {
    return `and what becomes of ${inQuotes(value)} depends on settings that may differ between sessions (TimeZone, DateStyle, IntervalStyle, bytea_output, lc_monetary, search_path …)`;
  }
  const made = (by: string, text: string | null) =>
    text === null ? `${by} refuses it` : `${by} makes ${inQuotes(text)} of it`;
  return `and of later values green would make something else than of those it has: for ${inQuotes(value)}, ${made('ALTER', altered)}, ${made('replication', replicated)}`;
}

function whyNoKey({ key, from, to }: Conversion): string {
  if (key === 'no equality') {
    return `values of ${from} and ${to} cannot both be compared`;
  }
  if (key === 'untried') {
    return `different values of ${from} may be the same ${to}`;
  }
  return Array.isArray(key)
    ? `${inQuotes(key[0])} and ${inQuotes(key[1])} are equal as one of the types and differ as the other`
    : 'with another collation other values may be equal';
}

const IN_WORDS = { plain: 'without USING', cast: 'by that cast', text: 'by way of text' } as const;

function remedy(conversion: Conversion | undefined, to: ColumnType, using: Using): string {
  const better = (['plain', 'cast', 'text'] as const).find((one) => one !== using && conversion?.[one] === 'same');
  switch (better) {
    case undefined:
      return OTHERWISE;
    case 'plain':
      return 'leave out USING';
    default:
      return `write USING …::${better === 'text' ? 'text::' : ''}${to.name}`;
  }
}

const OTHERWISE =
  'add a column of the new type beside it and fill it by an ENABLE ALWAYS trigger, or move it to a contract change (….contract.sql), or run the plan with sync: "freeze"';
