/** A PostgreSQL server for one test file: fast to make, with a master role that is no superuser and an application role. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { BASE_SETTINGS } from '../../lib/local/postgres/base-settings';
import { initDataDirectory } from '../../lib/local/postgres/data-directory';
import { findFreePort } from '../../lib/local/postgres/free-port';
import { PostgresBinaries } from '../../lib/local/postgres/postgres-binaries';
import { PostgresServer } from '../../lib/local/postgres/postgres-server';
import { Reaper } from '../../lib/local/reaper/reaper';

export const PASSWORD = 'not-a-secret';

export class ScratchServer {
  private databases = 0;

  private constructor(
    private readonly folder: string,
    readonly server: PostgresServer,
    private readonly reaper: Reaper,
  ) {}

  static async start({ major }: { major?: number } = {}): Promise<ScratchServer> {
    const folder = await mkdtemp(join(tmpdir(), 'bluegreen-scratch-'));
    await chmod(folder, 0o755);
    const binaries = await PostgresBinaries.find({ major });
    const dataDirectory = join(folder, 'data');
    await initDataDirectory({ binaries, dataDirectory, adminPassword: PASSWORD });
    const port = await findFreePort();
    const reaper = Reaper.start();
    const server = new PostgresServer({ binaries, dataDirectory, port, adminPassword: PASSWORD, reaper });
    await server.start(BASE_SETTINGS);
    await server.asAdmin(async (admin) => {
      await admin.query(`create role master login password '${PASSWORD}'`);
      await admin.query(`create role app login password '${PASSWORD}'`);
    });
    return new ScratchServer(folder, server, reaper);
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

  async remove(): Promise<void> {
    await this.server.kill();
    await this.reaper.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
