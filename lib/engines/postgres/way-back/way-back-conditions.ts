/** Under which conditions rows of green flow back: what green permits and blue does not. */

import { tableName } from '../../../core/schema';
import type { ReplicatedColumn, ReplicatedTable } from '../replication/replicated-table';
import { listed, type Obstacle } from './obstacles';

export function conditionsOf(blue: ReplicatedTable, green: ReplicatedTable): Obstacle[] {
  return [...conditionsOfColumns(blue, green), ...conditionsOfRules(blue, green)];
}

/** A dropped table has no rows; those of a dropped partition may go to another. */
export function conditionsWithout(blue: ReplicatedTable): Obstacle[] {
  const why = 'is gone on green: the rest flows back as long as no row comes in that blue keeps in this partition';
  return blue.partition ? [{ table: tableName(blue), why }] : [];
}

function conditionsOfColumns(blue: ReplicatedTable, green: ReplicatedTable): Obstacle[] {
  const table = tableName(blue);
  return blue.columns.flatMap((column) => {
    const counterpart = green.columns.find(({ name }) => name === column.name);
    return counterpart
      ? conditionsOfColumn(column, counterpart, blue.id === green.id).map((why) => ({
          table,
          column: column.name,
          why,
        }))
      : [];
  });
}

function conditionsOfColumn(blue: ReplicatedColumn, green: ReplicatedColumn, sameTable: boolean): string[] {
  if (blue.generated) {
    return green.generated ? [] : ['flows back as long as it holds what blue computes for it'];
  }
  const known = blue.enumerated?.labels ?? [];
  const unknown = (green.enumerated?.labels ?? []).filter((label) => !known.includes(label));
  return [
    ...(blue.notNull && !green.notNull ? ['flows back as long as no row has null in it'] : []),
    ...(blue.type !== green.type ? [`flows back as long as every value fits ${blue.type}`] : []),
    ...(blue.type === green.type && unknown.length > 0
      ? [`flows back as long as no row has ${listed(unknown)} in it`]
      : []),
    ...(sameTable && blue.number !== green.number
      ? ['was made anew on green, and flows back as long as it means the same']
      : []),
  ];
}

function conditionsOfRules(blue: ReplicatedTable, green: ReplicatedTable): Obstacle[] {
  const kept = new Set(
    green.rules.flatMap(({ definition, key, columns }) => [definition, ...(key ? [keyOf(columns)] : [])]),
  );
  return blue.rules
    .filter(({ definition, key, columns }) => !kept.has(definition) && !(key && kept.has(keyOf(columns))))
    .map(({ name, definition }) => ({
      table: tableName(blue),
      why: `flows back as long as no row breaks blue's "${name}": ${definition}`,
    }));
}

function keyOf(columns: readonly string[]): string {
  return JSON.stringify([...columns].sort());
}
