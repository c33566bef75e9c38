/** The way back: which rows of green cannot flow back to blue, which only may under a condition, and what to publish for it. */

import { tableKey } from '../../../core/schema';
import type { PublishedColumns } from '../../../ports/replication';
import type { ReplicatedTable } from '../replication/replicated-table';
import { afterDepartures, type DepartingChange } from './departures';
import { type Obstacle, obstaclesOf, partitionsOfGreen, sentColumns } from './obstacles';
import { conditionsOf, conditionsWithout } from './way-back-conditions';

export interface WayBack {
  /** What cannot flow back, whatever the rows are. */
  readonly obstacles: readonly Obstacle[];
  /** Under which conditions tables without obstacles flow back: rows that break one stop it. */
  readonly conditions: readonly Obstacle[];
  /** What to publish on green. */
  readonly tables: readonly PublishedColumns[];
}

/**
 * What lies in the way of rows that flow from green back to blue.
 *
 * @param green green's tables as they are; before there is a green, blue's
 * @param pending the changes that are still to be applied to green
 */
export function wayBackOf(
  blue: readonly ReplicatedTable[],
  green: readonly ReplicatedTable[],
  pending: readonly DepartingChange[] = [],
): WayBack {
  let tables = green;
  let found = compare(blue, tables);
  for (const { departures, file } of pending) {
    if (departures.length > 0) {
      tables = afterDepartures(tables, departures);
      found = attributed(compare(blue, tables), found, file);
    }
  }
  return found;
}

export function obstacleInWords({ table, column, why, file }: Obstacle): string {
  return `${table}${column === undefined ? '' : `.${column}`} ${why}${file === undefined ? '' : ` (changes/${file})`}`;
}

/** What was found before keeps the file it came with; what is new comes from `file`. */
function attributed(now: WayBack, before: WayBack, file: string): WayBack {
  const attribute = (found: readonly Obstacle[], earlier: readonly Obstacle[]) =>
    found.map(
      (one) =>
        earlier.find(({ table, column, why }) => table === one.table && column === one.column && why === one.why) ?? {
          ...one,
          file,
        },
    );
  return {
    ...now,
    obstacles: attribute(now.obstacles, before.obstacles),
    conditions: attribute(now.conditions, before.conditions),
  };
}

function compare(blue: readonly ReplicatedTable[], green: readonly ReplicatedTable[]): WayBack {
  const byName = new Map(green.map((table) => [tableKey(table), table]));
  const byId = new Map(green.map((table) => [table.id, table]));
  const parts = blue
    .filter(({ kind }) => kind === 'table')
    .map((table) => compareTable(table, byName.get(tableKey(table)), byId.get(table.id)));
  return {
    obstacles: [...parts.flatMap(({ obstacles }) => obstacles), ...partitionsOfGreen(blue, green)],
    conditions: parts.flatMap(({ conditions }) => conditions),
    tables: parts.flatMap(({ tables }) => tables),
  };
}

function compareTable(
  blue: ReplicatedTable,
  green: ReplicatedTable | undefined,
  descendant: ReplicatedTable | undefined,
): WayBack {
  const obstacles = obstaclesOf(blue, green, descendant);
  if (obstacles.length > 0) {
    return { obstacles, conditions: [], tables: green?.kind === 'table' ? [publication(blue, green)] : [] };
  }
  return green
    ? { obstacles, conditions: conditionsOf(blue, green), tables: [publication(blue, green)] }
    : { obstacles, conditions: conditionsWithout(blue), tables: [] };
}

/** A complete row is its own key and admits no list. */
function publication(blue: ReplicatedTable, green: ReplicatedTable): PublishedColumns {
  const { schema, name } = green;
  const columns = sentColumns(blue, green);
  return green.identity === 'full' || columns.length === 0 ? { schema, name } : { schema, name, columns };
}
