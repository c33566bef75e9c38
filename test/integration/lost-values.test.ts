/** The examples whose changes succeed and lose values: the run finds it, names the rows, and blue serves on. */
import { join } from 'node:path';
import type { Plan } from '../../lib/core/plan';
import { runLocally } from '../support/local-run-fixture';

const EXAMPLES = join(__dirname, '../../examples');

function named(report: Awaited<ReturnType<typeof runLocally>>, column: string): string[] {
  return (report.validation?.mismatches ?? []).flatMap(({ key, columns }) =>
    columns?.some((pair) => pair.column === column) ? [String(key?.id)] : [],
  );
}

test('a cast that cuts values off, and a conversion to another encoding, are found row by row, and no value is shown', async () => {
  const report = await runLocally({ planFolder: join(EXAMPLES, 'silent-truncation') });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    reason: { phase: 'validate', error: 'ValidationFailed' },
    writes: { lost: 0, duplicated: 0, refused: 0 },
  });
  expect(named(report, 'name')).toEqual(['400', '800', '1200', '1600', '2000']);
  expect(named(report, 'summary')).toEqual(Array.from({ length: 10 }, (_, index) => String((index + 1) * 1_000)));
  expect(report.validation?.mismatches.at(-1)?.message).toBe('10 more rows differ');
  expect(JSON.stringify(report)).not.toMatch(/printer|Zoë/);
});

const IN_NEW_YORK = (plan: Plan): Plan => ({
  ...plan,
  validation: { ...plan.validation, timeZone: 'America/New_York' },
});

test('times that were read in another zone are found; where that zone was meant, only those that do not exist in it', async () => {
  const planFolder = join(EXAMPLES, 'timezone-shift');
  const shifted = await runLocally({ planFolder, rehearse: true });
  expect(shifted).toMatchObject({ outcome: 'rolled-back', reason: { error: 'ValidationFailed' } });
  expect(named(shifted, 'taken_at')).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 1)));
  const meant = await runLocally({ planFolder, rehearse: true, plan: IN_NEW_YORK });
  // from 02:00 to 02:55 on 9 March 2025, when New York put its clocks forward
  expect(named(meant, 'taken_at')).toEqual(Array.from({ length: 10 }, (_, index) => String(19_320 + index)));
  expect(meant.validation?.mismatches.at(-1)?.message).toBe('2 more rows differ');
});
