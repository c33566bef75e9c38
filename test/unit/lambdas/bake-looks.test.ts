/** How often bake compares what changed: what it costs the application must not depend on what else bake has to look after. */
import { bake } from '../../../lambdas/bake';
import type { Memo } from '../../../lib/core/progress';
import type { Run } from '../../../lib/core/run';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const DAY = 24 * 3_600;
const BLUE = { host: 'blue.example', port: 5432 };
const GREEN = { host: 'green.example', port: 5432 };
const OWNED = { 'bluegreen:plan': 'orders', 'bluegreen:run': 'run-1', 'bluegreen:disposable': 'false' };

/** Bakes until it is over, or `untilSeconds`, invoked whenever it asks to be. @returns when it was, and when it compared, in seconds */
async function baked({ seconds, untilSeconds = Number.POSITIVE_INFINITY }: { seconds: number; untilSeconds?: number }) {
  let nowMs = 0;
  const [invoked, compared]: [number[], number[]] = [[], []];
  const rows = {
    gap: async () => undefined,
    listen: async () => undefined,
    read: async () => true,
    compare: async () => {
      compared.push(nowMs / 1000);
      return { rows: 1, suspected: 0, differences: [], skipped: [] };
    },
    close: async () => undefined,
  };
  const database = {
    record: async () => ({ runId: 'run-1', greenState: 'open' }),
    slot: async () => ({ active: true, lost: false, keptBytes: 0 }),
    subscription: async () => ({ enabled: true, errors: 0, conflicts: [] }),
    changedRowsWith: () => rows,
    writeMarker: async () => ({ token: '' }),
    markerArrives: async () => true,
    endClientSessions: async () => undefined,
  };
  const world = {
    plan: planFixture({ name: 'orders', sync: 'replication', bake: { seconds, alarms: [] }, checks: [] }),
    clock: { now: () => nowMs },
    remainingMs: () => 900_000,
    alarms: { firing: async () => [] },
    database: () => database,
    controlPlane: {
      describe: async (identifier: string) => ({
        identifier,
        status: 'available',
        tags: OWNED,
        address: identifier.includes('green') ? GREEN : BLUE,
      }),
    },
    endpoint: { settled: async () => nowMs >= 100_000 },
  } as unknown as World;
  let memo: Memo = {};
  const results = { switchover: { swapId: 'change-1', movedAtMs: 0 } };
  for (;;) {
    invoked.push(nowMs / 1000);
    const progress = await bake({ version: 1, runId: 'run-1', memo, results } as unknown as Run, world);
    if (progress.status === 'done' || nowMs / 1000 >= untilSeconds) {
      return { invoked, compared };
    }
    memo = progress.memo;
    nowMs += progress.retryAfterSeconds * 1000;
  }
}

test('is given by the bake time, also while the endpoint spreads', async () => {
  const { invoked, compared } = await baked({ seconds: 7 * DAY, untilSeconds: 3_000 });
  expect(invoked.slice(0, 3)).toEqual([0, 15, 30]);
  expect(compared).toEqual([0, 1_210, 2_420, 3_630]);
});

test('is at the beginning, and when the bake time is over', async () => {
  expect((await baked({ seconds: 20 })).compared.slice(0, 2)).toEqual([0, 20]);
  expect((await baked({ seconds: 60 })).compared.slice(0, 3)).toEqual([0, 30, 60]);
});
