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

test('columns that were rewritten and look different are named, the first five of them', () => {
  const column = (n: number, more: object) => ({ schema: 'public', table: 'person', name: `c${n}`, ...more });
  const line = (...shown: object[]) =>
    summaryLines(
      { ...REPORT, validation: { mismatches: [], drift: { shown } } } as unknown as RunReport,
      'report',
    ).find((text) => text.includes('look different'));
  const drifted = [1, 2, 3, 4, 5, 6].map((n) => column(n, { beyond: ['nulls'], changedBy: '0001_a.sql' }));
  expect(line(...drifted.slice(0, 5))).toBe(
    '  rewritten, and look different: public.person.c1, public.person.c2, public.person.c3, public.person.c4, public.person.c5',
  );
  expect(line(...drifted)).toMatch(/public.person.c5, …$/);
  expect(line(column(1, { beyond: ['nulls'] }), column(2, { beyond: [], changedBy: '0001_a.sql' }))).toBeUndefined();
});
