/** docs/report.schema.json describes the reports that runs produce, and refuses what they must not be. */

import { z } from 'zod';
import { byHandOf } from '../../lambdas/handler';
import { PHASES } from '../../lib/core/phases';
import { verdictOf } from '../../lib/core/verdict';
import { buildReport, type ReportFacts } from '../../lib/report/build-report';
import type { RunReport } from '../../lib/report/report';
import { planFixture } from '../support/plan-fixture';
import { read } from './markdown';

const JSON_SCHEMA = JSON.parse(read('docs/report.schema.json'));
const schema = z.fromJSONSchema(JSON_SCHEMA);

const WRITES = { acknowledged: 722, lost: 0, duplicated: 0, refused: 1010, longestGapMs: 6_540.25 };
const LEFTOVER = {
  what: 'snapshot s, kept as the plan asks',
  command: 'aws rds delete-db-snapshot --db-snapshot-identifier s',
};

const VERDICT = verdictOf({
  tables: 2,
  rows: 40,
  mismatches: [
    { kind: 'content', object: 'public.orders', message: '40 rows on both sides, but their contents differ' },
  ],
  checks: [
    { file: 'no_orphans.sql', kind: 'no-rows', passed: false, rows: 3, returned: ['id = 7'] },
    { file: 'sums.same.sql', kind: 'same', passed: false, rows: 2, onlyOnBlue: ['sum = 7'], onlyOnGreen: ['sum = 8'] },
    {
      file: 'lookup.faster-than-blue.sql',
      kind: 'faster-than-blue',
      passed: false,
      rows: 0,
      speed: { runs: 31, blueMs: 0.05, greenMs: 12.5, plans: { blue: 'Index Scan', green: 'Seq Scan' } },
    },
    { file: 'slow.faster-than-blue.sql', kind: 'faster-than-blue', passed: false, rows: 0, speed: null },
  ],
  excluded: ['values of public.orders.total, rewritten by 0001_totals.sql'],
  drift: {
    columns: 9,
    withoutStatistics: 1,
    flagged: 1,
    shown: [
      {
        schema: 'public',
        table: 'orders',
        name: 'total',
        beyond: ['nulls'],
        changedBy: '0001_totals.sql',
        blue: { nullShare: 0, distinct: 40, averageLength: 5, min: '1.00', max: '9.00' },
        green: { nullShare: 0.4, distinct: 24, averageLength: null, min: '1.00', max: '9.00' },
      },
      { schema: 'public', table: 'orders', name: 'note', beyond: [], blue: null, green: null },
    ],
  },
  fenceMs: 2.5,
  atMs: Date.UTC(2026, 0, 1),
});

function facts(end: ReportFacts['end'], more: Partial<ReportFacts> = {}): ReportFacts {
  const payload = { status: 'done', detail: VERDICT.summary, result: VERDICT };
  return {
    runId: 'orders-1',
    plan: planFixture(),
    engine: 'postgres 18.4',
    end,
    events: [
      { type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'Prove that green equals blue' } },
      { type: 'TaskScheduled' },
      { type: 'TaskSucceeded', taskSucceededEventDetails: { output: JSON.stringify({ Payload: payload }) } },
    ].map((event, index) => ({ event, atMs: Date.UTC(2026, 0, 1) + index })),
    writes: WRITES,
    writeDowntimeMs: 6_502,
    failbackWriteDowntimeMs: null,
    servingObserved: 'blue',
    byHand: byHandOf(planFixture()),
    ...more,
  };
}

const failure = { phase: 'migrate', error: 'ChangeFailed', message: 'changes/0001_totals.sql:1:1: …' };
const text = (ending: object) => JSON.stringify({ version: 1, runId: 'orders-1', ...ending });

