/** A PostgreSQL server for one test file: fast to make, with a master role that is no superuser and an application role. */
import { join } from 'node:path';
import { Client } from 'pg';
import { findFreePort } from '../../lib/local/servers/free-port';
import { BASE_SETTINGS } from '../../lib/local/servers/postgres/base-settings';
import { initDataDirectory } from '../../lib/local/servers/postgres/data-directory';
import { PostgresBinaries } from '../../lib/local/servers/postgres/postgres-binaries';
import { PostgresServer } from '../../lib/local/servers/postgres/postgres-server';
import { serverHome } from './lifetime/of-test';

export const PASSWORD = 'not-a-secret';

export class ScratchServer {
  private databases = 0;

  private constructor(
    readonly server: PostgresServer,
    /** Ends it. */
    readonly remove: () => Promise<void>,
  ) {}

  static async start({ major }: { major?: number } = {}): Promise<ScratchServer> {
    const { folder, reaper, close } = await serverHome('bluegreen-scratch-');
    const binaries = await PostgresBinaries.find({ major });
    const dataDirectory = join(folder, 'data');
    await initDataDirectory({ binaries, dataDirectory, adminPassword: PASSWORD });
    const port = await findFreePort();
    const server = new PostgresServer({ binaries, dataDirectory, port, adminPassword: PASSWORD, reaper });
    await server.start(BASE_SETTINGS);
    await server.asAdmin(async (admin) => {
      await admin.query(`create role master login password '${PASSWORD}'`);
      await admin.query(`create role app login password '${PASSWORD}'`);
    });
    return new ScratchServer(server, close);
  }

  get port(): number {
    return this.server.port;
  }

  start(): Promise<void> {
    return this.server.start(BASE_SETTINGS);
  }

  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `scratch_${this.databases}`;
    await this.server.asAdmin((admin) => admin.query(`create database ${name} owner master`));
    return name;
  }

  async as<T>(user: 'master' | 'app', database: string, work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ host: '127.0.0.1', port: this.port, user, password: PASSWORD, database });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
