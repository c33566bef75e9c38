import childProcess from 'node:child_process';
import { join } from 'node:path';
import { isAlive, processStartedAt } from '../../../lib/local/reaper/process-identity';
import { findFreePort } from '../../../lib/local/servers/free-port';
import { BASE_SETTINGS } from '../../../lib/local/servers/postgres/base-settings';
import { initDataDirectory } from '../../../lib/local/servers/postgres/data-directory';
import { PostgresServer } from '../../../lib/local/servers/postgres/postgres-server';
import { createRdsRoles } from '../../../lib/local/servers/postgres/rds-roles';
import { scramVerifier } from '../../../lib/local/servers/postgres/scram-verifier';
import { ask, connectAs, ServerFixture } from './server-fixture';

let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await ServerFixture.open();
});
afterAll(() => fixture.close());

describe('a local PostgreSQL server', () => {
  test('accepts connections when start resolves, and is gone when stop resolves', async () => {
    const server = await fixture.started('plain');
    expect(await ask(server, "SELECT current_setting('server_encoding')")).toBe('UTF8');
    const pid = server.pid as number;
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    expect(server.pid).toBeUndefined();
  });

  test('runs under a user that is not root, whoever started it', async () => {
    const server = await fixture.started('user');
    const { rows } = await server.asAdmin((client) =>
      client.query("SELECT pg_read_file('/proc/self/status') AS status"),
    );
    expect(rows[0].status).not.toMatch(/^Uid:\s+0\b/m);
  });

  test('refuses its superuser the password of another one, though both were copied from one cluster', async () => {
    const server = await fixture.started('own-password');
    const dataDirectory = join(fixture.folder, 'other-password');
    await initDataDirectory({ binaries: fixture.binaries, dataDirectory, adminPassword: "it's another $1" });
    const port = await findFreePort();
    const { binaries, reaper } = fixture;
    const other = new PostgresServer({ binaries, reaper, dataDirectory, port, adminPassword: "it's another $1" });
    await other.start(BASE_SETTINGS);
    expect(await ask(other, 'SELECT 1')).toBe(1);
    for (const password of ['', 'only-for-this-test']) {
      await expect(connectAs(other, 'rdsadmin', password, 'postgres')).rejects.toThrow(/password/);
    }
    await expect(connectAs(server, 'rdsadmin', "it's another $1", 'postgres')).rejects.toThrow(/password/);
  });

  test('keeps every acknowledged commit over a crash', async () => {
    const server = await fixture.started('crash');
    await ask(server, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS n');
    await server.kill();
    await server.start(BASE_SETTINGS);
    expect(await ask(server, 'SELECT count(*)::int FROM t')).toBe(1000);
  });

  test('is known to the reaper before anything else can happen, so that no runtime leaves it behind that is killed next', async () => {
    const server = await fixture.server('watched');
    await initDataDirectory({
      binaries: fixture.binaries,
      dataDirectory: server.dataDirectory,
      adminPassword: 'only-for-this-test',
    });
    const watched: number[] = [];
    jest.spyOn(fixture.reaper, 'watch').mockImplementationOnce((pid) => watched.push(pid));
    const { spawn } = childProcess;
    let watchedAtOnce: number[] = [];
    const spawned = jest.spyOn(childProcess, 'spawn').mockImplementationOnce((...args) => {
      queueMicrotask(() => {
        watchedAtOnce = [...watched];
      });
      return spawn(...(args as Parameters<typeof spawn>));
    });
    await server.start(BASE_SETTINGS);
    spawned.mockRestore();
    expect(watchedAtOnce).toEqual([server.pid]);
  });

  test('takes over a data directory whose server a killed runtime left running', async () => {
    const abandoned = await fixture.started('abandoned');
    const pid = abandoned.pid as number;
    const successor = await fixture.server('abandoned');
    await successor.start(BASE_SETTINGS);
    expect(isAlive(pid)).toBe(false);
    expect(await ask(successor, 'SELECT 1')).toBe(1);
  });

  test('takes over a data directory whose postmaster was killed while its sessions were busy', async () => {
    const server = await fixture.started('orphans');
    const session = await server.connect();
    const busy = session.query('SELECT pg_sleep(600)').then(
      () => 'finished',
      () => 'broken off',
    );
    process.kill(server.pid as number, 'SIGKILL');
    const successor = await fixture.server('orphans');
    await successor.start(BASE_SETTINGS);
    expect(await ask(successor, 'SELECT 1')).toBe(1);
    expect(await busy).toBe('broken off');
  });

  test('tells that it crashed, and does not when it was asked to end', async () => {
    let crashes = 0;
    let told: () => void = () => undefined;
    const onCrash = () => {
      crashes += 1;
      told();
    };
    await (await fixture.started('observed')).stop();
    const server = await fixture.server('observed', { onCrash });
    await server.start(BASE_SETTINGS);
    await server.stop();
    await server.start(BASE_SETTINGS);
    await server.kill();
    expect(crashes).toBe(0);

    await server.start(BASE_SETTINGS);
    const news = new Promise<void>((resolve) => {
      told = resolve;
    });
    process.kill(server.pid as number, 'SIGKILL');
    await news;
    await server.start(BASE_SETTINGS);
    await server.crash();
    expect(crashes).toBe(2);
  });

  test('ends all its processes when it crashes, and stopping it ends those that outlived their postmaster', async () => {
    for (const end of ['crash', 'stop'] as const) {
      const server = await fixture.started(`busy-${end}`);
      const session = await server.connect();
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const pid = rows[0]?.pid as number;
      // Such a session does not look whether its postmaster lives.
      const busy = session
        .query("DO $$ BEGIN WHILE clock_timestamp() < now() + interval '1 minute' LOOP END LOOP; END $$")
        .catch(() => 'broken off');
      const active = `SELECT state = 'active' FROM pg_stat_activity WHERE pid = ${pid}`;
      while ((await ask(server, active)) !== true);
      if (end === 'stop') {
        process.kill(server.pid as number, 'SIGKILL');
        while (server.pid !== undefined) await new Promise((resolve) => setImmediate(resolve));
      }
      await server[end]();
      while ((await processStartedAt(pid)) !== undefined); // it holds nothing any more, and is just being removed
      expect(await busy).toBe('broken off');
    }
  });

  test('refuses a port that another process listens on, and says which', async () => {
    const first = await fixture.started('port-owner');
    const second = new PostgresServer({
      binaries: fixture.binaries,
      dataDirectory: join(fixture.folder, 'user'),
      port: first.port,
      adminPassword: '',
    });
    await expect(second.start(BASE_SETTINGS)).rejects.toMatchObject({ name: 'PortInUse', port: first.port });
  });

  test('refuses to start with a parameter the server does not understand, quoting its log', async () => {
    const server = await fixture.server('plain');
    await expect(server.start({ ...BASE_SETTINGS, shared_buffers: 'plenty' })).rejects.toMatchObject({
      name: 'PostgresDidNotStart',
      message: expect.stringContaining('invalid value for parameter "shared_buffers": "plenty"'),
    });
  });
});

describe('the roles of a local RDS instance', () => {
  test('let the master user log in, create databases and roles, and terminate sessions, but be no superuser', async () => {
    const server = await fixture.started('roles');
    const roles = {
      masterUsername: 'shop_admin',
      masterPasswordVerifier: scramVerifier('correct horse'),
      databaseName: 'shop',
    };
    await createRdsRoles(server, roles);
    await createRdsRoles(server, roles);

    const master = await connectAs(server, 'shop_admin', 'correct horse', 'shop');
    await master.query('CREATE TABLE orders (id int)');
    await master.query("CREATE ROLE app LOGIN PASSWORD 'app-password'");
    await master.query('CREATE DATABASE other');
    const app = await connectAs(server, 'app', 'app-password', 'shop');
    const { rows } = await master.query(
      "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE usename = 'app'",
    );
    expect(rows).toEqual([{ ended: true }]);
    await expect(master.query("SELECT pg_read_file('PG_VERSION')")).rejects.toThrow('permission denied');
    await master.end();
    await app.end().catch(() => undefined);
    expect(await ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'shop_admin'")).toBe(false);
  });

  test('refuses the master user with a wrong password', async () => {
    const server = await fixture.started('password');
    await createRdsRoles(server, { masterUsername: 'boss', masterPasswordVerifier: scramVerifier('right') });
    await expect(connectAs(server, 'boss', 'wrong', 'postgres')).rejects.toThrow('password authentication failed');
  });
});
