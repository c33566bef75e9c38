import { RunLocked } from '../../../lib/core/errors';
import { catalogSnapshot } from '../../support/catalog-snapshot';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const UNTIL = new Date('2030-01-01T00:00:00Z');

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

let database: TestDatabase;
beforeEach(async () => {
  database = await fixture.database('create table orders (id int); grant all on orders to app');
});
afterEach(() => database.close());

describe('the lock', () => {
  it('is taken once, and kept by the run that has it', async () => {
    const run = database.run();
    expect(await run.record()).toBeUndefined();
    await run.takeLock('run-1', 'orders');
    const record = await run.record();
    expect(record).toEqual({
      runId: 'run-1',
      since: expect.any(String),
      begun: false,
      freezes: 0,
      greenState: 'closed',
    });
    await run.takeLock('run-1', 'orders');
    expect(await run.record()).toEqual(record);
  });

  it('refuses a second run, naming the first and since when', async () => {
    await database.run().takeLock('run-1', 'orders');
    const { since } = (await database.run().record()) ?? {};
    const error = await database
      .run()
      .takeLock('run-2', 'orders')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RunLocked);
    expect(error).toMatchObject({
      holder: 'run-1',
      message: `run "run-1" holds the lock on blue since ${since}; one run at a time; let it end, or finish it by starting run id "run-1" again`,
    });
  });

  it('goes to exactly one of many takers at the same instant', async () => {
    const takers = Array.from({ length: 8 }, (_, index) => ({ runId: `run-${index}`, run: database.run() }));
    await Promise.all(takers.map(({ run }) => run.record())); // connected, so that all begin together
    const outcomes = await Promise.allSettled(takers.map(({ runId, run }) => run.takeLock(runId, 'orders')));
    const winners = takers.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(losers.map((reason) => reason.holder)).toEqual(Array(7).fill(winners[0]?.runId));
  });

  it('leaves nothing behind when it is released without a ledger', async () => {
    const before = await catalogSnapshot(database);
    const run = database.run();
    await run.takeLock('run-1', 'orders');
    await run.release('run-1');
    await run.release('run-1');
    expect(await catalogSnapshot(database)).toEqual(before);
    await run.takeLock('run-2', 'orders');
    expect(await run.record()).toMatchObject({ runId: 'run-2' });
  });

  it('is not released by another run', async () => {
    const run = database.run();
    await run.takeLock('run-1', 'orders');
    await run.release('run-2');
    expect(await run.record()).toMatchObject({ runId: 'run-1' });
  });

  it('is released without touching the ledger', async () => {
    const run = database.run();
    await run.takeLock('run-1', 'orders');
    const change = {
      number: 1,
      file: '1_a.sql',
      kind: 'expand',
      sql: 'select 1',
      sha256: 's',
      statements: [{ line: 1, column: 1, begin: 0, end: 8 }],
      declarations: [],
      departures: [],
      effects: [],
    } as const;
    await run.applyChange('run-1', change, 'c', 60_000);
    await run.release('run-1');
    expect(await run.record()).toBeUndefined();
    expect(await run.ledger()).toEqual([{ number: 1, file: '1_a.sql', sha256: 's', chain: 'c' }]);
  });
});

describe('green', () => {
  const frozen = async () => {
    const run = database.run();
    await run.takeLock('run-1', 'orders');
    await run.freeze('run-1', UNTIL);
    return run;
  };

  it('is opened by one transaction: writes are accepted, and it cannot be abandoned any more', async () => {
    const run = await frozen();
    expect(await run.open('run-1')).toBe('opened');
    expect(await run.attemptWrite({ insist: false })).toMatchObject({ accepted: true });
    expect(await run.abandon('run-1')).toBe('open');
    expect(await run.open('run-1')).toBe('opened');
    expect(await run.record()).toMatchObject({ greenState: 'open' });
    await run.release('run-1');
    expect(await database.ask(`select count(*)::int from pg_trigger where tgname = 'bluegreen_fence'`)).toBe(0);
    expect(await run.abandon('run-1')).toBe('no-record');
  });

  it('is abandoned for good: it stays closed whoever asks', async () => {
    const run = await frozen();
    expect(await run.abandon('run-1')).toBe('abandoned');
    expect(await run.open('run-1')).toBe('abandoned');
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
    expect(await run.abandon('run-1')).toBe('abandoned');
  });

  it('of another run is neither opened nor abandoned', async () => {
    const run = await frozen();
    expect(await run.open('run-2')).toBe('abandoned');
    expect(await run.abandon('run-2')).toBe('no-record');
    expect(await run.record()).toMatchObject({ runId: 'run-1', greenState: 'closed' });
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('ends sessions of clients that were there before it opened, once, and none that came later', async () => {
    const run = await frozen();
    const pooled = await database.client('app');
    expect(await run.open('run-1')).toBe('opened');
    await expect(pooled.query('select 1')).rejects.toBeDefined();
    const fresh = await database.client('app');
    await fresh.query('insert into orders values (1)');
    // an invocation that was interrupted after the opening does its end again
    expect(await run.open('run-1')).toBe('opened');
    await fresh.query('insert into orders values (2)');
  });

  it('is either opened or abandoned, never both, however they race', async () => {
    const run = await frozen();
    const opener = database.run();
    const abandoner = database.run();
    await Promise.all([opener.record(), abandoner.record()]);
    const won = { opened: 0, abandoned: 0 };
    for (let round = 0; round < 60; round++) {
      const [first, second] = round % 2 === 0 ? ['open', 'abandon'] : ['abandon', 'open'];
      const acts = { open: () => opener.open('run-1'), abandon: () => abandoner.abandon('run-1') };
      const [one, other] = [acts[first as 'open'], acts[second as 'open']];
      // who wins a race is for the machine to say; in the first two rounds there is none, so that either has won
      const outcomes = round < 2 ? [await one(), await other()] : await Promise.all([one(), other()]);
      const opened = outcomes.includes('opened' as never);
      const abandoned = outcomes.filter((outcome) => outcome === ('abandoned' as never)).length === 2;
      expect({ opened, abandoned, outcomes }).toEqual({ opened: !abandoned, abandoned, outcomes });
      expect(outcomes.includes('open' as never)).toBe(opened);
      won[opened ? 'opened' : 'abandoned'] += 1;
      const writable = (await run.attemptWrite({ insist: true })).accepted;
      expect(writable).toBe(opened);
      await database.query(`update bluegreen.run set green_state = 'closed'`);
      if (opened) {
        await database.query(
          `update bluegreen.run set freeze_id = null, frozen_until = null, fenced = false, lifted_at = null`,
        );
        await run.freeze('run-1', UNTIL);
      }
    }
    expect(won.opened).toBeGreaterThan(0);
    expect(won.abandoned).toBeGreaterThan(0);
  });
});
