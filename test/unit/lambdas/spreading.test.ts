import { spreading } from '../../../lambdas/steps/spreading';
import type { Memo } from '../../../lib/core/progress';
import type { Database } from '../../../lib/ports/database';
import type { World } from '../../../lib/ports/world';
import { planFixture } from '../../support/plan-fixture';

const SWAP = { swapId: '/change/C1', movedAtMs: 0 };

/** Looks at it until it is over, each time after as long as it wants. */
async function untilOver(settled: (nowMs: number) => Promise<boolean>, swap: typeof SWAP | object = SWAP) {
  let nowMs = 0;
  const ended: number[] = [];
  const world = {
    plan: planFixture({}),
    clock: { now: () => nowMs },
    endpoint: { settled: () => settled(nowMs) },
  } as unknown as World;
  const old = { endClientSessions: async () => void ended.push(nowMs / 1000) } as unknown as Database;
  let memo: Memo = {};
  for (;;) {
    const { restSeconds, detail, memo: more } = await spreading(world, swap, memo, async () => [old]);
    memo = { ...memo, ...more };
    if (restSeconds === 0) {
      return { seconds: nowMs / 1000, detail, ended, memo, world };
    }
    nowMs += restSeconds * 1000;
  }
}

test('is over when every name server knows and no resolver remembers; then who is left on the old side is sent away', async () => {
  const { seconds, detail, ended } = await untilOver(async (nowMs) => nowMs >= 45_000);
  expect({ seconds, detail, ended }).toEqual({
    seconds: 50,
    detail: "the endpoint's new target had spread after 45 s",
    ended: [50],
  });
});

test('sends nobody away a second time', async () => {
  const { memo, world, detail, ended } = await untilOver(async () => true);
  expect(await spreading(world, SWAP, memo, async () => Promise.reject(new Error('not again')))).toEqual({
    restSeconds: 0,
    detail,
    memo: {},
  });
  expect(ended).toEqual([5]);
});

test('is not waited for longer than three minutes, and fails nothing', async () => {
  const { seconds, detail, ended } = await untilOver(async () => false);
  expect({ seconds, ended }).toEqual({ seconds: 180, ended: [] });
  expect(detail).toBe(
    "the endpoint's new target has not spread in 180 s; clients that are led to the old side are refused there",
  );
});

test('says why it is not known when the service cannot be asked', async () => {
  const { detail } = await untilOver(async () => Promise.reject(new Error('Rate exceeded')));
  expect(detail).toContain('has not spread in 180 s, as far as is known: Rate exceeded;');
});

test('is nothing to wait for when an earlier invocation moved the endpoint', async () => {
  expect(await untilOver(async () => Promise.reject(new Error('not asked')), {})).toMatchObject({
    seconds: 0,
    detail: '',
  });
});
