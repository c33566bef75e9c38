import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { BLUE, DELAYS, RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  await fixture.createBlue();
  await fixture.ask('blue', 'CREATE TABLE orders AS SELECT generate_series(1, 500) AS id');
});
afterAll(() => fixture.close());

const orders = (identifier: string) => fixture.ask(identifier, 'SELECT count(*)::int FROM orders');

/** The command lines of all servers on data of this fixture, as the machine sees them. */
async function servers(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'stat=,command=']);
  return stdout.split('\n').filter((line) => line.includes(fixture.stateFolder) && !line.startsWith('Z'));
}

async function messages(): Promise<(string | undefined)[]> {
  const { Events = [] } = await fixture.client.send(
    new DescribeEventsCommand({ SourceType: 'db-instance', SourceIdentifier: 'blue' }),
  );
  return Events.map(({ Message }) => Message);
}

describe('an instance whose server is killed', () => {
  test('serves again by itself, at the same address, with every committed row, and was available all the while', async () => {
    const { Endpoint } = await fixture.instance('blue');
    const before = await messages();
    const writer = await fixture.connect('blue');
    await writer.query('BEGIN');
    await writer.query('DELETE FROM orders');

    await fixture.rds.crash('blue');
    expect(await servers()).toEqual([]);
    expect(await fixture.serves('blue')).toBe(false);
    expect(await fixture.status('blue')).toBe('available');

    await fixture.reach(() => fixture.serves('blue'), true);
    expect(await orders('blue')).toBe(500);
    expect((await fixture.instance('blue')).Endpoint).toEqual(Endpoint);
    await fixture.reach(async () => (await messages()).length, before.length + 3);
    expect((await messages()).slice(before.length)).toEqual([
      expect.stringContaining('Recovery of the DB instance has started'),
      'Recovery of the DB instance is complete.',
      'DB instance restarted',
    ]);
  });

  test('serves again when only its first process was killed, and sessions were busy', async () => {
    const session = await fixture.connect('blue');
    const busy = session.query('SELECT pg_sleep(600)').then(
      () => 'finished',
      () => 'broken off',
    );
    process.kill(fixture.rds.serverOf('blue')?.pid as number, 'SIGKILL');
    expect(await busy).toBe('broken off');
    await fixture.reach(() => fixture.serves('blue'), true);
    expect(await orders('blue')).toBe(500);
  });

  test('serves again as often as it is killed', async () => {
    for (let time = 0; time < 3; time += 1) {
      await fixture.rds.crash('blue');
      await fixture.reach(() => fixture.serves('blue'), true);
    }
    expect(await orders('blue')).toBe(500);
  });

  test('can be rebooted meanwhile, and has one server afterwards', async () => {
    await fixture.rds.crash('blue');
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'blue' }));
    await fixture.ready('blue');
    expect(await servers()).toHaveLength(1);
    expect(await orders('blue')).toBe(500);
  });

  test('gets a new master password asked for meanwhile', async () => {
    await fixture.rds.crash('blue');
    const MasterUserPassword = 'another-password';
    await fixture.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', MasterUserPassword }));
    await fixture.ready('blue');
    expect(await fixture.serves('blue', MasterUserPassword)).toBe(true);
    await fixture.client.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'blue', MasterUserPassword: BLUE.MasterUserPassword }),
    );
    await fixture.ready('blue');
  });

  test('gets a complete snapshot asked for meanwhile', async () => {
    await fixture.rds.crash('blue');
    await fixture.client.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'while-down' }),
    );
    await fixture.reach(() => fixture.snapshotStatus('while-down'), 'available');
    await fixture.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'restored',
        DBSnapshotIdentifier: 'while-down',
      }),
    );
    await fixture.ready('restored');
    expect(await orders('restored')).toBe(500);
  });

  test('does not come back when it is deleted meanwhile', async () => {
    await fixture.rds.crash('restored');
    await fixture.client.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'restored', SkipFinalSnapshot: true }),
    );
    await fixture.reach(() => fixture.status('restored'), undefined);
    fixture.clock.advance(10 * DELAYS.restartingAfterCrashMs);
    await fixture.ready('blue');
    expect(await servers()).toHaveLength(1);
    expect(await readdir(join(fixture.stateFolder, 'instances'))).toHaveLength(1);
  });
});

describe('closing the local RDS', () => {
  test('while a restart is pending leaves no process, and the next one starts the server', async () => {
    await fixture.rds.crash('blue');
    await fixture.stop();
    expect(await servers()).toEqual([]);
    fixture.clock.advance(10 * DELAYS.restartingAfterCrashMs);
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });

  test('stops the servers without taking that for a crash', async () => {
    const before = await messages();
    await fixture.reopen();
    expect(await messages()).toEqual(before);
  });

  test('in the middle of a restart leaves no process', async () => {
    await fixture.rds.crash('blue');
    fixture.clock.advance(DELAYS.restartingAfterCrashMs);
    await fixture.stop();
    expect(await servers()).toEqual([]);
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });
});
