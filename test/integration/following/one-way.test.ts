/** Plans after which blue could not follow green: refused, unless they say that the application need never move back. */
import { changes, following } from '../../support/following-plan';
import { type FixtureOptions, runLocally } from '../../support/local-run-fixture';

const PERSON: FixtureOptions['beforeRun'] = async (_runtime, _runId, servers) => {
  await servers.onBlue(`
    set role bluegreen;
    create table public.person (id integer primary key, title text not null, name text, married boolean);
    insert into public.person select n, 'Dr.', 'Name ' || n, n % 2 = 0 from generate_series(1, 10) as n;
    grant select, insert on public.person to app`);
};

test('a change that drops what blue needs, or renames what blue knows, is refused in prepare with table, column and file', async () => {
  const report = await runLocally({
    plan: following(() => ({
      changes: changes({
        '0001_drop_title.sql': 'alter table person drop column title',
        '0002_rename_name.contract.sql': 'alter table person rename column name to full_name',
      }),
    })),
    beforeRun: PERSON,
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'prepare', error: 'GuardrailViolated' },
  });
  for (const said of [
    /public\.person\.title is NOT NULL without default .*\(changes\/0001_drop_title\.sql\).*acceptOneWay: true/,
    /public\.person\.name is called "full_name" on green.*\(changes\/0002_rename_name\.contract\.sql\)/,
  ]) {
    expect(report.reason?.message).toMatch(said);
  }
});

test('a plan that accepts one way migrates, also where it shows in the switchover only, and when an alarm fires afterwards green serves on and blue is kept', async () => {
  const report = await runLocally({
    plan: following(() => ({
      acceptOneWay: true,
      changes: changes({
        '0001_spell_married.contract.sql': 'do $$ begin alter table person alter column married type text; end $$',
      }),
    })),
    beforeRun: PERSON,
    faults: ['bake:alarm'],
    afterRun: async (_runtime, _report, servers) => {
      await servers.asApplication(`insert into person values (11, 'Dr.', 'Name 11', 'divorced')`);
      expect(await servers.onGreen('select from person')).toHaveLength(11);
      expect(await servers.onBlue('select from person')).toHaveLength(10);
    },
  });
  expect(report).toMatchObject({
    outcome: 'needs-attention',
    serving: 'green',
    reason: { phase: 'bake', error: 'AlarmFired' },
  });
  expect(report.leftovers.map(({ what }) => what).join('\n')).toMatch(/blue small-production/);
});
