/** Which sequences are carried once more while nobody writes: wherever those of the other side could hand out what was handed out. */
import type { ColumnExtreme, Feeds } from '../../../lib/engines/postgres/counters/feeding';
import { PostgresCounters, type SideGivenUp } from '../../../lib/engines/postgres/counters/postgres-counters';

const sequence = (lastValue: string, reserve: string, oid = '1') => ({
  oid,
  schema: 'public',
  name: 's',
  lastValue,
  reserve,
});

const NO_FEEDS: Feeds = { sequences: [], feeds: [] };

/** A column of the other side that takes its values from `s`, and on the side that serves from nothing. */
const FED_THERE: Feeds = {
  sequences: [{ id: '1', schema: 'public', name: 's', ascending: true, end: '9999', cycles: false, movable: true }],
  feeds: [
    {
      tableId: '5',
      number: 1,
      schema: 'public',
      table: 't',
      column: 'id',
      sequences: ['1'],
      formula: 'nextval()',
      unread: false,
      unique: true,
      lookup: 'quick',
    },
  ],
};
const TABLES = [{ id: '5', schema: 'public', name: 't', columns: [{ name: 'id', number: 1 }] }];

/** @returns what the other side's sequences are moved up to while nobody writes, and where they are taken to stand then */
async function carried(before: ReturnType<typeof sequence>, now: ReturnType<typeof sequence>, feedsThere = NO_FEEDS) {
  const moved: string[] = [];
  let frozen = false;
  let left: readonly { readonly oid: string; readonly lastValue: string }[] = [];
  const side = (feeds: Feeds) => ({
    feeds: async () => feeds,
    replicatedTables: async () => TABLES,
    sequences: async (among?: readonly string[]) => (among ? (frozen ? [now] : []) : [before]),
    lookAtAll: async ({ standing }: { standing: typeof left }) => {
      left = standing;
      return { drifted: [], fenceGaps: [], moved: frozen ? [] : [before], standstill: undefined };
    },
    advanceSequences: async (targets: readonly { lastValue: string }[], _extremes: readonly ColumnExtreme[]) => {
      moved.push(...(frozen ? targets.map(({ lastValue }) => lastValue) : []));
    },
  });
  const counters = new PostgresCounters(
    side(NO_FEEDS) as unknown as SideGivenUp,
    side(feedsThere) as unknown as SideGivenUp,
  );
  await counters.carryAll();
  await counters.look();
  await counters.carryUsed();
  frozen = true;
  await counters.readUsed();
  await counters.carryLast();
  await counters.look();
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
  expect((await carried(sequence('100', '1000'), sequence('101', '1000'), FED_THERE)).moved).toEqual(['1101']);
});
