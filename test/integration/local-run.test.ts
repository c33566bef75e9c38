/** Whole runs of the small plan in the local runtime, with the invariants after each. */
import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { runNames } from '../../lib/core/identifiers';
import { runLocally } from '../support/local-run-fixture';

test('a run moves the application to green, proves it equal first and leaves nothing behind', async () => {
  const report = await runLocally();
  expect(report).toMatchObject({
    version: 1,
    outcome: 'migrated',
    reason: null,
    serving: 'green',
    writes: { lost: 0, duplicated: 0 },
    validation: { tables: 2, mismatches: [], excluded: [], checks: [{ file: 'no_orphans.sql', rows: 0 }] },
    leftovers: [],
  });
  expect(report.phases.map(({ name }) => name)).toEqual([
    'prepare',
    'snapshot',
    'clone',
    'migrate',
    'follow',
    'validate',
    'switchover',
    'bake',
    'retire',
  ]);
  expect(report.writes?.refused).toBeGreaterThan(0);
  expect(report.writeDowntimeMs).toBeGreaterThan(0);
});

test('green has the contract change, and no trace of the run but the ledger', async () => {
  let found: unknown;
  await runLocally({
    afterRun: async ({ rds }, { runId }) => {
      found = await rds.serverOf(runNames('small', runId).green)?.asAdmin(async (admin) => {
        const columns = await admin.query<{ name: string }>(
          `select attname as name from pg_attribute where attrelid = 'account'::regclass and attnum > 0 and not attisdropped order by attnum`,
        );
        const tables = await admin.query<{ name: string }>(
          `select relname as name from pg_class where relnamespace = 'bluegreen'::regnamespace and relkind = 'r'`,
        );
        const ledger = await admin.query<{ file: string }>('select file from bluegreen.change order by number');
        return {
          columns: columns.rows.map(({ name }) => name),
          tables: tables.rows.map(({ name }) => name),
          ledger: ledger.rows.map(({ file }) => file),
        };
      }, 'small');
    },
  });
  expect(found).toEqual({
    columns: ['id', 'name', 'currency'],
    tables: ['change'],
    ledger: ['0001_add_currency.sql', '0002_widen.sql', '0003_drop_balance.contract.sql'],
  });
});

test('a blue that is to be kept stays, frozen, and is listed with the command that deletes it', async () => {
  const report = await runLocally({ plan: (plan) => ({ ...plan, retire: { blue: 'keep', finalSnapshot: true } }) });
  expect(report.outcome).toBe('migrated');
  expect(report.leftovers).toEqual([
    {
      what: 'blue small-production, frozen, kept as the plan asks',
      command: expect.stringMatching(/^aws rds delete-db-instance --db-instance-identifier small-production /),
    },
  ]);
});

test('a blue that is protected against deletion is not deleted, and green is protected from then on', async () => {
  const report = await runLocally({
    beforeRun: async ({ rdsUrl }) => {
      const client = new RDSClient({
        endpoint: rdsUrl,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: 'small-production',
          DeletionProtection: true,
          ApplyImmediately: true,
        }),
      );
      client.destroy();
    },
  });
  expect(report).toMatchObject({ outcome: 'migrated', reason: null, serving: 'green' });
  expect(report.leftovers.map(({ what }) => what)).toEqual([
    'blue small-production, frozen, kept because it is protected against deletion',
  ]);
});

test('final and kept snapshots are listed with the commands that delete them', async () => {
  const report = await runLocally({
    plan: (plan) => ({ ...plan, snapshot: { keep: true }, retire: { blue: 'delete', finalSnapshot: true } }),
  });
  expect(report.outcome).toBe('migrated');
  expect(report.leftovers.map(({ command }) => command)).toEqual([
    expect.stringMatching(/^aws rds delete-db-snapshot --db-snapshot-identifier small-green-[0-9a-f]{10}$/),
    expect.stringMatching(/^aws rds delete-db-snapshot --db-snapshot-identifier small-final-[0-9a-f]{10}$/),
  ]);
});

test('a rehearsal proves green equal, then removes it; blue goes on as if nothing had been', async () => {
  const report = await runLocally({ rehearse: true });
  expect(report).toMatchObject({
    outcome: 'rehearsed',
    serving: 'blue',
    reason: null,
    leftovers: [],
    validation: { mismatches: [] },
  });
});

test('a run that is stopped is undone by the recovery', async () => {
  const stop = new AbortController();
  const report = await runLocally({
    signal: stop.signal,
    onEvent: (stateName) => {
      if (stateName === 'Apply the changes to green') {
        stop.abort();
      }
    },
  });
  expect(report).toMatchObject({
    outcome: 'rolled-back',
    serving: 'blue',
    reason: { phase: 'abort', error: 'Aborted' },
    leftovers: [],
  });
});
