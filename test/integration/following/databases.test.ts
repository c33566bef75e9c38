/** Instances with several databases, which the endpoint moves all at once, and databases with nothing in them. */
import { join } from 'node:path';
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';
import type { RunServers } from '../../support/run-servers';

const EMPTY_PLAN = join(__dirname, '../../support/plans/empty');

/** As RDS's own user, since making databases is not what these tests are about. */
async function makeDatabase(servers: RunServers, name: string): Promise<void> {
  await servers.onBlue(`create database "${name}" owner bluegreen`, 'postgres');
  await servers.onBlue(
    `set role bluegreen;
     create table public.note (id integer generated always as identity primary key, text text);
     insert into public.note (text) select 'seed' from generate_series(1, 10)`,
    name,
  );
}

const write = (text: string) => `insert into public.note (text) values ('${text}')`;
const NOTES = `select distinct text from public.note order by text`;
const RUN_LEFTOVERS = `
  select nspname::text as name from pg_namespace where nspname = 'bluegreen'
  union all select pubname from pg_publication
  union all select tgname from pg_trigger where not tgisinternal
  union all select setconfig::text from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())`;

test('databases the plan names move with their writes, an abandoned one as it was, and all go back together', async () => {
  const names = ['second', 'Dritte DB'];
  const report = await runLocally({
    plan: following(() => ({
      followedDatabases: names,
      abandonedDatabases: ['legacy'],
      bake: { alarms: ['errors'], seconds: 2_592_000 },
    })),
    beforeRun: async (_runtime, _runId, servers) => {
      for (const name of [...names, 'legacy']) {
        await makeDatabase(servers, name);
      }
    },
    whenEntered: {
      [PHASE_ROWS.validate.sentence]: async (servers) => {
        for (const name of [...names, 'legacy']) {
          await servers.onBlue(write('while following'), name);
        }
      },
      [PHASE_ROWS.bake.sentence]: async (servers) => {
        for (const name of names) {
          await expect(servers.onBlue(write('refused'), name)).rejects.toMatchObject({ code: '25006' });
          await servers.onGreen(write('on green'), name);
          expect(await servers.onGreen(NOTES, name)).toEqual(
            ['on green', 'seed', 'while following'].map((text) => ({ text })),
          );
        }
        servers.runtime.alarms.fire('errors', 'too many');
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      for (const name of names) {
        await servers.onBlue(write('after the run'), name);
        expect(await servers.onBlue(NOTES, name)).toEqual(
          ['after the run', 'on green', 'seed', 'while following'].map((text) => ({ text })),
        );
        await expect(servers.onGreen(write('refused'), name)).rejects.toMatchObject({ code: '25006' });
      }
      for (const name of [...names, 'legacy']) {
        expect(await servers.onBlue(RUN_LEFTOVERS, name)).toEqual([]);
      }
      expect(await servers.onGreen(NOTES, 'legacy')).toEqual([{ text: 'seed' }]);
    },
  });
  expect(report).toMatchObject({ outcome: 'failed-back', serving: 'blue', validation: { tables: 4, mismatches: [] } });
});

test('a database with tables that the plan does not mention stops the run before it touches anything', async () => {
  const report = await runLocally({
    plan: following(),
    beforeRun: (_runtime, _runId, servers) => makeDatabase(servers, 'forgotten'),
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    reason: { phase: 'prepare', error: 'GuardrailViolated' },
  });
  expect(report.reason?.message).toMatch(
    /database "forgotten" .* has 1 tables .* followedDatabases .* abandonedDatabases/,
  );
});

test('a table without a key stops the run before it touches anything, and the reason says what to do', async () => {
  const report = await runLocally({
    plan: following(),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue('set role bluegreen; create table public."No Key" (name text)');
    },
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    reason: { phase: 'prepare', error: 'GuardrailViolated' },
  });
  expect(report.reason?.message).toMatch(
    /table "No Key" has no primary key, .*; add one, or ALTER TABLE "No Key" REPLICA IDENTITY/,
  );
});

test('a database without a table moves, although nobody can be asked whether it refuses writes', async () => {
  const report = await runLocally({ planFolder: EMPTY_PLAN });
  expect(report).toMatchObject({
    outcome: 'migrated',
    reason: null,
    serving: 'green',
    leftovers: [],
    writes: null,
    validation: { tables: 0, rows: 0 },
  });
});
