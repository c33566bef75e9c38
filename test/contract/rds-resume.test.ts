import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import type { Delays } from '../../lib/local/rds/delays';
import { LocalRds } from '../../lib/local/rds/local-rds';
import { processStartedAt } from '../../lib/local/reaper/process-identity';
import { installedSoftware } from '../../lib/local/servers/installed-software';
import { compiledProgram } from '../support/compiled-program';
import { childOfTest } from '../support/lifetime/of-test';
import { BLUE, clientFor, DELAYS, RdsFixture } from './rds-fixture';

/** Longer than any test: the stage with this delay is the one the process is killed in. */
const FOR_EVER = 3_600_000;

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  await fixture.createBlue();
  await fixture.ask('blue', 'CREATE TABLE orders AS SELECT generate_series(1, 500) AS id');
  await fixture.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'seed' }),
  );
  await fixture.ready('blue');
});
afterAll(() => fixture.close());

interface Doomed {
  client: RDSClient;
  process: ChildProcess;
  reaper: number;
}

/** Another process on the fixture's folder, in which all stages are quick but those held up. */
async function doomed(held: Partial<Delays>): Promise<Doomed> {
  await fixture.stop();
  const quick = Object.fromEntries(Object.keys(DELAYS).map((name) => [name, 1]));
  const child = childOfTest(
    spawn(
      process.execPath,
      [compiledProgram('test/contract/rds-process'), fixture.stateFolder, JSON.stringify({ ...quick, ...held })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    ),
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, reaper } = JSON.parse(line.toString()) as { url: string; reaper: number };
  return { client: clientFor(url), process: child, reaper };
}

/** The pids of all postmasters in the folder, by their pid files. */
async function postmasters(): Promise<number[]> {
  const folder = join(fixture.stateFolder, 'instances');
  const pids = (await readdir(folder)).map(async (instance) => {
    const text = await readFile(join(folder, instance, 'data/postmaster.pid'), 'utf8').catch(() => '');
    return Number.parseInt(text, 10);
  });
  return (await Promise.all(pids)).filter((pid) => pid > 0);
}

async function killed({ process: child, client }: Doomed): Promise<void> {
  client.destroy();
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const orders = (identifier: string) => fixture.ask(identifier, 'SELECT count(*)::int FROM orders');

describe('a local RDS whose process was killed with SIGKILL', () => {
  test('leaves no server running behind, thanks to its reaper', async () => {
    const doom = await doomed({});
    const pids = await postmasters();
    expect(pids.length).toBeGreaterThan(0);
    await killed(doom);
    for (const pid of [...pids, doom.reaper]) {
      while (await processStartedAt(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });

  test('takes its servers back when even the reaper and the postmasters were killed', async () => {
    const doom = await doomed({});
    process.kill(doom.reaper, 'SIGKILL');
    await killed(doom);
    const [first] = await postmasters();
    process.kill(first as number, 'SIGKILL');
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });

  test('finishes creating an instance, whose master user can log in', async () => {
    const doom = await doomed({ creatingMs: FOR_EVER });
    await doom.client.send(new CreateDBInstanceCommand({ ...BLUE, DBInstanceIdentifier: 'created' }));
    await killed(doom);
    await fixture.reopen();
    expect(await fixture.status('created')).toBe('creating');
    await fixture.ready('created');
    expect(await fixture.ask('created', 'SELECT current_user::text')).toBe('shop_admin');
    expect(await readFile(join(fixture.stateFolder, 'rds.json'), 'utf8')).not.toContain(BLUE.MasterUserPassword);
  });

  test('takes an unfinished snapshot again, and a restore from it has every row', async () => {
    const doom = await doomed({ snapshotMs: FOR_EVER });
    await doom.client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'blue', DBSnapshotIdentifier: 'half' }));
    await killed(doom);
    await fixture.reopen();
    expect([await fixture.status('blue'), await fixture.snapshotStatus('half')]).toEqual(['backing-up', 'creating']);
    await fixture.reach(() => fixture.snapshotStatus('half'), 'available');
    const restore = { DBInstanceIdentifier: 'from-half', DBSnapshotIdentifier: 'half' };
    await fixture.client.send(new RestoreDBInstanceFromDBSnapshotCommand(restore));
    await fixture.ready('from-half');
    expect(await orders('from-half')).toBe(500);
  });

  test('finishes a restore that was killed while it was copying', async () => {
    const doom = await doomed({ creatingMs: FOR_EVER });
    await doom.client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'restored', DBSnapshotIdentifier: 'seed' }),
    );
    await killed(doom);
    await fixture.reopen();
    await fixture.ready('restored');
    expect(await orders('restored')).toBe(500);
  });

  test('finishes a rename, before and after the moment in which the name changes', async () => {
    const rename = { DBInstanceIdentifier: 'restored', NewDBInstanceIdentifier: 'renamed', ApplyImmediately: true };
    const before = await doomed({ renamingMs: FOR_EVER });
    await before.client.send(new ModifyDBInstanceCommand(rename));
    await killed(before);
    await fixture.reopen();
    await fixture.reach(() => fixture.status('renamed'), 'rebooting');
    await fixture.ready('renamed');

    const after = await doomed({ rebootingMs: FOR_EVER });
    await after.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'renamed' }));
    await killed(after);
    await fixture.reopen();
    expect(await fixture.status('renamed')).toBe('rebooting');
    await fixture.ready('renamed');
    expect(await orders('renamed')).toBe(500);
  });

  test('finishes resetting a password', async () => {
    const doom = await doomed({ settleMs: FOR_EVER });
    await doom.client.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'renamed', MasterUserPassword: 'another-password' }),
    );
    await killed(doom);
    await fixture.reopen();
    await fixture.ready('renamed');
    await (await fixture.connect('renamed', 'another-password')).end();
  });

  test('finishes deleting an instance and a snapshot, files included', async () => {
    const folders = async () => [
      ...(await readdir(join(fixture.stateFolder, 'instances'))),
      ...(await readdir(join(fixture.stateFolder, 'snapshots'))),
    ];
    const before = await folders();
    const doom = await doomed({ deletingMs: FOR_EVER, deletingSnapshotMs: FOR_EVER });
    const deletion = { DBInstanceIdentifier: 'renamed', SkipFinalSnapshot: true };
    await doom.client.send(new DeleteDBInstanceCommand(deletion));
    await doom.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'half' }));
    await killed(doom);
    await fixture.reopen();
    expect([await fixture.status('renamed'), await fixture.snapshotStatus('half')]).toEqual(['deleting', 'deleting']);
    await fixture.reach(() => fixture.status('renamed'), undefined);
    await fixture.reach(() => fixture.snapshotStatus('half'), undefined);
    expect(await folders()).toHaveLength(before.length - 2);
  });
});

