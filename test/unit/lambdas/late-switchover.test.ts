/** A switchover that nobody waits for any more: its execution was stopped, and the recovery has gone back to blue. */
import { switchover } from '../../../lambdas/switchover';
import { runNames } from '../../../lib/core/identifiers';
import type { Address, Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const BLUE: Address = { host: 'blue.example', port: 5432 };
const GREEN: Address = { host: 'green.example', port: 5432 };
const RUN = { runId: 'late', results: { validate: { pass: true } } } as unknown as Run;
const FREEZE = { id: 'freeze', until: new Date(10_000), handedOver: false };

/** What the recovery made of both sides while the switchover was on its way. */
interface Recovered {
  readonly greenStatus?: string;
  readonly greenState?: 'abandoned' | 'open';
  /** Whether blue was given back before the switchover asked it for its last word. */
  readonly blueLifted?: boolean;
  readonly open: () => Promise<string>;
}

/** Everything is ready for the switchover until it has led the endpoint to green; then the recovery has been there. */
function world(recovered: Recovered) {
  const { green } = runNames('orders', RUN.runId);
  const tags = { 'bluegreen:plan': 'orders', 'bluegreen:run': RUN.runId };
  let swapped = false;
  const targets: Address[] = [];
  const handedOver: string[] = [];
  const database = (address: Address) => ({
    record: async () => ({
      runId: RUN.runId,
      ...(!(swapped && address === BLUE && recovered.blueLifted) && { freeze: FREEZE }),
      greenState: swapped && address === GREEN ? (recovered.greenState ?? 'closed') : 'closed',
    }),
    handOver: async (_runId: string, freezeId: string) => {
      handedOver.push(`${address.host}: ${freezeId}`);
      return !recovered.blueLifted;
    },
    freezeGaps: async () => [],
    attemptWrite: async () => ({ accepted: false, message: 'read-only' }),
    loginRefusal: async () => undefined,
    schema: async () => ({ objects: [], tables: [] }),
    roles: async () => [],
    claimCrossing: async () => true,
    runningChange: async () => undefined,
    ledger: async () => [],
    countersTo: () => ({ whyNotCarried: async () => [], carryFrozen: async () => undefined }),
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
  const plan = planFixture({
    name: 'orders',
    sync: 'freeze',
    switchover: { timeoutSeconds: 30, attempts: 3, maxLagMiB: 16 },
  });
  return {
    targets,
    handedOver,
    world: { plan, controlPlane, endpoint, database, clock: { now: () => 0 } } as unknown as World,
  };
}

test('leads the endpoint back to blue when a recovery abandoned green', async () => {
  const { targets, handedOver, world: late } = world({ greenState: 'abandoned', open: async () => 'abandoned' });
  await expect(switchover(RUN, late)).rejects.toThrow('a recovery of this run abandoned green; blue serves');
  expect(targets).toEqual([GREEN, BLUE]);
  expect(handedOver).toEqual(['blue.example: freeze']);
});

test('leads the endpoint back to blue, and never opens green, when a recovery let blue accept writes again', async () => {
  const open = jest.fn(async () => 'opened');
  const { targets, world: late } = world({ blueLifted: true, open });
  await expect(switchover(RUN, late)).rejects.toThrow('the freeze of blue was lifted meanwhile');
  expect(targets).toEqual([GREEN, BLUE]);
  expect(open).not.toHaveBeenCalled();
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
