/** A freeze whose fence was armed before: it ends nobody's session, and yet nothing is written once it is there. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { PostgresDatabase } from '../../../lib/engines/postgres/postgres-database';
import { ended, PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
const UNTIL = new Date('2030-01-01T00:00:00Z');
const TAKEN_BACK = { handedOver: true };
const REFUSED = { code: '25006' };
const TABLES = ['first', 'second', 'third'];
const SEED = TABLES.map(
  (table) => `create table ${table} (id bigint generated always as identity primary key, note text);
    grant all on ${table} to app; grant all on all sequences in schema public to app;`,
).join('\n');

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
  await run.arm();
});
afterEach(() => blue.close());

/** On a connection that is there already, so that it is counted at once. */
let counting: Client;
beforeEach(async () => {
  counting = await blue.client('rdsadmin');
});
const rowsOfAll = async () => {
  const { rows } = await counting.query(
    `select (select count(*) from first) + (select count(*) from second) + (select count(*) from third) as n`,
  );
  return Number(rows[0].n);
};

describe('sessions from before', () => {
  it('go on, and are refused', async () => {
    const client = await blue.client();
    await client.query('insert into first (note) values (1)');
    await run.freeze(RUN, UNTIL);
    await expect(client.query('insert into first (note) values (2)')).rejects.toMatchObject(REFUSED);
    await expect(client.query('select count(*)::int as n from first')).resolves.toMatchObject({ rows: [{ n: 1 }] });
  });

  it('are gone, with whatever they had not committed, when ending them is over', async () => {
    const clients = await Promise.all([1, 2, 3, 4, 5].map(() => blue.client('bluegreen', 'migrations by hand')));
    await run.freeze(RUN, UNTIL);
    const gone = clients.map(ended);
    await Promise.all(clients.map((client, index) => client.query(`begin; create table made_${index} (id int)`)));
    await run.endClientSessions();
    expect(
      await blue.ask(
        `select count(*)::int from pg_stat_activity where datname = current_database() and application_name = 'migrations by hand'`,
      ),
    ).toBe(0);
    expect(await blue.ask(`select count(*)::int from pg_class where relname like 'made_%'`)).toBe(0);
    await Promise.all(gone);
  });

  it('that are ended are made anew, read-only', async () => {
    await run.freeze(RUN, UNTIL);
    await run.endClientSessions();
    const client = await blue.client();
    await expect(client.query(`select nextval('first_id_seq')`)).rejects.toMatchObject(REFUSED);
  });
});

describe('a transaction that is writing', () => {
  const begun = async (): Promise<Client> => {
    const client = await blue.client();
    await client.query(`begin; insert into first (note) values ('begun before')`);
    return client;
  };

  it('is ended when it does not end by itself', async () => {
    const client = await begun();
    const gone = ended(client);
    await run.freeze(RUN, UNTIL);
    await gone;
    expect(await rowsOfAll()).toBe(0);
  });

  it('leaves nobody else’s session ended', async () => {
    await begun();
    const idle = await blue.client();
    await run.freeze(RUN, UNTIL);
    await expect(idle.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
  });

  it('is there as a whole or not at all, as its client was told', async () => {
    for (let round = 0; round < 10; round += 1) {
      const client = await begun();
      const before = await rowsOfAll();
      const freezing = run.freeze(RUN, UNTIL);
      await pause(round);
      const committed = await client.query('commit').then(
        () => true,
        () => false,
      );
      await freezing;
      expect({ round, rows: await rowsOfAll() }).toEqual({ round, rows: before + (committed ? 1 : 0) });
      await run.unfreeze(RUN, TAKEN_BACK);
    }
  });
});

it('that was lifted while it was being made is none, and the next one waits for writers again', async () => {
  const unendable = await blue.client('rdsadmin');
  await unendable.query(`begin; insert into first (note) values ('by RDS itself')`);
  const freezing = run.freeze(RUN, UNTIL);
  const lifting = blue.run();
  while ((await lifting.record())?.freeze === undefined) {
    await pause(5);
  }
  await lifting.unfreeze(RUN, TAKEN_BACK); // as the dead man does
  await unendable.query('commit');
  await expect(freezing).rejects.toMatchObject({ cause: { message: 'it was lifted while it was being made' } });

  const writer = await blue.client();
  const gone = ended(writer);
  await writer.query(`begin; insert into second (note) values ('in flight')`);
  await run.freeze(RUN, UNTIL);
  await gone;
  expect(await rowsOfAll()).toBe(1);
});

it('lets nothing be written once it is there, however many are writing to however many tables', async () => {
  for (let round = 0; round < 15; round += 1) {
    const stop = new AbortController();
    const writers = await Promise.all([0, 1, 2, 3, 4, 5].map(() => blue.client()));
    await Promise.all(writers.map((client) => client.query('create temp table scratch (id int)')));
    const refusals = writers.map(() => 0);
    const writing = writers.map((client, index) => write(client, index, stop.signal, () => (refusals[index] = 1)));
    await pause(5 + round);
    await run.freeze(RUN, UNTIL);
    const atOnce = await rowsOfAll();
    refusals.fill(0);
    // until every one of them has tried
    while (refusals.includes(0) && (await rowsOfAll()) === atOnce) await pause(5);
    stop.abort();
    await Promise.all(writing);
    expect({ round, later: await rowsOfAll() }).toEqual({ round, later: atOnce });
    await run.unfreeze(RUN, TAKEN_BACK);
  }
});

/** Statements by themselves, transactions over all tables, and such that first wrote elsewhere. */
async function write(client: Client, index: number, stop: AbortSignal, onRefused: () => void): Promise<void> {
  while (!stop.aborted) {
    const inserts = TABLES.map((table) => `insert into ${table} (note) values (${index})`);
    const statements = [
      [inserts[index % 3] as string],
      ['begin', ...inserts, 'select pg_sleep(0.005)', 'commit'],
      ['begin', 'select count(*) from first', 'insert into scratch values (1)', ...inserts.toReversed(), 'commit'],
    ][index % 3] as string[];
    try {
      for (const statement of statements) {
        await client.query(statement);
      }
    } catch {
      onRefused();
      await client.query('rollback').catch(() => undefined);
      await pause(1); // a session that was ended answers at once, and timers want their turn
    }
  }
}
