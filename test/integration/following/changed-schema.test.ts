/** DDL on the side that is followed: it is not replicated, so the run has to notice, and to leave it as it is. */

import type { Client } from 'pg';
import { PHASE_ROWS } from '../../../lib/core/phases';
import { IS_PROVED } from '../../../lib/workflow/state-names';
import { following } from '../../support/following-plan';
import { CATALOG } from '../../support/invariants';
import { type FixtureOptions, runLocally } from '../../support/local-run-fixture';

/** Two tables without rows, which the application does not write to. */
const TABLES = `
  set role bluegreen;
  create table ledger (id integer primary key, amount integer);
  create table "Old Ledger" (id integer primary key);
  reset role`;

/** Changes blue's schema in the state, and expects to find that change, and no other, when the run is over. */
function withDdl(state: string, ddl: string): FixtureOptions {
  let client: Client | undefined;
  let before: string[] = [];
  let after: string[] = [];
  const catalog = async () => {
    const result = await client?.query({ text: CATALOG, rowMode: 'array' });
    return (result?.rows ?? []).map((row: unknown[]) => String(row[0]));
  };
  return {
    plan: following(),
    beforeRun: async (_runtime, _runId, servers) => {
      await servers.onBlue(TABLES);
      client = await servers.connectToBlue();
    },
    whenEntered: {
      [state]: async () => {
        await client?.query('begin isolation level repeatable read; set local role bluegreen');
        before = await catalog();
        await client?.query(ddl);
        after = await catalog();
        await client?.query('commit');
      },
    },
    expectedOfBlue: ({ catalog, rows }) => ({
      rows,
      catalog: [
        ...catalog.filter((entry) => after.includes(entry) || !before.includes(entry)),
        ...after.filter((entry) => !before.includes(entry)),
      ],
    }),
  };
}

test('a run stops when a table is altered, created or dropped while green follows, and names it', async () => {
  const report = await runLocally(
    withDdl(
      PHASE_ROWS.migrate.sentence,
      'alter table ledger add column note text; create table public."New Ledger" (id integer primary key); drop table "Old Ledger"',
    ),
  );
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    leftovers: [],
    reason: { phase: 'follow', error: 'SchemaDrifted' },
  });
  for (const what of ['public.ledger was altered', 'public.New Ledger was created', 'public.Old Ledger was dropped']) {
    expect(report.reason?.message).toContain(what);
  }
});

test.each([
  ['altered', 'alter table ledger alter column amount type bigint', 'public.ledger was altered'],
  ['created', 'create table public."New Ledger" (id integer primary key)', 'public.New Ledger was created'],
  ['dropped', 'drop table "Old Ledger"', 'public.Old Ledger was dropped'],
])(
  'a switchover is refused when a table is %s after green was proved equal, and names it',
  async (_what, ddl, named) => {
    const report = await runLocally(withDdl(IS_PROVED, ddl));
    expect(report).toMatchObject({
      outcome: 'rolled-back',
      serving: 'blue',
      leftovers: [],
      reason: { phase: 'switchover' },
    });
    expect(['SchemaDrifted', 'SwitchoverRefused']).toContain(report.reason?.error);
    expect(report.reason?.message).toContain(named);
  },
);

test('a run stops when a large object is created while green follows', async () => {
  const report = await runLocally(withDdl(PHASE_ROWS.migrate.sentence, `select lo_from_bytea(0, 'stored')`));
  expect(report).toMatchObject({ outcome: 'rolled-back', serving: 'blue', reason: { error: 'SchemaDrifted' } });
  expect(report.reason?.message).toContain('large objects were created');
});

test('the application stays on green when it has made there what would not be on blue', async () => {
  const report = await runLocally({
    plan: following(() => ({ bake: { seconds: 36_000, alarms: ['anything'] } })),
    whenEntered: {
      [PHASE_ROWS.bake.sentence]: async (servers) => {
        await servers.onGreen('create table late (id int primary key); insert into late values (1)');
        servers.runtime.alarms.fire('anything', 'as a test wants');
      },
    },
    afterRun: async (_runtime, _report, servers) => {
      expect(await servers.asApplication('show transaction_read_only')).toEqual([{ transaction_read_only: 'off' }]);
    },
  });
  expect(report).toMatchObject({ outcome: 'needs-attention', serving: 'green', reason: { error: 'AlarmFired' } });
  expect(JSON.stringify(report)).toContain('public.late was created on green');
});
