/** The order of a crossing: what the sessions of clients can still do until they are ended is not lost, and not done twice. */
import type { Client } from 'pg';
import { type Crossed, type Crossing, cross, isBrokenOff } from '../../../lambdas/steps/crossing';
import type { Pair } from '../../../lambdas/steps/sides';
import { TemporarilyUnavailable } from '../../../lib/core/errors';
import type { Address, Run } from '../../../lib/core/run';
import { RealClock } from '../../../lib/local/clock/real-clock';
import type { ChangedRows } from '../../../lib/ports/changed-rows';
import type { World } from '../../../lib/ports/world';
import { type FollowingPair, followingPair, LOGICAL, PAIR_RUN } from '../../support/following-pair';
import { ended, PostgresFixture } from '../../support/postgres-fixture';

const clock = new RealClock();
const BLUE: Address = { host: 'blue.example', port: 5432 };
const GREEN: Address = { host: 'green.example', port: 5432 };
const REFUSED = { code: '25006' };
const SEED = `create table orders (id bigint generated always as identity primary key, note text);
  create sequence numbers; select nextval('numbers'); create sequence unused;
  grant all on orders to app; grant all on all sequences in schema public to app; grant create on schema public to app`;

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: LOGICAL });
});
afterAll(() => fixture.close());

let pair: FollowingPair;
let onBlue: Client;
let ledTo: Address;
let swaps: Address[];
beforeEach(async () => {
  pair = await followingPair(fixture, SEED);
  await pair.caughtUp();
  await pair.onBlue.arm();
  onBlue = await pair.blue.client();
  ledTo = BLUE;
  swaps = [];
  // the pair's subscription belongs to the server's superuser
  pair.onGreen.stopFollowing = async (channel) => {
    await pair.green.query(`alter subscription ${channel} disable`);
  };
  pair.onGreen.follow = async (channel) => {
    await pair.green.query(`alter subscription ${channel} enable`);
  };
});
afterEach(() => pair.close());

/** What clients do at the moment at which the endpoint is moved to green. */
function worldWhere(clientsDo: () => Promise<unknown>): World {
  const swap = async (to: Address) => {
    swaps.push(to);
    ledTo = to;
    if (to === GREEN) {
      await clientsDo();
    }
  };
  const plan = { blue: { database: 'orders' }, followedDatabases: [], report: {} };
  return { clock, plan, endpoint: { swap, target: async () => ledTo } } as unknown as World;
}

const way = () => ({
  passages: [
    {
      name: pair.blue.name,
      from: pair.onBlue,
      to: pair.onGreen,
      channel: pair.channel,
      counters: pair.onBlue.countersTo(pair.onGreen),
    },
  ] as const,
  fromAddress: BLUE,
  toAddress: GREEN,
});

function crossWhile(clientsDo: () => Promise<unknown>, rest: Partial<Crossing> = {}): Promise<Crossed> {
  return cross({ runId: PAIR_RUN } as Run, worldWhere(clientsDo), {
    ...way(),
    deadlineMs: clock.now() + 60_000,
    judgeDrift: () => undefined,
    whileNobodyWrites: async () => undefined,
    takesLong: false,
    watched: [],
    serving: 'blue',
    judge: () => undefined,
    open: async () => undefined,
    ...rest,
  });
}

async function draw(client: Client, sequence = 'numbers'): Promise<number> {
  return Number((await client.query(`select nextval('${sequence}') as value`)).rows[0].value);
}

const reason = (crossed: Crossed) => ('calledOff' in crossed ? String((crossed.calledOff as Error).cause) : undefined);

test('green has what was written before the freeze, and blue’s clients are sent away', async () => {
  await onBlue.query(`insert into orders (note) values ('before')`);
  const gone = ended(onBlue);
  const crossed = await crossWhile(async () => {
    const late = await pair.blue.client();
    await expect(late.query(`insert into orders (note) values ('after')`)).rejects.toMatchObject(REFUSED);
  });
  await gone;
  expect('calledOff' in crossed ? crossed.calledOff : undefined).toBeUndefined();
  expect(Object.keys('steps' in crossed ? crossed.steps : {})).toEqual([
    'freeze',
    'drain',
    'prepare the other side',
    'swap',
    'end sessions',
    'look again',
    'last rows',
    'hand over',
    'open',
  ]);
  expect(swaps).toEqual([GREEN]);
  expect(await pair.green.ask(`select string_agg(note, ',') from orders`)).toBe('before');
});

test('what is planned before a crossing changes nothing, and ends nobody’s session', async () => {
  const state = () =>
    pair.blue.query(`select r.*, m.token, m.at from bluegreen.run r, bluegreen.marker m`).then((rows) => rows[0]);
  const before = await state();
  await pair.onBlue.planCrossing();
  expect(await state()).toEqual(before);
  await expect(onBlue.query(`insert into orders (note) values ('as before')`)).resolves.toMatchObject({ rowCount: 1 });
});

test('an attempt is put off, and nobody is refused, when more changes than can be compared', async () => {
  const rows = {
    read: async () => false,
    compare: async () => ({ rows: 20_000, suspected: 0, differences: [], skipped: [] }),
  } as unknown as ChangedRows;
  const watched = [{ pair: { name: 'orders', blue: pair.onBlue, green: pair.onGreen } as unknown as Pair, rows }];
  const crossed = await crossWhile(async () => undefined, { watched, deadlineMs: clock.now() + 2_000 });
  expect(reason(crossed)).toContain('more rows change in database "orders" than have been compared yet');
  expect(swaps).toEqual([]);
  expect((await pair.onBlue.record())?.freezes).toBe(0);
});

