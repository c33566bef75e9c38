/** Which sequences are carried once more while nobody writes: wherever those of the other side could hand out what was handed out. */
import { carryLast } from '../../../lambdas/carried-sequences';
import type { Passage } from '../../../lambdas/passages';
import type { Feeding } from '../../../lib/core/feeds';

const NO_FEEDING: Feeding = { sequences: [], pairs: [], extremes: [], obstacles: [] };
const EXTREME = {
  schema: 'public',
  table: 't',
  column: 'id',
  ascending: true,
  sequence: { schema: 'public', name: 's' },
};

const sequence = (lastValue: string, reserve: string, oid = '1') => ({
  oid,
  schema: 'public',
  name: 's',
  lastValue,
  reserve,
});

/** @returns what the other side's sequences are moved up to */
async function carried(before: ReturnType<typeof sequence>, now: ReturnType<typeof sequence>, feeding = NO_FEEDING) {
  const moved: string[] = [];
  const to = {
    advanceSequences: async (targets: readonly { lastValue: string }[]) => {
      moved.push(...targets.map(({ lastValue }) => lastValue));
    },
  };
  const passage = { to } as unknown as Passage;
  const left = await carryLast(passage, feeding, { standing: [before], busy: [before.oid] }, [now]);
  return { moved, left: left.map(({ oid, lastValue }) => `${oid}: ${lastValue}`) };
}

test.each([
  ['half of what was left between', sequence('100', '1000'), sequence('600', '1000')],
  ['half of it, downwards', sequence('-100', '-1000'), sequence('-600', '-1000')],
])('none is where no more was taken than %s', async (_what, before, now) => {
  expect(await carried(before, now)).toEqual({ moved: [], left: [`1: ${before.lastValue}`] });
});

test.each([
  ['more than half was taken', sequence('100', '1000'), sequence('601', '1000'), '1601', ['1: 601']],
  ['it counts downwards', sequence('-100', '-1000'), sequence('-601', '-1000'), '-1601', ['1: -601']],
  ['hardly any values are left', sequence('95', '0'), sequence('96', '0'), '96', ['1: 96']],
  ['it began again', sequence('100', '1000'), sequence('3', '1000'), '1003', ['1: 3']],
  ['it was not used before', sequence('1', '10', '2'), sequence('5', '1000'), '1005', ['2: 1', '1: 5']],
])('one is where %s', async (_what, before, now, to, left) => {
  expect(await carried(before, now)).toEqual({ moved: [to], left });
});

test('all are where one goes on behind what a column holds, since the last rows have only just arrived', async () => {
  const { moved } = await carried(sequence('100', '1000'), sequence('101', '1000'), {
    ...NO_FEEDING,
    extremes: [EXTREME],
  });
  expect(moved).toEqual(['1101']);
});
