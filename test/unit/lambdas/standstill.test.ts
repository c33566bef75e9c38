/** When everything is looked at once more after the sessions of clients were ended: whenever something may have been written. */
import type { Passage } from '../../../lambdas/passages';
import { lookAgain, lookAtAll } from '../../../lambdas/standstill';
import type { LookedAtAll } from '../../../lib/ports/standstill';

const value = (oid: string, lastValue: string) => ({
  oid,
  schema: 'public',
  name: `s${oid}`,
  lastValue,
  reserve: '1000',
});
const STANDING = [value('1', '100'), value('2', '100'), value('3', '100')];
const NOTHING: LookedAtAll = { drifted: [], fenceGaps: [], moved: [], standstill: '7:7:' };

const refuseDrift = (drifted: readonly string[]) => {
  if (drifted.length > 0) {
    throw new Error(`drifted: ${drifted}`);
  }
};

/** `written`: whether something was since; `now`: what is found then. */
async function again(
  looked: Partial<LookedAtAll>,
  { written = false, now = {} as Partial<LookedAtAll>, inUse = [] as readonly string[] },
) {
  const asked: string[] = [];
  const from = {
    isUnwrittenSince: async (standstill: string) => !written && standstill === '7:7:',
    sequences: async (oids: readonly string[]) => {
      asked.push(...oids);
      return oids.map((oid) => value(oid, inUse.includes(oid) ? '2000' : '100'));
    },
    longTransactions: async () => [],
    lookAtAll: async () => {
      asked.push('everything');
      return { ...NOTHING, ...now };
    },
  };
  const passage = { name: 'shop', from } as unknown as Passage;
  const known = { standing: STANDING, busy: ['1'] };
  await lookAgain(passage, refuseDrift, known, { ...NOTHING, ...looked });
  return asked;
}

test('where nothing was written, only sequences in use are looked at', async () => {
  expect(await again({ moved: [value('2', '150')] }, {})).toEqual(['1', '2']);
});

test.each([
  ['something was written', {}, { written: true }],
  ['something was being written at the first look', { standstill: undefined }, {}],
])('where %s, everything is', async (_what, looked, options) => {
  expect(await again(looked, options)).toEqual(['1', 'everything']);
});

test.each([
  ['in use', {}, { inUse: ['1'] }, 'sequence public.s1 is being drawn from too fast'],
  ['used since the carrying', { moved: [value('3', '900')] }, { inUse: ['3'] }, 'sequence public.s3 is'],
  ['that nobody had used', {}, { written: true, now: { moved: [value('9', '1')] } }, 'sequence public.s9 is'],
])('a sequence %s must not be drawn from beyond what was left between', async (_what, looked, options, found) => {
  await expect(again(looked, options)).rejects.toMatchObject({
    cause: { message: expect.stringContaining(found) },
  });
});

test('what is found is judged: tables before fences, so that a changed one is not taken for something that passes', async () => {
  const finding = (looked: Partial<LookedAtAll>) =>
    ({ name: 'shop', from: { lookAtAll: async () => ({ ...NOTHING, ...looked }) } }) as unknown as Passage;
  const known = { standing: [], busy: [] };
  const late = { drifted: ['late was created'], fenceGaps: ['table late has no fence'] };
  await expect(lookAtAll(finding(late), refuseDrift, known)).rejects.toThrow('drifted: late was created');
  await expect(lookAtAll(finding({ fenceGaps: late.fenceGaps }), refuseDrift, known)).rejects.toMatchObject({
    cause: { message: 'table late has no fence' },
  });
  await expect(again({}, { written: true, now: late })).rejects.toThrow('drifted');
});
