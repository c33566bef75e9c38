/** What the last lines say about the application's writes. */
import { summaryLines } from '../../../lib/cli/summary-lines';
import type { RunReport } from '../../../lib/report/report';

const REPORT = {
  outcome: 'rehearsed',
  serving: 'blue',
  reason: null,
  writes: { acknowledged: 0, lost: 0, duplicated: 0, refused: 31 },
  writeDowntimeMs: null,
  validation: null,
  leftovers: [],
} as unknown as RunReport;

const NOTHING_PROVED =
  '  no write was ever accepted, so this run proves nothing about writes; the last was refused with: never';

test('an application whose every write is refused is pointed out, with the reason', () => {
  expect(summaryLines(REPORT, 'report', 'never')).toContain(NOTHING_PROVED);
});

test('an application that wrote, and one without writers, are not', () => {
  const wrote = { ...REPORT, writes: { acknowledged: 1, lost: 0, duplicated: 0, refused: 31 } };
  const silent = { ...REPORT, writes: { acknowledged: 0, lost: 0, duplicated: 0, refused: 0 } };
  expect(summaryLines(wrote, 'report', 'never')).not.toContain(NOTHING_PROVED);
  expect(summaryLines(silent, 'report')).not.toContain(NOTHING_PROVED);
});
