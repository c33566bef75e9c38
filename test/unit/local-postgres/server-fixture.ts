/** Data directories and servers for the tests of lib/local/postgres: all of them ended and removed after the test file. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { BASE_SETTINGS } from '../../../lib/local/postgres/base-settings';
import { initDataDirectory } from '../../../lib/local/postgres/data-directory';
import { findFreePort } from '../../../lib/local/postgres/free-port';
import { PostgresBinaries } from '../../../lib/local/postgres/postgres-binaries';
import { PostgresServer } from '../../../lib/local/postgres/postgres-server';
import type { ServerSettings } from '../../../lib/local/postgres/settings-file';
import { Reaper } from '../../../lib/local/reaper/reaper';

const ADMIN_PASSWORD = 'only-for-this-test';

export class ServerFixture {
  private readonly servers: PostgresServer[] = [];

  private constructor(
    readonly folder: string,
    readonly binaries: PostgresBinaries,
    readonly reaper: Reaper,
  ) {}

  static async open({ major }: { major?: number } = {}): Promise<ServerFixture> {
    const folder = await mkdtemp(join(tmpdir(), 'local-postgres-'));
    await chmod(folder, 0o711);
    return new ServerFixture(folder, await PostgresBinaries.find({ major }), Reaper.start());
  }

  /** A server object on `name` below the fixture's folder, not started. */
  async server(name: string, { onCrash }: { onCrash?: () => void } = {}): Promise<PostgresServer> {
    const server = new PostgresServer({
      binaries: this.binaries,
      dataDirectory: join(this.folder, name),
      port: await findFreePort(),
      adminPassword: ADMIN_PASSWORD,
      reaper: this.reaper,
      onCrash,
    });
    this.servers.push(server);
    return server;
  }

  async started(name: string, settings: ServerSettings = {}): Promise<PostgresServer> {
    const dataDirectory = join(this.folder, name);
    await initDataDirectory({ binaries: this.binaries, dataDirectory, adminPassword: ADMIN_PASSWORD });
    const server = await this.server(name);
    await server.start({ ...BASE_SETTINGS, ...settings });
    return server;
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await this.reaper.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One value, asked for by the superuser. */
export async function ask(server: PostgresServer, sql: string, database?: string): Promise<unknown> {
  return server.asAdmin(async (client) => Object.values((await client.query(sql)).rows[0] ?? {})[0], database);
}

export async function connectAs(
  server: PostgresServer,
  user: string,
  password: string,
  database: string,
): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
