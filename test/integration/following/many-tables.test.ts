/** A database of more tables than the invocation that marks the moment reads by itself. */
import { PHASE_ROWS } from '../../../lib/core/phases';
import { following } from '../../support/following-plan';
import { runLocally } from '../../support/local-run-fixture';

const WORKERS = PHASE_ROWS.validate.workers;

/** More than two shares on each side. */
const TABLES = 450;

const MAKE = `
  set role bluegreen;
  do $$ begin
    for number in 1..${TABLES} loop
      execute format('create table public.many_%s (id integer primary key, note text)', number);
      execute format('insert into public.many_%s select n, %L from generate_series(1, 3) n', number, number);
    end loop;
  end $$`;

test('it is compared by as many invocations at the same time as the plan says', async () => {
  const entered: string[] = [];
  const report = await runLocally({
    plan: following(({ validation }) => ({ validation: { ...validation, parallelism: 3 } })),
    beforeRun: (_runtime, _runId, servers) => servers.onBlue(MAKE).then(() => undefined),
    onEvent: (stateName) => entered.push(stateName),
    whenEntered: {
      // after the moment, which is what is compared
      [WORKERS?.map ?? '']: (servers) =>
        servers.onBlue(`update public.many_1 set note = 'later'`).then(() => undefined),
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.onGreen('select from public.many_1 where note = $$later$$')).toHaveLength(3);
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green', validation: { mismatches: [] } });
  expect(report.validation?.tables).toBeGreaterThan(TABLES);
  expect(report.validation?.rows).toBeGreaterThan(3 * TABLES);
  expect(entered.filter((stateName) => stateName === WORKERS?.task)).toHaveLength(3);
});
