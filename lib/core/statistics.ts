/** Compares the statistics of both sides, column by column. */
import type {
  ColumnFigures,
  ColumnName,
  ColumnStatistics,
  DataDrift,
  DriftedColumn,
  DriftedFigure,
} from './data-drift';
import { type DeclaredBy, reaches, type TableFacts } from './schema';

/** Columns kept in a verdict, so that no state's payload grows with the database. */
const MOST_SHOWN = 50;

export interface Expected {
  /** Blue's tables. */
  readonly tables: readonly TableFacts[];
  readonly declared: readonly DeclaredBy[];
  /** By how much figures may differ. */
  readonly beyond: number;
}

export function compareStatistics(
  blue: readonly ColumnStatistics[],
  green: readonly ColumnStatistics[],
  { tables, declared, beyond }: Expected,
): DataDrift {
  const tablesByName = new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table]));
  const onGreen = new Map(green.map((column) => [columnKey(column), column]));
  const shared = blue.flatMap((column): DriftedColumn[] => {
    const counterpart = onGreen.get(columnKey(column));
    const table = tablesByName.get(JSON.stringify([column.schema, column.table]));
    if (!counterpart) {
      return [];
    }
    const { figures, ...name } = column;
    const file = table && rewrittenBy(table, column.name, declared);
    return [
      {
        ...name,
        beyond: differing(figures, counterpart.figures, beyond),
        ...(file !== undefined && { changedBy: file }),
        blue: figures,
        green: counterpart.figures,
      },
    ];
  });
  const flagged = shared.filter((column) => column.beyond.length > 0);
  const rewritten = shared.filter((column) => column.changedBy !== undefined);
  return {
    columns: shared.filter((column) => column.blue && column.green).length,
    withoutStatistics: shared.filter((column) => !column.blue).length,
    flagged: flagged.length,
    shown: [...new Set([...flagged.filter(({ changedBy }) => changedBy), ...flagged, ...rewritten])].slice(
      0,
      MOST_SHOWN,
    ),
  };
}

function differing(blue: ColumnFigures | null, green: ColumnFigures | null, beyond: number): DriftedFigure[] {
  if (!blue || !green) {
    return [];
  }
  const isFar = (before: number | null, after: number | null, least: number) =>
    before !== null && after !== null && Math.abs(after - before) > Math.max(least, beyond * before);
  return [
    ...(Math.abs(green.nullShare - blue.nullShare) > beyond ? ['nulls' as const] : []),
    ...(isFar(blue.distinct, green.distinct, 0) ? ['distinct values' as const] : []),
    // the server rounds it to whole bytes
    ...(isFar(blue.averageLength, green.averageLength, 1) ? ['average length' as const] : []),
  ];
}

function rewrittenBy(table: TableFacts, column: string, declared: readonly DeclaredBy[]): string | undefined {
  return declared.find(
    ({ declaration: d }) => (d.kind === 'rows' || (d.kind === 'values' && d.column === column)) && reaches(d, table),
  )?.file;
}

function columnKey({ schema, table, name }: ColumnName): string {
  return JSON.stringify([schema, table, name]);
}
