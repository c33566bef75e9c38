/** Compares what both servers' statistics say of the data. */
import type { DataDrift, DriftedColumn } from '../../lib/core/data-drift';
import { shortened } from '../../lib/core/shortened';
import { compareStatistics, type Expected } from '../../lib/core/statistics';
import type { BothSides, Reader } from '../../lib/ports/reader';
import type { World } from '../../lib/ports/world';

const SHOWN_CHARACTERS = 30;

export async function dataDrift(
  { plan }: Pick<World, 'plan'>,
  { blue, green }: BothSides,
  expected: Omit<Expected, 'beyond'>,
): Promise<DataDrift> {
  const drift = compareStatistics(await blue.statistics(), await green.statistics(), {
    ...expected,
    beyond: plan.validation.driftBeyond,
  });
  if (!plan.report.showValues) {
    return drift;
  }
  const shown: DriftedColumn[] = [];
  for (const column of drift.shown) {
    shown.push({
      ...column,
      blue: await withExtremes(blue, column, column.blue),
      green: await withExtremes(green, column, column.green),
    });
  }
  return { ...drift, shown };
}

async function withExtremes(side: Reader, column: DriftedColumn, figures: DriftedColumn['blue']) {
  const extremes = figures && (await side.extremes(column));
  return extremes
    ? { ...figures, min: shortened(extremes.min, SHOWN_CHARACTERS), max: shortened(extremes.max, SHOWN_CHARACTERS) }
    : figures;
}
