/** One PostgreSQL server for a test file, with RDS's roles, and a fresh database for every test that asks for one. */
import { join } from 'node:path';
import { Client, escapeIdentifier, type QueryResultRow } from 'pg';
import { PostgresDatabase } from '../../lib/engines/postgres/postgres-database';
import { RUN_APPLICATION_NAME, Session, type SessionOptions } from '../../lib/engines/postgres/session/session';
import { findFreePort } from '../../lib/local/servers/free-port';
import { BASE_SETTINGS } from '../../lib/local/servers/postgres/base-settings';
import { initDataDirectory } from '../../lib/local/servers/postgres/data-directory';
import { PostgresBinaries } from '../../lib/local/servers/postgres/postgres-binaries';
import { PostgresServer } from '../../lib/local/servers/postgres/postgres-server';
import { createRdsRoles } from '../../lib/local/servers/postgres/rds-roles';
import { scramVerifier } from '../../lib/local/servers/postgres/scram-verifier';
import type { ServerSettings } from '../../lib/local/servers/server';
import { serverHome } from './lifetime/of-test';

const PASSWORD = 'not-a-secret';

/** `bluegreen`: the run's user, who owns the database and is no superuser; `app`: the application; `rdsadmin`: RDS itself. */
export type User = 'bluegreen' | 'app' | 'rdsadmin';

export interface PostgresFixtureOptions {
  /** One of MAJORS. @default that of the product's own dependency */
  major?: number;
  /** Parameters of the server, on top of what every local server runs with. */
  settings?: ServerSettings;
}

export class PostgresFixture {
  private made = 0;

  private constructor(
    readonly server: PostgresServer,
    /** With which it was started. */
    readonly settings: ServerSettings,
    readonly close: () => Promise<void>,
  ) {}

  static async start({ major, settings }: PostgresFixtureOptions = {}): Promise<PostgresFixture> {
    const { folder, reaper, close } = await serverHome('bluegreen-fixture-');
    const binaries = await PostgresBinaries.find({ major });
    const dataDirectory = join(folder, 'data');
    await initDataDirectory({ binaries, dataDirectory, adminPassword: PASSWORD });
    const port = await findFreePort();
    const server = new PostgresServer({ binaries, reaper, dataDirectory, port, adminPassword: PASSWORD });
    const all = { ...BASE_SETTINGS, max_prepared_transactions: '5', ...settings };
    await server.start(all);
    await createRdsRoles(server, { masterUsername: 'bluegreen', masterPasswordVerifier: scramVerifier(PASSWORD) });
    await server.asAdmin((admin) => admin.query(`create role app login password '${PASSWORD}'`));
    return new PostgresFixture(server, all, close);
  }

  /** A database of its own, owned by the run's user, filled with `seed` by its owner. */
  async database(seed = '', name = `test_${++this.made}`): Promise<TestDatabase> {
    await this.server.asAdmin((admin) => admin.query(`create database ${escapeIdentifier(name)} owner bluegreen`));
    const database = new TestDatabase(this.server.port, name);
    if (seed !== '') {
      await database.query(seed, 'bluegreen');
    }
    return database;
  }

  /** Another database with the same contents, as green is of blue. */
  async copyOf(original: TestDatabase): Promise<TestDatabase> {
    await original.close();
    const name = `test_${++this.made}`;
    await this.server.asAdmin((admin) =>
      admin.query(
        `create database ${escapeIdentifier(name)} template ${escapeIdentifier(original.name)} owner bluegreen`,
      ),
    );
    return new TestDatabase(this.server.port, name);
  }
}

/** Resolves when the server has ended this client's session. */
export function ended(client: Client): Promise<void> {
  return new Promise((resolve) => client.once('end', () => resolve()));
}

export class TestDatabase {
  private readonly opened: { close(): Promise<void> }[] = [];

  constructor(
    readonly port: number,
    readonly name: string,
  ) {}

  options(user: User = 'bluegreen'): SessionOptions {
    return {
      address: { host: '127.0.0.1', port: this.port },
      database: this.name,
      credentials: async () => ({ username: user, password: PASSWORD }),
      tls: false,
      applicationName: RUN_APPLICATION_NAME,
    };
  }

  /** The adapter under test, on a connection of its own. */
  run(): PostgresDatabase {
    return this.closing(
      new PostgresDatabase({
        ...this.options(),
        applicationCredentials: async () => ({ username: 'app', password: PASSWORD }),
      }),
    );
  }

  session(user: User = 'bluegreen'): Session {
    return this.closing(new Session(this.options(user)));
  }

  /** A client as an application has it: with settings as the server gives them. */
  async client(user: User = 'app', applicationName = 'shop'): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: this.port,
      user,
      password: PASSWORD,
      database: this.name,
      application_name: applicationName,
    });
    client.on('error', () => undefined); // being ended by the server is what many tests are about
    await client.connect();
    this.closing({ close: () => client.end().catch(() => undefined) });
    return client;
  }

  /** Runs SQL on a connection of its own and gives the rows of the last statement. */
  async query<Row extends QueryResultRow>(sql: string, user: User = 'rdsadmin', values?: unknown[]): Promise<Row[]> {
    const client = new Client({ host: '127.0.0.1', port: this.port, user, password: PASSWORD, database: this.name });
    client.on('error', () => undefined);
    await client.connect();
    try {
      if (user === 'rdsadmin') {
        await client.query('set default_transaction_read_only = off');
      }
      const result = await client.query<Row>(sql, values);
      const last = Array.isArray(result) ? result.at(-1) : result;
      return last.rows;
    } finally {
      await client.end();
    }
  }

  /** The first column of the first row. */
  async ask(sql: string, user: User = 'rdsadmin'): Promise<unknown> {
    const [row] = await this.query(sql, user);
    return Object.values(row ?? {})[0];
  }

  async close(): Promise<void> {
    for (const one of this.opened.splice(0)) {
      await one.close();
    }
  }

  private closing<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.opened.push(part);
    return part;
  }
}
