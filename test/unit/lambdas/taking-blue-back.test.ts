/** Recovery while green cannot be asked: blue is taken back before anything relies on it. */
import { rollback } from '../../../lambdas/rollback';
import type { Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const BLUE = { host: 'blue.example', port: 5432 };
const GREEN = { host: 'green.example', port: 5432 };
const RUN = { version: 1, runId: 'run-1', memo: {}, results: {} } as unknown as Run;
const OWNED = { 'bluegreen:plan': 'orders', 'bluegreen:run': RUN.runId, 'bluegreen:disposable': 'false' };

/** Blue was not handed over when it was asked; whether it is when it is taken back is the race. */
function world(handedOverMeanwhile: boolean) {
  const done: string[] = [];
  const blue = {
    record: async () => ({ runId: RUN.runId, freeze: { handedOver: false }, greenState: 'closed' }),
    unfreeze: async (_runId: string, { handedOver }: { handedOver: boolean }) => {
      done.push(`blue is taken back${handedOver ? ', whatever it said' : ''}`);
      return handedOver || !handedOverMeanwhile;
    },
    abandon: async () => void done.push('blue is abandoned'),
    countersTo: () => ({ carryBack: async () => undefined }),
    attemptWrite: async () => ({ accepted: true, message: '' }),
    stopFollowing: async () => undefined,
    unsubscribe: async () => undefined,
    closeChannel: async () => undefined,
    resumeJobs: async () => undefined,
    release: async () => undefined,
  };
  const green = {
    endClientSessions: async () => undefined,
    abandon: async () => {
      throw new Error('sorry, too many clients already');
    },
    stopFollowing: async () => undefined,
  };
  const surroundings = {
    plan: planFixture({ name: 'orders', sync: 'replication' }),
    clock: { now: () => 0 },
    database: (address: { host: string }) => (address.host === BLUE.host ? blue : green),
    controlPlane: {
      describe: async (identifier: string) => ({
        identifier,
        status: 'available',
        tags: identifier.includes('green') ? OWNED : {},
        address: identifier.includes('green') ? GREEN : BLUE,
      }),
      describeSnapshot: async () => undefined,
      tag: async () => undefined,
      setDeletionProtection: async () => undefined,
      deleteDatabase: async () => void done.push('green is deleted'),
    },
    endpoint: {
      target: async () => GREEN,
      swap: async () => void done.push('the endpoint leads to blue'),
    },
  };
  return { done, world: surroundings as unknown as World };
}

test('nothing is undone when a late switchover has had the last word of blue', async () => {
  const { done, world: surroundings } = world(true);
  expect(await rollback(RUN, surroundings)).toMatchObject({ status: 'waiting' });
  expect(done).toEqual(['blue is abandoned', 'blue is taken back']);
});

test('blue is taken back before the endpoint leads there and green goes', async () => {
  const { done, world: surroundings } = world(false);
  await rollback(RUN, surroundings);
  expect(done.slice(0, 3)).toEqual(['blue is abandoned', 'blue is taken back', 'the endpoint leads to blue']);
  expect(done.at(-1)).toBe('green is deleted');
});
