/** The subscription's password stays out of the server's log and of every error, also when subscribing fails. */
import { readFile } from 'node:fs/promises';
import { subscribe } from '../../../lib/engines/postgres/replication/subscriber';
import { PostgresFixture } from '../../support/postgres-fixture';

const SECRET = 'pa55-of-the-run';

let fixture: PostgresFixture;
beforeAll(async () => {
  fixture = await PostgresFixture.start({ settings: { wal_level: 'logical', log_statement: 'ddl' } });
});
afterAll(() => fixture.close());

test.each([
  ['cannot be reached', { port: 1, password: SECRET }],
  ['refuses the password', { port: 0, password: SECRET }],
])('a publisher that %s', async (_what, { port, password }) => {
  const green = await fixture.database();
  const error = await subscribe(
    green.session(),
    'bluegreen_test',
    {
      host: '127.0.0.1',
      port: port || fixture.server.port,
      database: green.name,
      username: 'bluegreen',
      password,
      sslmode: 'disable',
    },
    undefined,
  ).catch((caught: Error) => caught);
  expect(error).toBeInstanceOf(Error);
  const { cause, ...facts } = error as Error & { cause: unknown };
  expect(JSON.stringify([facts, String(error), cause, Object.entries(cause as object)])).not.toContain(SECRET);
  expect(String(error)).toContain('could not connect to the publisher');
  expect(await readFile(`${fixture.server.dataDirectory}.log`, 'utf8')).not.toContain(SECRET);
  await green.close();
});
