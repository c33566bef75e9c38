/** When everything is looked at once more after the sessions of clients were ended: whenever something may have been written. */
import {
  type LookedAtAll,
  PostgresCounters,
  type SideGivenUp,
} from '../../../lib/engines/postgres/counters/postgres-counters';

const value = (oid: string, lastValue: string) => ({
  oid,
  schema: 'public',
  name: `s${oid}`,
  lastValue,
  reserve: '1000',
});
const STANDING = [value('1', '100'), value('2', '100'), value('3', '100')];
const NOTHING: LookedAtAll = { drifted: [], fenceGaps: [], moved: [], standstill: '7:7:' };

/** `written`: whether something was since; `now`: what is found then. */
async function again(
  looked: Partial<LookedAtAll>,
  { written = false, now = {} as Partial<LookedAtAll>, inUse = [] as readonly string[] },
) {
  const asked: string[] = [];
  let ended = false;
  const side = {
    feeds: async () => ({ sequences: [], feeds: [] }),
    advanceSequences: async () => undefined,
    isUnwrittenSince: async (standstill: string) => !written && standstill === '7:7:',
    sequences: async (oids?: readonly string[]) => {
      asked.push(...(ended ? (oids ?? []) : []));
      return oids?.map((oid) => value(oid, inUse.includes(oid) ? '2000' : '100')) ?? STANDING;
    },
    lookAtAll: async () => {
      asked.push(...(ended ? ['everything'] : []));
      return { ...NOTHING, ...(ended ? now : looks.shift()) };
    },
  };
  const looks: Partial<LookedAtAll>[] = [{ moved: [value('1', '100')] }, looked];
  const counters = new PostgresCounters(side as unknown as SideGivenUp, side as unknown as SideGivenUp);
  await counters.carryAll();
  await counters.look();
  await counters.carryUsed();
  await counters.look();
  ended = true;
  return { asked, ...(await counters.lookAgain()) };
}

test('where nothing was written, only sequences in use are looked at', async () => {
  const { asked, overdrawn } = await again({ moved: [value('2', '150')] }, {});
  expect(asked).toEqual(['1', '2']);
  expect(overdrawn).toEqual([]);
});

test.each([
  ['something was written', {}, { written: true }],
  ['something was being written at the first look', { standstill: undefined }, {}],
])('where %s, everything is', async (_what, looked, options) => {
  expect((await again(looked, options)).asked).toEqual(['1', 'everything']);
});

test.each([
  ['in use', {}, { inUse: ['1'] }, 'sequence public.s1 is being drawn from too fast'],
  ['used since the carrying', { moved: [value('3', '900')] }, { inUse: ['3'] }, 'sequence public.s3 is'],
  ['that nobody had used', {}, { written: true, now: { moved: [value('9', '1')] } }, 'sequence public.s9 is'],
])('a sequence %s must not be drawn from beyond what was left between', async (_what, looked, options, found) => {
  expect((await again(looked, options)).overdrawn).toEqual([expect.stringContaining(found)]);
});

test('what else is found then is told, too', async () => {
  const late = { drifted: ['late was created'], fenceGaps: ['table late has no fence'] };
  expect(await again({}, { written: true, now: late })).toMatchObject(late);
});
