/** Measures how long a query takes on both sides: warmed, and in turns, so that whatever else goes on hits both alike. */
import { areEnough, LONGEST_RUN_MS, LONGEST_WARMING_RUN_MS, type Runs, type Timing } from '../../lib/core/speed';
import type { BothSides } from '../../lib/ports/reader';

export async function measure(sql: string, sides: BothSides): Promise<Runs> {
  const runs = { blue: [] as Timing[], green: [] as Timing[] };
  for (let warm = false; !areEnough(runs); warm = true) {
    const afterMs = warm ? LONGEST_RUN_MS : LONGEST_WARMING_RUN_MS;
    for (const side of ['blue', 'green'] as const) {
      const timing = await sides[side].time(sql, afterMs);
      if (!timing) {
        return { ...runs, stopped: { side, afterMs } };
      }
      if (warm) {
        runs[side].push(timing);
      }
    }
  }
  return runs;
}
