/** A switchover that nobody waits for any more: its execution was stopped, and the recovery has gone back to blue. */
import { switchover } from '../../../lambdas/switchover';
import { runNames } from '../../../lib/core/identifiers';
import type { Address, Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';

const BLUE: Address = { host: 'blue.example', port: 5432 };
const GREEN: Address = { host: 'green.example', port: 5432 };
const RUN = { runId: 'late', results: { validate: { pass: true } } } as unknown as Run;
const FREEZE = { id: 'freeze', until: new Date(10_000) };

/** Everything is ready for the switchover; `open` is what the recovery left of green when it comes to opening it. */
function world(recovered: { greenStatus?: string; greenState?: 'abandoned' | 'open'; open: () => Promise<string> }) {
  const { green } = runNames('orders', RUN.runId);
  const tags = { 'bluegreen:plan': 'orders', 'bluegreen:run': RUN.runId };
  let swapped = false;
  const targets: Address[] = [];
  const database = (address: Address) => ({
    record: async () => ({
      runId: RUN.runId,
      freeze: FREEZE,
      greenState: swapped && address === GREEN ? (recovered.greenState ?? 'closed') : 'closed',
    }),
    freezeGaps: async () => [],
    attemptWrite: async () => ({ accepted: false, message: 'read-only' }),
    changeRunning: async () => false,
    ledger: async () => [],
    sequences: async () => [],
    advanceSequences: async () => undefined,
    endClientSessions: async () => undefined,
    open: recovered.open,
  });
  const controlPlane = {
    describe: async (identifier: string) => {
      const isGreen = identifier === green;
      const status = isGreen && swapped ? (recovered.greenStatus ?? 'available') : 'available';
      return { identifier, status, tags, address: isGreen ? GREEN : BLUE, deletionProtection: false };
    },
    tag: async () => undefined,
    setDeletionProtection: async () => undefined,
  };
  const endpoint = {
    swap: async (to: Address) => {
      swapped = true;
      targets.push(to);
    },
  };
  const plan = { name: 'orders', blue: { identifier: 'production' }, switchover: { timeoutSeconds: 30 }, changes: [] };
  return { targets, world: { plan, controlPlane, endpoint, database, clock: { now: () => 0 } } as unknown as World };
}

test('leads the endpoint back to blue when a recovery abandoned green', async () => {
  const { targets, world: late } = world({ greenState: 'abandoned', open: async () => 'abandoned' });
  await expect(switchover(RUN, late)).rejects.toThrow('a recovery of this run abandoned green; blue serves');
  expect(targets).toEqual([GREEN, BLUE]);
});

test('leads the endpoint back to blue when a recovery is deleting green', async () => {
  const { targets, world: late } = world({
    greenStatus: 'deleting',
    open: () => Promise.reject(new Error('connection refused')),
  });
  await expect(switchover(RUN, late)).rejects.toThrow('connection refused');
  expect(targets).toEqual([GREEN, BLUE]);
});

test('leaves the endpoint at green when green may have been opened', async () => {
  const { targets, world: late } = world({
    greenState: 'open',
    open: () => Promise.reject(new Error('connection lost')),
  });
  await expect(switchover(RUN, late)).rejects.toThrow('connection lost');
  expect(targets).toEqual([GREEN]);
});
