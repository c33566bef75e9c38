import { byHandOf } from '../../../lambdas/handler';
import { ERROR_POLICIES, errorNames } from '../../../lib/core/error-policies';
import * as errors from '../../../lib/core/errors';
import * as followingErrors from '../../../lib/core/following-errors';
import {
  belongsToRun,
  instanceIdentifierProblem,
  ownershipTags,
  runIdProblem,
  runNames,
} from '../../../lib/core/identifiers';
import { leftOnGreen, manualRollback } from '../../../lib/core/leftovers';
import * as networkErrors from '../../../lib/core/network-errors';
import { readiness } from '../../../lib/core/readiness';
import { decideRecovery } from '../../../lib/core/recovery';
import { verdictOf } from '../../../lib/core/verdict';
import { annotatedDeclarations } from '../../../lib/engines/postgres/changes/declaration-comments';
import { leadsTo } from '../../../lib/ports/endpoint-swap';
import { planFixture } from '../../support/plan-fixture';

describe('recovery', () => {
  const bakeFailed = { phase: 'bake', error: 'AlarmFired' } as const;

  it.each([
    ['absent', 'roll-back'],
    ['closed', 'roll-back'],
    ['abandoned', 'roll-back'],
    ['open', 'stay-on-green'],
    ['retiring', 'stay-on-green'],
    ['failing-back', 'fail-back'],
  ] as const)('with green %s and no way back: %s', (green, action) => {
    for (const blueHandedOver of [true, false, undefined]) {
      expect(decideRecovery({ green, blueHandedOver, wayBack: false, failure: bakeFailed })).toMatchObject({
        action,
        reason: expect.stringMatching(/^(green|the application) /),
      });
    }
  });

  it.each([
    [false, 'roll-back'],
    [true, 'wait'],
    [undefined, 'wait'],
  ] as const)('with green unknown and blue handed over: %s, it decides: %s', (blueHandedOver, action) => {
    expect(decideRecovery({ green: 'unknown', blueHandedOver, wayBack: false, failure: bakeFailed })).toMatchObject({
      action,
    });
  });

  it.each([
    ['bake', 'AlarmFired', 'fail-back'],
    ['bake', 'InjectedFault', 'fail-back'],
    ['switchover', 'Lambda.Unknown', 'fail-back'],
    ['failback', 'FailbackRequested', 'fail-back'],
    // the way back is what is broken, or nothing speaks against green
    ['bake', 'FollowingBroken', 'stay-on-green'],
    ['bake', 'LineageLost', 'stay-on-green'],
    ['bake', 'TooMuchWalKept', 'stay-on-green'],
    ['retire', 'Lambda.Unknown', 'stay-on-green'],
    ['abort', 'Aborted', 'stay-on-green'],
  ] as const)('with green open, a way back, and %s failed with %s: %s', (phase, error, action) => {
    expect(
      decideRecovery({ green: 'open', blueHandedOver: true, wayBack: true, failure: { phase, error } }),
    ).toMatchObject({ action });
  });

  it('tells a human every command, in an order that is safe, with names quoted', () => {
    const plan = planFixture();
    const commands = manualRollback(
      { ...plan, blue: { ...plan.blue, identifier: 'prod', database: 'we"ird' } },
      'run-1',
      byHandOf(plan),
    );
    expect(commands.map(({ command }) => command)).toEqual([
      `psql "host=<address of orders-green-ce85824d0f> dbname=we"ird" -c "set default_transaction_read_only = off" -c "update bluegreen.run set green_state = 'abandoned' where green_state = 'closed'" -c "select run_id, green_state from bluegreen.run"`,
      expect.stringMatching(/^aws route53 change-resource-record-sets .*"UPSERT".*"Value":"<address of prod>"/),
      expect.stringContaining('alter database \\"we""ird\\" reset default_transaction_read_only'),
      'aws rds modify-db-instance --db-instance-identifier orders-green-ce85824d0f --no-deletion-protection --apply-immediately',
      'aws rds delete-db-instance --db-instance-identifier orders-green-ce85824d0f --skip-final-snapshot',
      'aws rds delete-db-snapshot --db-snapshot-identifier orders-green-ce85824d0f',
    ]);
  });

  it('lists what stays only where it is there', () => {
    const plan = planFixture({ blue: { ...planFixture().blue, identifier: 'prod' } });
    expect(
      leftOnGreen(plan, 'run-1', { record: false, blue: false, snapshot: false, wayBack: false }, byHandOf(plan)),
    ).toEqual([]);
    const all = leftOnGreen(
      plan,
      'run-1',
      { record: true, blue: true, snapshot: true, wayBack: false },
      byHandOf(plan),
    );
    expect(all.map(({ what }) => what)).toEqual([
      expect.stringContaining('record on green orders-green-ce85824d0f'),
      'blue prod, frozen',
      "the run's snapshot orders-green-ce85824d0f",
    ]);
    expect(all[1]?.command).toContain('--final-db-snapshot-identifier orders-final-ce85824d0f');
  });
});

