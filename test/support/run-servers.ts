/** The servers of a run as their superuser sees them, whatever the run has put up there, and the application's way to them. */
import { Client, type QueryResultRow } from 'pg';
import { runNames } from '../../lib/core/identifiers';
import type { Plan } from '../../lib/core/plan';
import type { LocalRuntime } from '../../lib/local/local-runtime';
import { APPLICATION_USER } from '../../lib/local/production';

export class RunServers {
  private readonly clients: Client[] = [];

  constructor(
    readonly runtime: LocalRuntime,
    readonly runId: string,
    private readonly plan: Plan,
    private readonly applicationPassword: string,
  ) {}

  /** A connection that stays open until the run is over, for transactions that a test begins and ends. */
  async connectToBlue(database = this.plan.blue.database): Promise<Client> {
    return this.kept(await this.require(this.plan.blue.identifier).connect(database));
  }

  /** Gives the rows of the last statement. */
  async onBlue<Row extends QueryResultRow>(sql: string, database?: string): Promise<Row[]> {
    return this.on(this.plan.blue.identifier, sql, database);
  }

  /** Gives the rows of the last statement. */
  async onGreen<Row extends QueryResultRow>(sql: string, database?: string): Promise<Row[]> {
    return this.on(runNames(this.plan.name, this.runId).green, sql, database);
  }

  /** A connection of the application that a resolver with an old address has led to blue; it stays open until the run is over. */
  async applicationOnBlue(): Promise<Client> {
    return this.kept(await this.connectAsApplication(this.require(this.plan.blue.identifier).port));
  }

  /** Through the endpoint front, so on whichever side serves. */
  async asApplication<Row extends QueryResultRow>(sql: string): Promise<Row[]> {
    const client = await this.connectAsApplication(this.runtime.front.port);
    try {
      return rowsOf(await client.query<Row>(sql));
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.end()));
  }

  private async on<Row extends QueryResultRow>(identifier: string, sql: string, database?: string): Promise<Row[]> {
    return this.require(identifier).asAdmin(
      async (admin) => rowsOf(await admin.query<Row>(sql)),
      database ?? this.plan.blue.database,
    );
  }

  private async connectAsApplication(port: number): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port,
      database: this.plan.blue.database,
      user: APPLICATION_USER,
      password: this.applicationPassword,
    });
    client.on('error', () => undefined); // a session that is ended fails its query, which says so
    await client.connect();
    return client;
  }

  private kept(client: Client): Client {
    this.clients.push(client);
    return client;
  }

  private require(identifier: string) {
    const server = this.runtime.rds.serverOf(identifier);
    if (!server) {
      throw new Error(`there is no server behind "${identifier}"`);
    }
    return server;
  }
}

/** Several statements in one text give as many results. */
function rowsOf<Row extends QueryResultRow>(result: { rows: Row[] } | { rows: Row[] }[]): Row[] {
  return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
}
