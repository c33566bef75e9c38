/** What the longest run that a plan allows leaves in the history of its execution, which Step Functions ends at 25,000 events. */
import { bakePauseSeconds } from '../../lambdas/bake';
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import { FORWARD_PHASES, type PhaseName } from '../../lib/core/phases';
import { type Plan, planSchema } from '../../lib/core/plan';
import { workersOfRound } from '../../lib/core/ranges';
import { VirtualClock } from '../../lib/local/clock/virtual-clock';
import { executionTimeout } from '../../lib/workflow/workflow';
import { planFixture } from '../support/plan-fixture';
import { named, start } from '../support/states-run';
import { execute, RESULTS, waits } from '../support/workflow-run';

/** Source: Step Functions developer guide, quotas. */
const EVENTS = 25_000;
const DAY = 86_400;
/** Less than what one invocation that compares can be at it. */
const ROUND_SECONDS = 13 * 60;

/** The most that plan.json takes, tried by asking the schema. */
function most(path: readonly [keyof Plan, string]): number {
  const accepts = (value: number) => planSchema.shape[path[0] as 'bake'].safeParse({ [path[1]]: value }).success;
  let [low, high] = [1, 2 ** 40];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = accepts(middle) ? [middle, high] : [low, middle];
  }
  return low;
}

const LONGEST: Plan = planFixture({
  sync: 'replication',
  follow: { timeoutSeconds: most(['follow', 'timeoutSeconds']), maxWalKeptMiB: 51_200 },
  validation: {
    ...planFixture().validation,
    timeoutSeconds: most(['validation', 'timeoutSeconds']),
    parallelism: most(['validation', 'parallelism']),
  },
  switchover: { timeoutSeconds: 600, attempts: most(['switchover', 'attempts']), maxLagMiB: 16 },
  bake: { seconds: most(['bake', 'seconds']), alarms: [] },
});

const TASK_FAILURES: Partial<Record<PhaseName, number>> = { bake: 12, retire: 12, rollback: 30, failback: 30 };
const SHARED: PhaseName[] = [
  ...FORWARD_PHASES.filter((phase) => phase !== 'bake' && phase !== 'validate'),
  'rollback',
  'failback',
];

/** How long each phase waits: together as long as the execution lasts, nobody less than it takes until looks are rarest. */
function waitingTimes(plan: Plan): Record<string, number> {
  const shared = plan.follow.timeoutSeconds + 13 * DAY;
  const validate = plan.validation.timeoutSeconds;
  const bake = executionTimeout(plan).toSeconds() - shared - validate - 2 * DAY;
  return { ...Object.fromEntries(SHARED.map((phase) => [phase, shared / SHARED.length])), validate, bake };
}

/** Phases that wait so long, ask to be called again at once, and fail at first as often as they may; in the end the run is failed back. */
function endless(plan: Plan, clock: VirtualClock) {
  const seconds = waitingTimes(plan);
  const begun = new Map<PhaseName, number>();
  const failures = new Map<PhaseName, number>();
  let workers = 0;
  const work = (): object => {
    const together = workersOfRound(plan.validation.parallelism, workers);
    workers += together;
    return { ...waits(1), workers: together };
  };
  return async (phase: PhaseName, { worker }: { readonly worker?: number }): Promise<unknown> => {
    begun.set(phase, begun.get(phase) ?? clock.now());
    failures.set(phase, (failures.get(phase) ?? 0) + 1);
    if (Number(failures.get(phase)) <= (TASK_FAILURES[phase] ?? 10)) {
      throw named('TemporarilyUnavailable');
    }
    if (worker !== undefined) {
      await clock.sleep(ROUND_SECONDS * 1000);
      return waits(1);
    }
    if ((clock.now() - Number(begun.get(phase))) / 1000 < Number(seconds[phase])) {
      return phase === 'validate' ? work() : waits(phase === 'bake' ? bakePauseSeconds(plan) : 1);
    }
    if (phase === 'bake') {
      throw named('AlarmFired');
    }
    const result = phase === 'rollback' ? { ...Object(RESULTS.rollback), outcome: 'fail-back' } : RESULTS[phase];
    return { status: 'done', detail: '', result };
  };
}

test('of the longest run there is has room for it', async () => {
  const { definition, functions } = synthesizeDefinition(LONGEST);
  const clock = new VirtualClock();
  const answer = endless(LONGEST, clock);
  const handlers = Object.fromEntries(
    Object.entries(functions).map(([phase, name]) => [
      name,
      (payload: unknown) => answer(phase as PhaseName, payload as { worker?: number }),
    ]),
  );
  const run = start(definition, { handlers, clock });
  expect(await run.result()).toMatchObject({ status: 'FAILED', error: 'FailedBack' });
  expect(run.elapsedSeconds()).toBeGreaterThan(355 * DAY);
  expect(run.events().length).toBeLessThan(EVENTS);
  expect(run.events().length).toBeGreaterThan(EVENTS / 2); // or it would not have been a long one
}, 600_000);

test('takes nine events for every look', async () => {
  const eventsOf = async (looks: number) =>
    (await execute({ clone: (n) => (n < looks ? waits(1) : undefined) })).events;
  expect((await eventsOf(4)) - (await eventsOf(3))).toBe(9);
});

test('gets a look once an eighth of the time is over that was waited already', async () => {
  const long = await execute({ clone: (n) => (n < 48 ? waits(30) : undefined) });
  expect(long.seconds).toBeGreaterThan(DAY / 4);
  expect(long.seconds).toBeLessThan(DAY / 3);
  const short = await execute({ clone: (n) => (n < 9 ? waits(30) : undefined) });
  expect(short.seconds).toBe(9 * 30);
});