describe('names', () => {
  it('are the same for the same run, and differ between runs and plans', () => {
    expect(runNames('orders', 'run-1')).toEqual({
      green: 'orders-green-ce85824d0f',
      snapshot: 'orders-green-ce85824d0f',
      finalSnapshot: 'orders-final-ce85824d0f',
    });
    const others = [runNames('orders', 'run-2'), runNames('order', 's\nrun-1'), runNames('orders-green', 'run-1')];
    expect(new Set(others.map(({ green }) => green)).size).toBe(3);
    expect(others.map(({ green }) => green)).not.toContain('orders-green-ce85824d0f');
  });

  it('are taken by RDS, also for the longest plan name', () => {
    for (const name of Object.values(runNames('a'.repeat(46), 'run'))) {
      expect(name.length).toBe(63);
      expect(instanceIdentifierProblem(name)).toBeUndefined();
    }
  });

  it.each([
    ['a', undefined],
    ['Orders-2', undefined],
    ['a'.repeat(63), undefined],
    ['a'.repeat(64), 'has 64 characters'],
    ['', 'has 0 characters'],
    ['2orders', 'does not start with a letter'],
    ['-orders', 'does not start with a letter'],
    ['orders-', 'ends with a hyphen or contains two in a row'],
    ['or--ders', 'ends with a hyphen or contains two in a row'],
    ['or.ders', 'contains a character that is neither letter, digit nor hyphen'],
    ['orders\n', 'contains a character that is neither letter, digit nor hyphen'],
    ['größe', 'contains a character that is neither letter, digit nor hyphen'],
  ])('RDS says of %j: %s', (identifier, problem) => {
    expect(instanceIdentifierProblem(identifier)).toBe(problem);
  });

  it.each([
    ['run-1_A', true],
    ['r'.repeat(64), true],
    ['r'.repeat(65), false],
    ['', false],
    ['a b', false],
    ['a\n', false],
    ["a'b", false],
  ])('run id %j: %s', (runId, allowed) => {
    expect(runIdProblem(runId) === undefined).toBe(allowed);
  });

  it('belong to a run only when plan and run both match', () => {
    const tags = ownershipTags('orders', 'run-1', 'freeze');
    expect(tags).toEqual({
      'bluegreen:plan': 'orders',
      'bluegreen:run': 'run-1',
      'bluegreen:lineage': 'freeze',
      'bluegreen:disposable': 'true',
    });
    expect(belongsToRun(tags, 'orders', 'run-1')).toBe(true);
    expect(belongsToRun(tags, 'orders', 'run-2')).toBe(false);
    expect(belongsToRun(tags, 'order', 'run-1')).toBe(false);
    expect(belongsToRun({}, 'orders', 'run-1')).toBe(false);
  });
});