const REPORTS: Record<string, RunReport> = {
  migrated: buildReport(
    facts({ output: text({ outcome: 'migrated', serving: 'green', results: { retire: { leftovers: [LEFTOVER] } } }) }),
  ),
  rehearsed: buildReport(facts({ output: text({ outcome: 'rehearsed', serving: 'blue', leftovers: [] }) })),
  'rolled back': buildReport(
    facts({
      error: 'RolledBack',
      cause: text({ outcome: 'rolled-back', serving: 'blue', reason: failure, leftovers: [LEFTOVER] }),
    }),
  ),
  'failed back': buildReport(
    facts(
      {
        error: 'FailedBack',
        cause: text({
          outcome: 'failed-back',
          serving: 'blue',
          reason: { phase: 'bake', error: 'AlarmFired', message: 'while green served:\n  - orders-5xx' },
          leftovers: [LEFTOVER],
        }),
      },
      { plan: planFixture({ sync: 'replication' }), writeDowntimeMs: 48.2, failbackWriteDowntimeMs: 51.7 },
    ),
  ),
  'in need of attention': buildReport(
    facts({
      error: 'NeedsAttention',
      cause: text({ outcome: 'needs-attention', serving: 'unknown', reason: failure, reasons: ['why'] }),
    }),
  ),
  'broken off': buildReport(facts({ error: 'States.Timeout', cause: '' })),
  'without an application or a verdict': buildReport(
    facts(
      { output: text({ outcome: 'migrated', serving: 'green' }) },
      { events: [], writes: null, writeDowntimeMs: null },
    ),
  ),
};

test.each(Object.entries(REPORTS))('accepts the report of a run that is %s', (_which, report) => {
  expect(schema.safeParse(JSON.parse(JSON.stringify(report))).error).toBeUndefined();
});

test('the reports used here have every part at least once', () => {
  const all = Object.values(REPORTS);
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(
    new Set(['migrated', 'rehearsed', 'rolled-back', 'failed-back', 'needs-attention']),
  );
  for (const part of ['reason', 'writes', 'validation'] as const) {
    expect(all.some((report) => report[part] !== null) && all.some((report) => report[part] === null)).toBe(true);
  }
  expect(all.some(({ phases, leftovers }) => phases.length > 0 && leftovers.length > 0)).toBe(true);
});

/** Paths of all keys, with `*` for the members of lists. */
function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((member) => keysOf(member, `${path}.*`));
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => [`${path}.${key}`, ...keysOf(member, `${path}.${key}`)])
    : [];
}

type Described = { properties?: Record<string, Described>; items?: Described; anyOf?: Described[] };

function describedKeys({ properties = {}, items, anyOf = [] }: Described, path = ''): string[] {
  return [
    ...Object.entries(properties).flatMap(([key, member]) => [
      `${path}.${key}`,
      ...describedKeys(member, `${path}.${key}`),
    ]),
    ...(items ? describedKeys(items, `${path}.*`) : []),
    ...anyOf.flatMap((alternative) => describedKeys(alternative, path)),
  ];
}

test('describes every key that reports have, and none that they do not', () => {
  const used = new Set(Object.values(REPORTS).flatMap((report) => keysOf(report)));
  expect(describedKeys(JSON_SCHEMA).sort()).toEqual([...used].sort());
});

test('knows the phases', () => {
  const { phases, reason } = JSON_SCHEMA.properties;
  expect(phases.items.properties.name.enum).toEqual([...PHASES]);
  expect(reason.anyOf[1].properties.phase.enum).toEqual([...PHASES, 'abort', 'workflow']);
});

test.each<[string, (report: Record<string, unknown>) => void]>([
  ['another version', (report) => Object.assign(report, { version: 2 })],
  ['an outcome that does not exist', (report) => Object.assign(report, { outcome: 'done' })],
  ['a side that does not exist', (report) => Object.assign(report, { serving: 'unknown' })],
  ['fewer than no lost writes', (report) => Object.assign(report, { writes: { ...WRITES, lost: -1 } })],
  ['writes that are not counted', (report) => Object.assign(report, { writes: { acknowledged: 1 } })],
  ['a leftover without its command', (report) => Object.assign(report, { leftovers: [{ what: 'snapshot s' }] })],
  ['a missing verdict that is not said to be missing', (report) => delete report.validation],
])('refuses %s', (_what, spoil) => {
  const report = JSON.parse(JSON.stringify(REPORTS.migrated));
  spoil(report);
  expect(schema.safeParse(report).success).toBe(false);
});
