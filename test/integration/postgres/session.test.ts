/** A session of the run: what it is set to, and that it ends for good. */

import { TemporarilyUnavailable } from '../../../lib/core/errors';
import { RUN_APPLICATION_NAME } from '../../../lib/engines/postgres/session/session';
import { PostgresFixture, TestDatabase } from '../../support/postgres-fixture';

let server: PostgresFixture;
let database: TestDatabase;

beforeAll(async () => {
  server = await PostgresFixture.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  database = await server.database();
});
afterEach(() => database.close());

/** Resolves when the server has none of the run's sessions; a client that hangs up is not waited for by it. */
async function untilGone(): Promise<void> {
  const sessions = `select count(*)::int from pg_stat_activity where application_name = '${RUN_APPLICATION_NAME}'`;
  for (let looks = 0; (await database.ask(sessions)) !== 0; looks++) {
    if (looks > 500) {
      throw new Error('a session of the run is still there');
    }
  }
}

test('one that is closed while it is being made does not stay', async () => {
  const session = database.session();
  const query = session.query('select 1').catch((error: unknown) => error);
  await session.close();
  await query;
  await untilGone();
});

test('one that was closed does not connect again', async () => {
  const session = database.session();
  await session.query('select 1');
  await session.close();
  await expect(session.query('select 1')).rejects.toBeInstanceOf(TemporarilyUnavailable);
  await untilGone();
});

describe('statements it has planned', () => {
  const values = `select $1::text as text, $2::text[] as list, $3::bool as bool, $4::int + 1 as number, $5::text is null as none`;

  test('take values as they are', async () => {
    const session = database.session();
    const list = ['plain', 'with "quotes"', 'back\\slash', "it's", '', '{a,b}', 'null'];
    const given = [`it's \\ "so"; --`, list, true, 41, null];
    const answer = { text: given[0], list, bool: true, number: 42, none: true };
    expect(await session.planned(values, given)).toEqual([answer]);
    expect(await session.planned(values, [...given])).toEqual([answer]); // planned by now
  });

  test('are one transaction when they are asked at the same time, in their order', async () => {
    const session = database.session();
    await session.query('create table t (n int)');
    const at = await Promise.all([
      session.planned('insert into t values (1)'),
      session.planned<{ count: string; at: Date }>('select count(*), now() as at from t'),
      session.planned<{ at: Date }>('select now() as at'),
    ]);
    expect(at[1][0]?.count).toBe('1');
    expect(at[2][0]?.at).toEqual(at[1][0]?.at);
    const failing = await Promise.allSettled([
      session.planned('insert into t values (2)'),
      session.planned('select 1 / n from (values (0)) v (n)'),
    ]);
    expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await session.planned('select n from t')).toEqual([{ n: 1 }]);
  });

  test('fail for whoever asked, and for nobody else, when the server is gone', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', hear);
    const nowhere = new TestDatabase(1, 'nowhere');
    await expect(nowhere.run().endClientSessions()).rejects.toMatchObject({
      message: expect.stringMatching(/^database "nowhere" at 127.0.0.1:1 is not available right now: (?!database)/),
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
    await nowhere.close();
  });

  test('are planned again on a new connection', async () => {
    const session = database.session();
    await session.planned('select 1 as one');
    await database.query(`select pg_terminate_backend(${await session.processId()}, 5000)`);
    await session.planned('select 1 as one').catch(() => undefined); // finds the connection broken, at the latest
    expect(await session.planned('select 1 as one')).toEqual([{ one: 1 }]);
  });
});

test('it is what the run needs, whatever database and role are set to', async () => {
  const settings: Readonly<Record<string, [theirs: string, ours: string]>> = {
    datestyle: ['German', 'ISO, DMY'],
    default_transaction_isolation: ['serializable', 'read committed'],
    default_transaction_read_only: ['on', 'off'],
    idle_in_transaction_session_timeout: ['1s', '0'],
    idle_session_timeout: ['1s', '0'],
    lock_timeout: ['1s', '5s'],
    standard_conforming_strings: ['off', 'on'],
    statement_timeout: ['1s', '0'],
    synchronous_commit: ['off', 'on'],
    transaction_timeout: ['1s', '0'],
  };
  for (const [name, [theirs]] of Object.entries(settings)) {
    await database.query(`alter database ${database.name} set ${name} = '${theirs}'`);
  }
  const session = database.session();
  for (const [name, [, ours]] of Object.entries(settings)) {
    expect(await session.query(`select current_setting('${name}') as "${name}"`)).toEqual([{ [name]: ours }]);
  }
  const [row] = await session.query<{ at: Date }>('select now() as at');
  expect(row?.at).toBeInstanceOf(Date);
});
