/** The section of the Markdown report about drift of data. */
import type { ColumnFigures, DataDrift, DriftedColumn, DriftedFigure } from '../core/data-drift';
import { cell } from './table-cell';

/** Their values were compared, so that the estimates are what differs. */
const WITHOUT_CHANGE =
  'Where no change is named, the comparison says whether the values are equal; blue was analyzed at another time than green.';

export function driftSection({ columns, withoutStatistics, flagged, shown }: DataDrift): string[] {
  const none = withoutStatistics > 0 ? ` Of ${withoutStatistics} more, blue has no statistics.` : '';
  const values = shown.some(({ blue, green }) => blue?.min !== undefined || green?.min !== undefined);
  return [
    '',
    '### Drift of data',
    '',
    `By the servers' estimates ${flagged} of ${columns} columns look different on green.${none}`,
    ...(shown.some(({ changedBy }) => changedBy === undefined) ? [WITHOUT_CHANGE] : []),
    ...(shown.length > 0
      ? [
          '',
          `| column | nulls | distinct values | average length |${values ? ' smallest | largest |' : ''} changed by |`,
          `|---|---|---|---|${values ? '---|---|' : ''}---|`,
          ...shown.map((column) => `| ${row(column, values).map(cell).join(' | ')} |`),
        ]
      : []),
  ];
}

function row(column: DriftedColumn, values: boolean): string[] {
  const { schema, table, name, changedBy } = column;
  return [
    `${schema}.${table}.${name}`,
    figure(column, ({ nullShare }) => `${Math.round(nullShare * 1000) / 10} %`, 'nulls'),
    figure(column, ({ distinct }) => `${distinct ?? '?'}`, 'distinct values'),
    figure(column, ({ averageLength }) => `${averageLength ?? '–'}`, 'average length'),
    ...(values ? [figure(column, ({ min }) => min ?? '–'), figure(column, ({ max }) => max ?? '–')] : []),
    changedBy ?? '',
  ];
}

function figure(
  { beyond, blue, green }: DriftedColumn,
  text: (figures: ColumnFigures) => string,
  flag?: DriftedFigure,
) {
  const [before, after] = [blue, green].map((figures) => (figures ? text(figures) : 'no statistics'));
  const both = before === after ? `${before}` : `${before} → ${after}`;
  return flag && beyond.includes(flag) ? `**${both}**` : both;
}
