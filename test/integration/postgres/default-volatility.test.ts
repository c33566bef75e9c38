/** What the server itself says of the functions by which a default is judged. */
import {
  STABLE_FUNCTIONS,
  VOLATILE_FUNCTIONS,
} from '../../../lib/engines/postgres/changes/statements/default-volatility';
import { MAJORS } from '../../support/majors';
import { PostgresFixture } from '../../support/postgres-fixture';

test.each(MAJORS)('every function is as volatile as PostgreSQL %i has it, where it has it', async (major) => {
  const fixture = await PostgresFixture.start({ major });
  try {
    const database = await fixture.database();
    const rows = await database.query<{ name: string; volatile: boolean }>(
      `select distinct proname as name, provolatile = 'v' as volatile from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and proname = any($1)`,
      'rdsadmin',
      [[...STABLE_FUNCTIONS, ...VOLATILE_FUNCTIONS]],
    );
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter(({ name, volatile }) => volatile !== VOLATILE_FUNCTIONS.has(name))).toEqual([]);
  } finally {
    await fixture.close();
  }
});
