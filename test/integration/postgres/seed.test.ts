import { readSeed } from '../../../lib/engines/postgres/replication/seed';
import { BASE_SETTINGS } from '../../../lib/local/servers/postgres/base-settings';
import type { ServerSettings } from '../../../lib/local/servers/server';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const WHAT_IT_LEAVES = `
  select (select json_agg(format('%s %s', extname, extversion) order by extname) from pg_extension where extname <> 'plpgsql') as extensions,
         (select json_agg(nspname order by nspname) from pg_namespace where nspname !~ '^(pg_|information_schema|public|rds_stand_in)') as schemas`;

const END_OF_RECOVERY = 'select pg_last_wal_replay_lsn()::text';

/** Starts again after a crash, as a copy of a running server's storage does. */
async function recover(fixture: PostgresFixture, settings: ServerSettings = {}): Promise<void> {
  await fixture.server.asAdmin((admin) => admin.query('select pg_switch_wal()'));
  await fixture.server.kill();
  await fixture.server.start({ ...BASE_SETTINGS, ...settings });
}

describe.each(OLDEST_AND_NEWEST)('where a copy begins, on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  let green: TestDatabase;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major });
  });
  afterAll(() => fixture.close());
  afterEach(() => green.close());

  it('is told by rds_tools, of which nothing stays that blue had not', async () => {
    green = await fixture.database();
    const before = await green.query(WHAT_IT_LEAVES);
    await recover(fixture);
    expect(await readSeed(green.session())).toBe(await green.ask(END_OF_RECOVERY));
    expect(await green.query(WHAT_IT_LEAVES)).toEqual(before);
  });

  it('is told by an rds_tools that blue has in an older version, which stays as it was', async () => {
    green = await fixture.database();
    await green.query(`create extension rds_tools version '1.8'`, 'bluegreen');
    const before = await green.query(WHAT_IT_LEAVES);
    await recover(fixture);
    expect(await readSeed(green.session())).toBe(await green.ask(END_OF_RECOVERY));
    expect(await green.query(WHAT_IT_LEAVES)).toEqual(before);
    expect(before).toEqual([{ extensions: ['rds_tools 1.8'], schemas: ['rds_tools'] }]);
  });

  it('is told by an rds_tools that blue has in full', async () => {
    green = await fixture.database();
    await green.query('create extension rds_tools', 'bluegreen');
    await recover(fixture);
    expect(await readSeed(green.session())).toBe(await green.ask(END_OF_RECOVERY));
    expect(await green.query(WHAT_IT_LEAVES)).toEqual([{ extensions: ['rds_tools 1.9'], schemas: ['rds_tools'] }]);
  });
});

test('without rds_tools it is where recovery ended', async () => {
  const fixture = await PostgresFixture.start();
  const green = await fixture.database();
  await recover(fixture, { extension_control_path: '/nowhere' });
  expect(await readSeed(green.session())).toBe(await green.ask(END_OF_RECOVERY));
  expect(await green.ask(`select count(*)::int from pg_available_extensions where name = 'rds_tools'`)).toBe(0);
  await green.close();
  await fixture.close();
});
