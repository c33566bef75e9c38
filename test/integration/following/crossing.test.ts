/** The order of a crossing: what the sessions of clients can still do until they are ended is not lost, and not done twice. */
import type { Client } from 'pg';
import { type Crossing, cross } from '../../../lambdas/crossing';
import type { Run } from '../../../lib/core/run';
import { RealClock } from '../../../lib/local/clock/real-clock';
import type { World } from '../../../lib/ports/world';
import { type FollowingPair, followingPair, LOGICAL, PAIR_RUN } from '../../support/following-pair';
import { ended, PostgresFixture } from '../../support/postgres-fixture';

const clock = new RealClock();
const SEED = `create table orders (id bigint generated always as identity primary key, note text);
  create sequence numbers; select nextval('numbers');
  grant all on orders to app; grant all on all sequences in schema public to app; grant create on schema public to app`;

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: LOGICAL });
});
afterAll(() => fixture.close());

let pair: FollowingPair;
let client: Client;
beforeEach(async () => {
  pair = await followingPair(fixture, SEED);
  await pair.caughtUp();
  await pair.onBlue.arm();
  client = await pair.blue.client();
  // the pair's subscription belongs to the server's superuser
  pair.onGreen.stopFollowing = async (channel) => {
    await pair.green.query(`alter subscription ${channel} disable`);
  };
});
afterEach(() => pair.close());

/** Crosses from blue to green while a client does this on blue just before the endpoint is moved. */
async function crossWhile(onBlue: () => Promise<unknown>, rest: Partial<Crossing> = {}): Promise<void> {
  const address = { host: '127.0.0.1', port: fixture.server.port };
  await cross({ runId: PAIR_RUN } as Run, { clock, endpoint: { swap: onBlue } } as unknown as World, {
    passages: [{ name: pair.blue.name, from: pair.onBlue, to: pair.onGreen, channel: pair.channel }],
    fromAddress: address,
    toAddress: address,
    deadlineMs: clock.now() + 60_000,
    whileNobodyWrites: async () => undefined,
    beforeTheLastWord: async () => undefined,
    open: async () => undefined,
    ...rest,
  });
}

test('green has what was written before the freeze, and hands out no value a second time', async () => {
  await client.query(`insert into orders (note) values ('before')`);
  const gone = ended(client);
  let taken = 0;
  await crossWhile(async () => {
    await expect(client.query(`insert into orders (note) values ('after')`)).rejects.toMatchObject({ code: '25006' });
    taken = Number((await client.query(`select nextval('numbers') as value`)).rows[0].value);
  });
  await gone;
  expect(await pair.green.ask(`select string_agg(note, ',') from orders`)).toBe('before');
  expect(Number(await pair.green.ask(`select nextval('numbers')`))).toBeGreaterThan(taken);
  expect(Number(await pair.green.ask(`select nextval('orders_id_seq')`))).toBeGreaterThan(1);
});

test('a table that a client makes in the meantime is seen before blue says its last word', async () => {
  let drifted: readonly string[] = [];
  let open = false;
  const crossing = crossWhile(
    () => client.query('create table late (id int primary key); insert into late values (1)'),
    {
      beforeTheLastWord: async () => {
        drifted = await pair.onBlue.drift();
        throw new Error('drifted');
      },
      open: async () => {
        open = true;
      },
    },
  );
  await expect(crossing).rejects.toThrow('drifted');
  expect(drifted).toEqual(['public.late was created']);
  expect(open).toBe(false);
  expect((await pair.onBlue.record())?.freeze?.handedOver).toBe(false);
});
