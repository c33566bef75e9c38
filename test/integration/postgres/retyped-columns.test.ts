/** Whether changes of types that are let pass bring green to where ALTER would bring blue at rest: random types, keys, identities and later writes. */
import fc from 'fast-check';
import type { Change } from '../../../lib/core/changes';
import { classify } from '../../../lib/core/classification';
import { loadStatementParser } from '../../../lib/engines/postgres/changes/statement-parser';
import { withTypesResolved } from '../../../lib/engines/postgres/way-back/resolved-types';
import { whyNotFollowed } from '../../../lib/engines/postgres/way-back/retypings';
import { followingPair, LOGICAL, PAIR_RUN } from '../../support/following-pair';
import { changes } from '../../support/following-plan';
import { OLDEST_AND_NEWEST } from '../../support/majors';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';
import {
  filled,
  literal,
  type Retyping,
  retyping,
  TYPES,
  tableOf,
  valuesOf,
  writesOf,
} from '../../support/random-retyping';

/** `RETYPING_SEED` repeats a failure, `RETYPING_RUNS` tries more; a failure names its seed. */
const SEED = Number(process.env.RETYPING_SEED ?? 20_261_127);
const RUNS = Number(process.env.RETYPING_RUNS ?? 2);
const TABLES = 24;

const SETTINGS = `set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres'; set extra_float_digits = 3`;

beforeAll(loadStatementParser);

describe.each(OLDEST_AND_NEWEST)('on PostgreSQL %i', (major) => {
  let fixture: PostgresFixture;
  beforeAll(async () => {
    fixture = await PostgresFixture.start({ major, settings: { ...LOGICAL, wal_retrieve_retry_interval: '50ms' } });
  });
  afterAll(() => fixture.close());

  /** Those values that each of the types takes, one after the other, so that nothing breaks off. */
  async function fitting(
    scratch: TestDatabase,
    { types, change }: Pick<Retyping, 'types' | 'change'>,
    table: string,
  ): Promise<string[]> {
    const client = await scratch.client('bluegreen');
    const fit: string[] = [];
    for (const value of valuesOf(types[0] ?? '').slice(0, 60)) {
      await client.query(`begin; create table ${table} (v ${types[0]})`);
      try {
        await client.query(`insert into ${table} values (${literal(value)}); ${change}`);
        fit.push(value);
      } catch {
        // no value of these types
      }
      await client.query('rollback');
    }
    await client.end();
    return fit;
  }

  const contents = (database: TestDatabase, { table }: Retyping) =>
    database.query(`${SETTINGS}; select concat(v) as v, id, n from ${table} order by id, 1, n`);

  test('a change of a type is refused, or green ends as ALTER would leave blue', async () => {
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...Array.from({ length: TABLES }, (_, index) => retyping(index + 1))),
        async (drawn) => {
          const scratch = await fixture.database(TYPES);
          const all: Retyping[] = [];
          for (const one of drawn) {
            const values = await fitting(scratch, one, one.table);
            all.push(...(values.length === 0 ? [] : [filled(one, values)]));
          }
          const seed = [TYPES, ...all.map(tableOf)].join(';\n');
          const pair = await followingPair(fixture, seed);
          try {
            const [tables, own] = [await pair.onBlue.replicatedTables(), await pair.onBlue.ownTypes()];
            const passed: Retyping[] = [];
            for (const one of all) {
              const pending = changes({ '0001_change.sql': one.change });
              const reasons = [
                ...classify(pending, 'replication').flatMap(({ refused }) => refused),
                ...whyNotFollowed(tables, withTypesResolved(pending, own), own),
              ];
              if (reasons.length === 0) {
                passed.push(one);
              }
            }
            allowed += passed.length;
            for (const one of passed) {
              await pair.onGreen.applyChange(
                PAIR_RUN,
                { ...(changes({ '0001_change.sql': one.change })[0] as Change), number: all.indexOf(one) + 1 },
                'chain',
                60_000,
              );
            }
            const writes = passed.map(writesOf).join(';\n');
            await pair.blue.query(writes, 'bluegreen');
            await pair.caughtUp();
            const oracle = await fixture.database([seed, writes, ...passed.map(({ change }) => change)].join(';\n'));
            for (const one of passed) {
              expect({ ...one, rows: await contents(pair.green, one) }).toEqual({
                ...one,
                rows: await contents(oracle, one),
              });
            }
            await oracle.close();
          } finally {
            await pair.close();
            await scratch.close();
          }
        },
      ),
      { seed: SEED + major, numRuns: RUNS, endOnFailure: true },
    );
    expect(allowed).toBeGreaterThan(RUNS * 3);
  });
});
