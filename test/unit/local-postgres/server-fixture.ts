/** Data directories and servers for the tests of lib/local/postgres: all of them ended and removed after the test file. */
import { join } from 'node:path';
import { Client } from 'pg';
import type { Reaper } from '../../../lib/local/reaper/reaper';
import { findFreePort } from '../../../lib/local/servers/free-port';
import { BASE_SETTINGS } from '../../../lib/local/servers/postgres/base-settings';
import { initDataDirectory } from '../../../lib/local/servers/postgres/data-directory';
import { PostgresBinaries } from '../../../lib/local/servers/postgres/postgres-binaries';
import { PostgresServer } from '../../../lib/local/servers/postgres/postgres-server';
import type { ServerSettings } from '../../../lib/local/servers/server';
import { serverHome } from '../../support/lifetime/of-test';

const ADMIN_PASSWORD = 'only-for-this-test';

export class ServerFixture {
  private constructor(
    readonly folder: string,
    readonly binaries: PostgresBinaries,
    readonly reaper: Reaper,
    readonly close: () => Promise<void>,
  ) {}

  static async open({ major }: { major?: number } = {}): Promise<ServerFixture> {
    const { folder, reaper, close } = await serverHome('local-postgres-');
    return new ServerFixture(folder, await PostgresBinaries.find({ major }), reaper, close);
  }

  /** A server object on `name` below the fixture's folder, not started. */
  async server(name: string, { onCrash }: { onCrash?: () => void } = {}): Promise<PostgresServer> {
    return new PostgresServer({
      binaries: this.binaries,
      dataDirectory: join(this.folder, name),
      port: await findFreePort(),
      adminPassword: ADMIN_PASSWORD,
      reaper: this.reaper,
      onCrash,
    });
  }

  async started(name: string, settings: ServerSettings = {}): Promise<PostgresServer> {
    const dataDirectory = join(this.folder, name);
    await initDataDirectory({ binaries: this.binaries, dataDirectory, adminPassword: ADMIN_PASSWORD });
    const server = await this.server(name);
    await server.start({ ...BASE_SETTINGS, ...settings });
    return server;
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
