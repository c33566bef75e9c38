/** What is found on the side that is given up is judged: a table that was changed first, so that it is not taken for something that passes. */
import type { Passage } from '../../../lambdas/steps/passages';
import { lookAgain, lookAtAll } from '../../../lambdas/steps/standstill';

const NOTHING = { drifted: [], fenceGaps: [], overdrawn: [] };
const LATE = { drifted: ['late was created'], fenceGaps: ['table late has no fence'] };

function refuseDrift(drifted: readonly string[]): void {
  if (drifted.length > 0) {
    throw new Error(`drifted: ${drifted}`);
  }
}

function finding(
  found: Partial<Record<'drifted' | 'fenceGaps' | 'overdrawn', string[]>>,
  open: string[] = [],
): Passage {
  const look = async () => ({ ...NOTHING, ...found });
  return {
    name: 'shop',
    from: { longTransactions: async () => open },
    counters: { look, lookAgain: look },
  } as unknown as Passage;
}

const LOOKS = [
  ['after the freeze', lookAtAll],
  ['when the sessions of clients are gone', lookAgain],
] as const;

describe.each(LOOKS)('%s', (_when, judged) => {
  test('nothing is no reason', async () => {
    await expect(judged(finding({}), refuseDrift)).resolves.toBeUndefined();
  });

  test('tables are judged before fences', async () => {
    await expect(judged(finding(LATE), refuseDrift)).rejects.toThrow('drifted: late was created');
    await expect(judged(finding({ fenceGaps: LATE.fenceGaps }), refuseDrift)).rejects.toMatchObject({
      cause: { message: 'table late has no fence' },
    });
  });
});

test('in the end, counters that were overdrawn and transactions that are open are reasons, too', async () => {
  const passage = finding({ overdrawn: ['sequence s is being drawn from too fast'] }, ['a transaction open for 20 s']);
  await expect(lookAgain(passage, refuseDrift)).rejects.toMatchObject({
    cause: { message: 'sequence s is being drawn from too fast; a transaction open for 20 s' },
  });
});