test.each([
  ['is a passing one when what was done on green cannot be done again', true, undefined],
  ['costs the attempt otherwise', false, 'Error: Throttling'],
])('a refused swap %s', async (_what, takesLong, why) => {
  let asked = 0;
  const crossed = await crossWhile(
    async () => {
      asked += 1;
      if (asked === 1) {
        throw new TemporarilyUnavailable('Route 53', { cause: new Error('Throttling') });
      }
    },
    { takesLong },
  );
  expect(reason(crossed)).toBe(why);
  expect(ledTo).toBe(takesLong ? GREEN : BLUE);
});

test('no value is handed out twice by those who are still on blue and those who are on green already', async () => {
  const onGreen = await pair.green.client();
  await onBlue.query(`begin; select nextval('numbers')`); // a session with a snapshot of its own
  await onBlue.query('commit');
  const drawn: number[] = [];
  const crossing = crossWhile(
    async () => {
      for (let round = 0; round < 5; round += 1) {
        drawn.push(await draw(onGreen));
      }
    },
    {
      whileNobodyWrites: async () => {
        for (let round = 0; round < 5; round += 1) {
          drawn.push(await draw(onBlue));
        }
      },
    },
  );
  expect('steps' in (await crossing)).toBe(true);
  drawn.push(await draw(onGreen), Number(await pair.green.ask(`select nextval('numbers')`)));
  expect(new Set(drawn).size).toBe(12);
  expect(await pair.green.ask(`select last_value > 10 from numbers`)).toBe(true);
});

test('an attempt is called off when a sequence that nobody had used is used, and goes on above what green gave', async () => {
  const onGreen = await pair.green.client();
  let given = 0;
  const crossed = await crossWhile(
    async () => {
      given = await draw(onGreen);
    },
    { whileNobodyWrites: () => draw(onBlue, 'unused').then(() => undefined) },
  );
  expect(reason(crossed)).toContain('sequence public.unused is being drawn from too fast');
  expect(swaps).toEqual([GREEN, BLUE]);
  expect(Number(await pair.blue.ask(`select nextval('numbers')`))).toBeGreaterThan(given);
  expect((await pair.onBlue.attemptWrite({ insist: false })).accepted).toBe(true);
  expect((await pair.onGreen.subscription(pair.channel))?.enabled).toBe(true);
});

test('a table that a client makes in the meantime is seen before blue says its last word', async () => {
  const seen: (readonly string[])[] = [];
  let open = false;
  const crossed = await crossWhile(async () => undefined, {
    whileNobodyWrites: () =>
      onBlue.query('create table late (id int primary key); insert into late values (1)').then(() => undefined),
    judgeDrift: (drifted) => {
      seen.push(drifted);
      if (drifted.length > 0) {
        throw new Error('drifted');
      }
    },
    open: async () => {
      open = true;
    },
  });
  expect(crossed).toMatchObject({ calledOff: { message: 'drifted' } });
  expect([...seen.slice(0, 2), seen.at(-1)]).toEqual([[], [], ['public.late was created']]);
  expect(open).toBe(false);
  expect((await pair.onBlue.record())?.freeze).toBeUndefined();
});

test('a row that is written while its table’s fence is away for a moment keeps blue from saying its last word', async () => {
  const freeze = pair.onBlue.freeze;
  pair.onBlue.freeze = async (...given) => {
    const frozen = await freeze(...given);
    for (const sql of [
      'alter table orders disable trigger all',
      `insert into orders (note) values ('slipped through')`,
      'alter table orders enable trigger all',
    ]) {
      await pair.blue.query(sql);
    }
    return frozen;
  };
  const crossed = await crossWhile(async () => undefined);
  expect(reason(crossed)).toContain('the fence of a table was taken away and put back');
  expect((await pair.onBlue.attemptWrite({ insist: false })).accepted).toBe(true);
  await pair.caughtUp();
  expect(await pair.green.ask(`select note from orders`)).toBe('slipped through');
});

test('a transaction that is prepared in the meantime keeps blue from saying its last word', async () => {
  const crossed = await crossWhile(async () => undefined, {
    whileNobodyWrites: () =>
      onBlue.query(`begin; create table late (id int primary key)`).then(async () => {
        await onBlue.query(`prepare transaction 'late'`);
      }),
  });
  expect(reason(crossed)).toContain('the prepared transaction "late"');
  const finishing = await pair.blue.client();
  await finishing.query(`rollback prepared 'late'`);
});

test('what the server lifted by itself, or left with the endpoint moved, is found to be broken off', async () => {
  const world = worldWhere(async () => undefined);
  expect(await isBrokenOff(world, way())).toBe(false);
  await pair.onBlue.freeze(PAIR_RUN, new Date('2030-01-01'));
  expect(await isBrokenOff(world, way())).toBe(true);
  await pair.onBlue.unfreeze(PAIR_RUN, { handedOver: false });
  expect(await isBrokenOff(world, way())).toBe(false);
  ledTo = GREEN;
  expect(await isBrokenOff(world, way())).toBe(true);
});
