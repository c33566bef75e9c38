/** What makes sure that of two sides never both accept writes: the last word, the dead man, the claim; and what a side does by itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { FreezeFailed } from '../../../lib/core/errors';
import type { PostgresDatabase } from '../../../lib/engines/postgres/postgres-database';
import { catalogSnapshot } from '../../support/catalog-snapshot';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
const UNTIL = new Date('2030-01-01T00:00:00Z');
const SEED = `create table plain (id int primary key); insert into plain values (1);
  grant select, insert, update, delete on plain to app`;

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

let blue: TestDatabase;
let run: PostgresDatabase;
beforeEach(async () => {
  blue = await fixture.database(SEED);
  run = blue.run();
  await run.takeLock(RUN, 'orders');
});
afterEach(() => blue.close());

const accepted = async () => (await run.attemptWrite({ insist: true })).accepted;

describe('the last word of a side', () => {
  it('is heard while the freeze stands, and keeps the side closed', async () => {
    const { id } = await run.freeze(RUN, UNTIL);
    expect(await run.handOver(RUN, id)).toBe(true);
    expect(await run.unfreeze(RUN, { handedOver: false })).toBe(false);
    expect(await accepted()).toBe(false);
    expect((await run.record())?.freeze?.handedOver).toBe(true);
  });

  it('is not heard after the freeze was lifted, nor in another freeze', async () => {
    const first = await run.freeze(RUN, UNTIL);
    expect(await run.unfreeze(RUN, { handedOver: false })).toBe(true);
    expect(await run.handOver(RUN, first.id)).toBe(false);
    const second = await run.freeze(RUN, UNTIL);
    expect(second.handedOver).toBe(false);
    expect(await run.handOver(RUN, first.id)).toBe(false);
  });

  it('is taken back by whoever knows that the other side cannot open', async () => {
    const { id } = await run.freeze(RUN, UNTIL);
    await run.handOver(RUN, id);
    expect(await run.unfreeze(RUN, { handedOver: true })).toBe(true);
    expect(await accepted()).toBe(true);
  });

  it('and the lifting of the freeze exclude each other, however they race', async () => {
    const other = blue.run();
    for (let round = 0; round < 15; round += 1) {
      const { id } = await run.freeze(RUN, UNTIL);
      const [handedOver, lifted] = await Promise.all([
        run.handOver(RUN, id),
        other.unfreeze(RUN, { handedOver: false }),
      ]);
      expect({ round, handedOver, lifted }).toEqual({ round, handedOver, lifted: !handedOver });
      expect(await accepted()).toBe(lifted);
      await run.unfreeze(RUN, { handedOver: true });
    }
  });
});

describe('a side that a recovery has taken back', () => {
  it('is frozen by nobody any more', async () => {
    await run.abandon(RUN);
    await expect(run.freeze(RUN, UNTIL)).rejects.toBeInstanceOf(FreezeFailed);
    expect(await accepted()).toBe(true);
  });

  it('does not say its last word any more, and is lifted', async () => {
    const { id } = await run.freeze(RUN, UNTIL);
    await run.abandon(RUN);
    expect(await run.handOver(RUN, id)).toBe(false);
    expect(await run.unfreeze(RUN, { handedOver: false })).toBe(true);
    expect(await accepted()).toBe(true);
  });
});

describe('the dead man', () => {
  it('lifts the freeze of a run nobody works for any more', async () => {
    await run.armDeadMan(RUN, 1);
    await run.freeze(RUN, UNTIL);
    await run.close(); // as if the function had died
    while ((await blue.ask('select freeze_id is not null from bluegreen.run')) === true) {
      await pause(50);
    }
    expect(await accepted()).toBe(true);
    expect(await blue.query('show default_transaction_read_only', 'app')).toEqual([
      { default_transaction_read_only: 'off' },
    ]);
  });

  it('does nothing to a side that was handed over', async () => {
    await run.armDeadMan(RUN, 1);
    const { id } = await run.freeze(RUN, UNTIL);
    await run.handOver(RUN, id);
    while (
      (await blue.ask(
        `select count(*)::int from pg_stat_activity where query like '%dead_man%' and state = 'active' and pid <> pg_backend_pid()`,
      )) !== 0
    ) {
      await pause(50);
    }
    expect(await accepted()).toBe(false);
  });

  it('is gone when it is taken back', async () => {
    const disarm = await run.armDeadMan(RUN, 600);
    await disarm();
    expect(
      await blue.ask(
        `select count(*)::int from pg_stat_activity where application_name = 'bluegreen dead man' and datname = current_database()`,
      ),
    ).toBe(0);
  });
});

describe('moving the application', () => {
  it('is one invocation’s business at a time', async () => {
    const other = blue.run();
    expect(await run.claimCrossing({ evenIfHeld: false })).toBe(true);
    expect(await run.claimCrossing({ evenIfHeld: false })).toBe(true);
    expect(await other.claimCrossing({ evenIfHeld: false })).toBe(false);
    await run.close();
    expect(await other.claimCrossing({ evenIfHeld: false })).toBe(true);
  });

  it('is taken over from one that nobody waits for any more', async () => {
    const other = blue.run();
    await run.claimCrossing({ evenIfHeld: false });
    expect(await other.claimCrossing({ evenIfHeld: true })).toBe(true);
    expect(await run.claimCrossing({ evenIfHeld: false }).catch(() => false)).toBe(false);
  });
});

describe('a side that is about to open', () => {
  it('lets sessions in that need not be made again, and refuses their writes until then', async () => {
    await run.freeze(RUN, UNTIL);
    await run.admitSessions();
    const client = await blue.client();
    await expect(client.query('insert into plain values (2)')).rejects.toMatchObject({ code: '25006' });
    await run.unfreeze(RUN, { handedOver: true });
    await client.query('insert into plain values (2)');
  });

  it('takes that back while it is still handed over, and not once it is open', async () => {
    const { id } = await run.freeze(RUN, UNTIL);
    await run.handOver(RUN, id);
    await run.admitSessions();
    await run.excludeSessions();
    expect(await blue.ask('show default_transaction_read_only', 'app')).toBe('on');
    await run.admitSessions();
    await run.unfreeze(RUN, { handedOver: true });
    await run.excludeSessions();
    expect(await blue.ask('show default_transaction_read_only', 'app')).toBe('off');
  });
});

describe('jobs the database runs by itself', () => {
  const JOBS = `create schema cron; create table cron.job (jobid bigint primary key, active boolean not null);
    insert into cron.job values (1, true), (2, false), (3, true); grant usage on schema cron to bluegreen;
    grant select, update on cron.job to bluegreen`;
  const active = () => blue.ask('select string_agg(jobid::text, $$,$$ order by jobid) from cron.job where active');

  it('are paused, and those that ran before run again afterwards', async () => {
    await blue.query(JOBS);
    await run.pauseJobs();
    await run.pauseJobs();
    expect(await active()).toBeNull();
    await run.resumeJobs();
    await run.resumeJobs();
    expect(await active()).toBe('1,3');
  });

  it('are nothing to worry about where there are none', async () => {
    const before = await catalogSnapshot(blue);
    await run.pauseJobs();
    await run.resumeJobs();
    expect(await catalogSnapshot(blue)).toEqual(before);
  });
});
