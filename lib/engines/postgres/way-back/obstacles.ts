/** Obstacles: what cannot flow from green back to blue, whatever the rows are. */

import { tableKey, tableName } from '../../../core/schema';
import { type ReplicatedColumn, type ReplicatedTable, sentKey, soughtKey } from '../replication/replicated-table';
import { whyNotBack } from './conversions';

export interface Obstacle {
  /** Blue's table; or one of green's, where blue has none for its rows. */
  readonly table: string;
  readonly column?: string;
  /** Reads on after the name. */
  readonly why: string;
  /** The change it comes from, if one of the pending ones shows it. */
  readonly file?: string;
}

export function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** @param descendant the table of green that was blue's, under whatever name */
export function obstaclesOf(
  blue: ReplicatedTable,
  green: ReplicatedTable | undefined,
  descendant: ReplicatedTable | undefined,
): Obstacle[] {
  const table = tableName(blue);
  if (!green) {
    return descendant
      ? [
          {
            table,
            why: `is called ${tableName(descendant)} on green, and replication finds tables by name; keep the name, and give the new one to a view`,
          },
        ]
      : [];
  }
  if (green.kind !== 'table') {
    return [{ table, why: `is a ${green.kind} on green, whose rows are not sent under its name; keep it a table` }];
  }
  const ofColumns = blue.columns.flatMap((column) => {
    const why = whyNotFilled(column, green, blue.id === green.id);
    return why === undefined ? [] : [{ table, column: column.name, why }];
  });
  return [...ofColumns, ...whyNotFound(blue, green, ofColumns)];
}

/** Blue's columns that green has and can send. */
export function sentColumns(blue: ReplicatedTable, green: ReplicatedTable): string[] {
  const sendable = new Set(green.columns.filter(({ generated }) => !generated).map(({ name }) => name));
  return blue.columns.filter(({ name, generated }) => !generated && sendable.has(name)).map(({ name }) => name);
}

function whyNotFilled(column: ReplicatedColumn, green: ReplicatedTable, sameTable: boolean): string | undefined {
  if (column.generated) {
    return undefined;
  }
  const counterpart = green.columns.find(({ name }) => name === column.name);
  if (counterpart) {
    return counterpart.generated && !column.generated
      ? 'is generated on green, and generated columns are not sent; fill it by a trigger instead'
      : whyNotRead(column, counterpart);
  }
  const descendant = sameTable && green.columns.find(({ number }) => number === column.number);
  if (descendant) {
    return `is called "${descendant.name}" on green, and replication finds columns by name: what is written there does not reach blue; add "${descendant.name}" beside it, and drop the old column in a later plan`;
  }
  return column.notNull && !column.filled
    ? 'is NOT NULL without default on blue, which refuses rows of green that lack it; SET DEFAULT or DROP NOT NULL on blue before the run'
    : undefined;
}

function whyNotRead({ content: onBlue }: ReplicatedColumn, { content: onGreen }: ReplicatedColumn): string | undefined {
  return onBlue && onGreen && onBlue.name !== onGreen.name ? whyNotBack(onBlue, onGreen) : undefined;
}

/** Updates and deletes have to name their row in a way that blue understands, or green refuses them once it publishes. */
function whyNotFound(blue: ReplicatedTable, green: ReplicatedTable, ofColumns: readonly Obstacle[]): Obstacle[] {
  const table = tableName(blue);
  const sent = sentColumns(blue, green);
  const sought = soughtKey(blue);
  const gone = sought.filter((column) => !sent.includes(column));
  if (gone.length > 0) {
    return gone
      .filter((column) => !ofColumns.some((known) => known.column === column))
      .map((column) => ({
        table,
        column,
        why: 'belongs to the key by which blue finds rows, and green does not send it; keep it until a later plan',
      }));
  }
  if (green.identity === 'full') {
    const kept = new Set([...sent, ...blue.columns.filter(({ generated }) => generated).map(({ name }) => name)]);
    const added = green.columns.filter(({ name }) => !kept.has(name)).map(({ name }) => name);
    return added.length === 0
      ? []
      : [
          {
            table,
            why: `has REPLICA IDENTITY FULL, which green cannot publish without ${listed(added)}, which blue lacks; give it a primary key and REPLICA IDENTITY DEFAULT before the run`,
          },
        ];
  }
  const why = whyKeyUnfit(sought, sentKey(green), sent);
  return why === undefined ? [] : [{ table, why }];
}

function whyKeyUnfit(sought: readonly string[], key: readonly string[], sent: readonly string[]): string | undefined {
  const remedy = 'in the plan, set a REPLICA IDENTITY USING INDEX over the columns blue finds rows by';
  const foreign = key.filter((column) => !sent.includes(column));
  if (key.length === 0) {
    return `has no replica identity on green, so that UPDATE and DELETE would fail there once it is published; ${remedy}`;
  }
  if (foreign.length > 0) {
    return `has ${listed(foreign)} in its replica identity on green, which blue lacks; ${remedy}`;
  }
  if (sought.length === 0) {
    return 'has no key on blue, which finds rows by all their columns, and green sends a key only; add the primary key on blue before the run';
  }
  return sought.every((column) => key.includes(column))
    ? undefined
    : `is identified by ${listed(key)} on green, and by ${listed(sought)} on blue; ${remedy}`;
}

/** A partition is published by itself, so that its rows need one of the same name on blue. */
export function partitionsOfGreen(blue: readonly ReplicatedTable[], green: readonly ReplicatedTable[]): Obstacle[] {
  const onBlue = new Map(blue.map((table) => [tableKey(table), table]));
  const ids = new Set(blue.map(({ id }) => id));
  return green
    .filter(({ kind, partition }) => kind === 'table' && partition)
    .filter((table) => !onBlue.has(tableKey(table)) && !ids.has(table.id))
    .flatMap((table) => {
      const parent = table.ancestors.find((ancestor) => onBlue.get(tableKey(ancestor))?.kind === 'partitioned table');
      return parent
        ? [
            {
              table: tableName(table),
              why: `is a partition of ${tableName(parent)} that blue does not have; make it on blue before the run`,
            },
          ]
        : [];
    });
}