describe('a state folder', () => {
  test('refuses a second local RDS while the first one is open', async () => {
    const software = await installedSoftware();
    const options = { stateFolder: fixture.stateFolder, clock: fixture.clock, software };
    await expect(LocalRds.open(options)).rejects.toMatchObject({ name: 'StateFolderInUse', pid: process.pid });
    expect(await orders('blue')).toBe(500);
  });

  test('is made so that the servers get in, whatever the umask', async () => {
    const umask = process.umask(0o077);
    try {
      const closed = await RdsFixture.open({}, 'folder/made/for/it');
      await closed.createBlue().finally(() => closed.close());
    } finally {
      process.umask(umask);
    }
  });

  test('refuses to begin anew over a state file it cannot read', async () => {
    await fixture.stop();
    const path = join(fixture.stateFolder, 'rds.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.slice(0, 100));
    await expect(fixture.reopen()).rejects.toMatchObject({ name: 'StateFileUnreadable', path });
    await writeFile(path, text);
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });

  test('refuses to resume when another process has taken an instance’s port, naming it', async () => {
    const { Endpoint } = await fixture.instance('blue');
    await fixture.stop();
    const squatter = childOfTest(
      spawn(process.execPath, [
        '-e',
        `require('net').createServer().listen(${Endpoint?.Port}, '127.0.0.1', () => console.log('up'))`,
      ]),
    );
    await once(squatter.stdout, 'data');
    await expect(fixture.reopen()).rejects.toMatchObject({ name: 'PortInUse', port: Endpoint?.Port });
    squatter.kill('SIGKILL');
    await once(squatter, 'exit');
    await fixture.reopen();
    expect(await orders('blue')).toBe(500);
  });
});
