/** `bluegreen failback` against real runs: the application moves back, and whoever asked for it sees how that ended. */

import { PHASE_ROWS } from '../../lib/core/phases';
import type { Plan } from '../../lib/core/plan';
import type { LocalRuntime } from '../../lib/local/local-runtime';
import type { RunReport } from '../../lib/report/report';
import { bluegreen } from '../support/command-line';
import { type FixtureOptions, runLocally } from '../support/local-run-fixture';

/** So long that it is over only when something ends it. */
const longBake = (sync: Plan['sync']) => (plan: Plan) => ({
  ...plan,
  sync,
  bake: { ...plan.bake, seconds: 86_400 },
  changes: plan.changes.filter(({ kind }) => kind === 'expand'),
});

interface Baking {
  readonly runtime: LocalRuntime;
  readonly runId: string;
}

/** Starts a run and does `meanwhile` as soon as it waits for the end of its bake time. */
async function whileBaking(
  options: FixtureOptions,
  meanwhile: (baking: Baking) => Promise<void>,
  afterRun?: (baking: Baking) => Promise<void>,
): Promise<RunReport> {
  let baking: Baking | undefined;
  let work: Promise<void> | undefined;
  const report = await runLocally({
    ...options,
    beforeRun: async (runtime, runId) => {
      baking = { runtime, runId };
    },
    onEvent: (state) => {
      if (baking && state === PHASE_ROWS.bake.wait) {
        work ??= meanwhile(baking);
      }
    },
    afterRun: async (_runtime, { outcome, reason }) => {
      if (!work) {
        throw new Error(`the run never baked: ${outcome}, ${reason?.phase} failed with ${reason?.message}`);
      }
      await work;
      await afterRun?.(baking as Baking);
    },
  });
  return report;
}

const BLUE = 'small-production';

test('a run that bakes is moved back while the application writes, and the run itself ends as failed back, too', async () => {
  let code: number | null = null;
  let stdout = '';
  const report = await whileBaking(
    { plan: longBake('replication') },
    async ({ runtime, runId }) => {
      ({ code, stdout } = await bluegreen(['failback', runId, '--endpoint-url', runtime.statesUrl]).ended);
    },
    async ({ runtime, runId }) => {
      expect(runtime.front.target()).toMatchObject({ port: runtime.rds.serverOf(BLUE)?.port });
      const again = await bluegreen(['failback', runId, '--endpoint-url', runtime.statesUrl, '--json']).ended;
      expect(JSON.parse(again.stdout)).toMatchObject({ runId, outcome: 'failed-back', serving: 'blue' });
      expect(again.stderr).toContain(`:${runId}-failback-2\n`);
      expect(again.code).toBe(4);
    },
  );
  expect(stdout).toMatch(
    /^ {2}failback {3}done +[0-9.]+ s {3}blue serves again and holds every write that green accepted/m,
  );
  expect(stdout).toContain('failed-back: blue serves the application\n');
  expect(stdout).toMatch(/^ {4}green small-green-[0-9a-f]{10}, refusing writes;[^\n]*\n {6}aws rds /m);
  expect(code).toBe(4);
  expect(report).toMatchObject({
    outcome: 'failed-back',
    serving: 'blue',
    reason: { phase: 'bake', error: 'AlarmFired', message: expect.stringContaining('somebody asked') },
    writes: { lost: 0, duplicated: 0 },
  });
  expect(report.writes?.acknowledged).toBeGreaterThan(0);
});

test('a run without a way back stays on green, and the verb says why', async () => {
  const stop = new AbortController();
  const report = await whileBaking({ plan: longBake('freeze'), signal: stop.signal }, async ({ runtime, runId }) => {
    const { code, stdout } = await bluegreen(['failback', runId, '--endpoint-url', runtime.statesUrl]).ended;
    stop.abort();
    expect(stdout).toContain('needs-attention: green serves the application\n');
    expect(stdout).toContain('blue does not follow green, it lacks what was written since the switchover');
    expect(stdout).toContain('docs/operations.md, "How do I move the application back?"');
    expect(code).toBe(5);
  });
  expect(report).toMatchObject({ outcome: 'needs-attention', serving: 'green', reason: { error: 'Aborted' } });
});
