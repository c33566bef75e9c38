import type { CheckResult } from '../../../lib/core/checks';
import type { DataDrift } from '../../../lib/core/data-drift';
import { markdownReport } from '../../../lib/report/markdown';
import type { RunReport } from '../../../lib/report/report';

const report = (checks: CheckResult[], drift: DataDrift | null = null): RunReport => ({
  version: 1,
  runId: 'run-1',
  plan: 'orders',
  engine: 'postgres 18.4',
  sync: 'replication',
  outcome: 'migrated',
  reason: null,
  serving: 'green',
  writes: null,
  writeDowntimeMs: null,
  failbackWriteDowntimeMs: null,
  phases: [],
  validation: { tables: 2, rows: 40, mismatches: [], checks, excluded: [], drift, untilLastWrite: null, fenceMs: 0 },
  wayBack: null,
  leftovers: [],
});

/** The lines about checks. */
const lines = (...checks: CheckResult[]) =>
  markdownReport(report(checks)).split('equal on both sides.\n\n')[1]?.split('\n\nNothing of the run')[0];

describe('the Markdown report', () => {
  it('says of every check what it found, and shows rows and plans as code', () => {
    expect(
      lines(
        { file: 'a.sql', kind: 'no-rows', passed: true, rows: 0, returned: [] },
        {
          file: 'b.sql',
          kind: 'no-rows',
          passed: false,
          rows: 1001,
          returned: ['id = 1, name = ```', 'id = 2, name = x'],
        },
        { file: 'c.same.sql', kind: 'same', passed: false, rows: 2, onlyOnBlue: ['sum = 7'], onlyOnGreen: ['sum = 8'] },
        {
          file: 'd.faster-than-blue.sql',
          kind: 'faster-than-blue',
          passed: false,
          rows: 0,
          speed: { runs: 31, blueMs: 0.05, greenMs: 12.5, plans: { blue: 'Index Scan', green: 'Seq Scan' } },
        },
      ),
    ).toBe(`- check \`a.sql\`: passes
- check \`b.sql\`: returned more than 1000 rows

      id = 1, name = \`\`\`
      id = 2, name = x
- check \`c.same.sql\`: does not answer the same

      only on blue:  sum = 7
      only on green: sum = 8
- check \`d.faster-than-blue.sql\`: fails; 12.5 ms on green, 0.05 ms on blue, medians of 31 runs

      blue:  Index Scan
      green: Seq Scan`);
  });

  it('shows the columns that drifted, before and after, and marks what differs by too much', () => {
    const figures = { nullShare: 0, distinct: 5000, averageLength: 23 };
    const name = { schema: 'public', table: 'person' };
    const drift: DataDrift = {
      columns: 13,
      withoutStatistics: 2,
      flagged: 1,
      shown: [
        {
          ...name,
          name: 'e|mail',
          beyond: ['nulls'],
          changedBy: '0001_a.sql',
          blue: figures,
          green: { ...figures, nullShare: 0.4, distinct: 4800 },
        },
        { ...name, name: 'team', beyond: [], blue: null, green: { nullShare: 0, distinct: null, averageLength: null } },
      ],
    };
    const section = markdownReport(report([], drift)).split('### Drift of data\n\n')[1];
    expect(
      section?.split('\n\nNothing of the run')[0],
    ).toBe(`By the servers' estimates 1 of 13 columns look different on green. Of 2 more, blue has no statistics.
Where no change is named, the comparison says whether the values are equal; blue was analyzed at another time than green.

| column | nulls | distinct values | average length | changed by |
|---|---|---|---|---|
| public.person.e\\|mail | **0 % → 40 %** | 5000 → 4800 | 23 | 0001_a.sql |
| public.person.team | no statistics → 0 % | no statistics → ? | no statistics → – |  |`);
    const [shown] = drift.shown;
    const withValues = { ...drift, shown: shown ? [{ ...shown, blue: { ...figures, min: 'a', max: 'z' } }] : [] };
    expect(markdownReport(report([], withValues))).toContain('| 5000 → 4800 | 23 | a → – | z → – | 0001_a.sql |');
  });
});
