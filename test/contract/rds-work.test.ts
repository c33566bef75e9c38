/** What a server really does is work for the clock: a run must not lose its patience, or its freeze, with a slow machine. */
import {
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
});
afterAll(() => fixture.close());

const BLUE = { DBInstanceIdentifier: 'blue' };
const GREEN = { DBInstanceIdentifier: 'green' };
const PASSWORD = 'another-correct-horse';
const SEED = { DBSnapshotIdentifier: 'seed' };

test.each<[string, () => Promise<unknown>]>([
  ['making an instance', () => fixture.createBlue()],
  [
    'a snapshot',
    async () => {
      await fixture.client.send(new CreateDBSnapshotCommand({ ...BLUE, ...SEED }));
      await fixture.reach(() => fixture.snapshotStatus('seed'), 'available');
    },
  ],
  [
    'a restore',
    async () => {
      await fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...GREEN, ...SEED }));
      await fixture.ready('green');
    },
  ],
  [
    'another password',
    async () => {
      await fixture.client.send(
        new ModifyDBInstanceCommand({ ...GREEN, MasterUserPassword: PASSWORD, ApplyImmediately: true }),
      );
      await fixture.ready('green');
    },
  ],
  [
    'a reboot',
    async () => {
      await fixture.client.send(new RebootDBInstanceCommand(GREEN));
      await fixture.ready('green');
    },
  ],
  [
    'coming back from a crash',
    async () => {
      await fixture.rds.crash('green');
      await fixture.reach(() => fixture.serves('green', PASSWORD), true);
    },
  ],
  [
    'being deleted',
    async () => {
      await fixture.client.send(new DeleteDBInstanceCommand({ ...GREEN, SkipFinalSnapshot: true }));
      await fixture.reach(() => fixture.status('green'), undefined);
    },
  ],
  [
    'deleting a snapshot',
    async () => {
      await fixture.client.send(new DeleteDBSnapshotCommand(SEED));
      await fixture.reach(() => fixture.snapshotStatus('seed'), undefined);
    },
  ],
])('%s is', async (_what, work) => {
  const before = fixture.clock.worked;
  await work();
  expect(fixture.clock.worked).toBe(before + 1);
});
