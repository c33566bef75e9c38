import type { CheckResult } from '../../../lib/core/checks';
import { markdownReport } from '../../../lib/report/markdown';
import type { RunReport } from '../../../lib/report/report';

const report = (checks: CheckResult[]): RunReport => ({
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
  validation: { tables: 2, rows: 40, mismatches: [], checks, excluded: [], fenceMs: 0 },
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
});
