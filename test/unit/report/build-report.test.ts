import { byHandOf } from '../../../lambdas/handler';
import { buildReport, type ReportFacts } from '../../../lib/report/build-report';
import { planFixture } from '../../support/plan-fixture';

const facts = (end: ReportFacts['end']): ReportFacts => ({
  runId: 'run-1',
  plan: planFixture(),
  engine: 'postgres 18.4',
  end,
  events: [],
  writes: { acknowledged: 5, lost: 0, duplicated: 0, refused: 1 },
  writeDowntimeMs: 12,
  failbackWriteDowntimeMs: null,
  servingObserved: 'blue',
  byHand: byHandOf(planFixture()),
});

describe('the report', () => {
  it('of a success tells the outcome and what the plan kept', () => {
    const kept = {
      what: 'snapshot s, kept as the plan asks',
      command: 'aws rds delete-db-snapshot --db-snapshot-identifier s',
    };
    const output = JSON.stringify({
      version: 1,
      outcome: 'migrated',
      serving: 'green',
      results: { retire: { leftovers: [kept] } },
    });
    expect(buildReport(facts({ output }))).toMatchObject({
      outcome: 'migrated',
      serving: 'green',
      reason: null,
      leftovers: [kept],
    });
  });

  it('of a failure tells which phase failed and why', () => {
    const reason = { phase: 'clone', error: 'ResourceFailed', message: 'it failed' };
    const cause = JSON.stringify({
      version: 1,
      outcome: 'rolled-back',
      serving: 'blue',
      reason,
      reasons: ['x'],
      leftovers: [],
    });
    expect(buildReport(facts({ error: 'RolledBack', cause }))).toMatchObject({
      outcome: 'rolled-back',
      reason,
      leftovers: [],
    });
  });

  it('of a recovery that did not get through lists every command that finishes it by hand', () => {
    const reason = { phase: 'clone', error: 'ResourceFailed', message: 'it failed' };
    const cause = JSON.stringify({
      outcome: 'needs-attention',
      serving: 'unknown',
      reason,
      reasons: ['the rollback failed'],
      leftovers: [],
    });
    const report = buildReport(facts({ error: 'NeedsAttention', cause }));
    expect(report).toMatchObject({
      outcome: 'needs-attention',
      serving: 'blue',
      reason: { message: 'it failed\nthe rollback failed' },
    });
    expect(report.leftovers).toHaveLength(6);
  });

  it('of an execution that ended in a way the workflow does not know needs attention', () => {
    expect(buildReport(facts({ error: 'States.Runtime', cause: 'no such thing' }))).toMatchObject({
      outcome: 'needs-attention',
      reason: { phase: 'workflow', error: 'States.Runtime', message: 'no such thing' },
    });
  });
});