describe('the status of an instance', () => {
  it.each([
    ['available', 'usable'],
    ['storage-optimization', 'usable'],
    ['backing-up', 'usable'],
    ['configuring-enhanced-monitoring', 'usable'],
    ['configuring-iam-database-auth', 'usable'],
    ['configuring-log-exports', 'usable'],
    ['creating', 'transient'],
    ['modifying', 'transient'],
    ['starting', 'transient'],
    ['something-new', 'transient'],
    ['', 'transient'],
    ['deleting', 'deleting'],
    ['delete-precheck', 'deleting'],
    ['failed', 'failed'],
    ['restore-error', 'failed'],
    ['incompatible-network', 'failed'],
    ['inaccessible-encryption-credentials-recoverable', 'failed'],
    ['insufficient-capacity', 'failed'],
    ['storage-full', 'failed'],
    ['stopped', 'failed'],
    ['stopping', 'failed'],
  ])('%s is %s', (status, meaning) => {
    expect(readiness(status)).toBe(meaning);
  });
});

describe('an endpoint', () => {
  const address = { host: 'Blue.Example', port: 5432 };
  it('leads to an address whatever the letters of its name, and where it knows a port, to that port', () => {
    expect(leadsTo({ host: 'blue.example' }, address)).toBe(true);
    expect(leadsTo({ host: 'BLUE.example', port: 5432 }, address)).toBe(true);
    expect(leadsTo({ host: 'blue.example', port: 5433 }, address)).toBe(false);
    expect(leadsTo({ host: 'green.example' }, address)).toBe(false);
    expect(leadsTo(undefined, address)).toBe(false);
    expect(leadsTo({ host: 'blue.example' }, undefined)).toBe(false);
  });
});

describe('the errors', () => {
  it('each have their own name and the policy the table states', () => {
    const classes = Object.entries({ ...errors, ...followingErrors, ...networkErrors }).filter(
      ([name, value]) => typeof value === 'function' && name !== 'BlueGreenError' && /^[A-Z]/.test(name),
    );
    expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(ERROR_POLICIES).sort());
    expect(new errors.BlueNotFound('x')).toMatchObject({ name: 'BlueNotFound', policy: 'refuse' });
    expect(new errors.FreezeFailed('x')).toMatchObject({ name: 'FreezeFailed', policy: 'stop' });
    expect(errorNames('retry')).toEqual(['TemporarilyUnavailable', 'ResourceBusy', 'RollbackFailed']);
  });
});

describe('a verdict', () => {
  const findings = {
    tables: 2,
    rows: 10,
    mismatches: [],
    checks: [{ file: 'a.sql', kind: 'no-rows' as const, passed: true, rows: 0, returned: [] }],
    excluded: [],
    fenceMs: 2,
    atMs: 5,
  };
  const mismatch = { kind: 'rows', object: 'public.orders', message: '3 rows on blue, 2 on green' } as const;

  it('passes without mismatches, and says what was compared', () => {
    expect(verdictOf(findings)).toEqual({
      ...findings,
      pass: true,
      summary: '10 rows in 2 tables are equal, 1 check passes',
    });
  });

  it('fails with any mismatch, and names it', () => {
    expect(verdictOf({ ...findings, mismatches: [mismatch] })).toMatchObject({
      pass: false,
      summary: 'green does not equal blue:\n  - rows: public.orders: 3 rows on blue, 2 on green',
    });
  });

  it('says how a change declares what its text does not tell', () => {
    const undeclared = { kind: 'schema', object: 'column public.orders.id in database "shop"', message: 'x' } as const;
    const { summary } = verdictOf({ ...findings, mismatches: [mismatch, undeclared] });
    const [, comment = ''] = /let it say so in a comment, "(.*)"$/.exec(summary) ?? [];
    expect(comment).toBe('-- bluegreen: declares column public.orders.id');
    expect(annotatedDeclarations(comment)).toEqual({
      declarations: [{ kind: 'column', schema: 'public', table: 'orders', name: 'id' }],
    });
  });

  it('stays small, and counts what it leaves out', () => {
    const verdict = verdictOf({ ...findings, mismatches: Array(53).fill(mismatch), excluded: Array(60).fill('x') });
    expect(verdict.mismatches).toHaveLength(50);
    expect(verdict.excluded).toHaveLength(50);
    expect(verdict.summary).toContain('and 3 more');
  });
});
