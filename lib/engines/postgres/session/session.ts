/** One connection of the run to one database: made when first needed, its failures told apart into ours, the server's and the network's. */
import { Client, type ClientConfig, DatabaseError } from 'pg';
import { DatabaseRefused, TemporarilyUnavailable } from '../../../core/errors';
import type { Address } from '../../../core/run';
import { boundedSocket } from '../../../network/bounded-socket';
import type { Credentials } from '../../../ports/credentials';
import { PlannedStatements, type PlannedValue } from './planned-statements';

export interface SessionOptions {
  readonly address: Address;
  readonly database: string;
  /** Asked for when the connection is made, so that a rotated secret is seen. */
  readonly credentials: () => Promise<Credentials>;
  /** TLS options; false only where the server is on this machine. */
  readonly tls: ClientConfig['ssl'];
  readonly applicationName: string;
}

/** Every session of a run carries this name, and so is left alone when clients' sessions are ended. */
export const RUN_APPLICATION_NAME = 'bluegreen';

/** From the first packet until the server has let the user in; that a server is reached at all takes less. */
const CONNECT_TIMEOUT_MS = 10_000;

/** SQLSTATEs after which the same statement may succeed later: connection trouble, shutdown, too many connections, lock timeout, deadlock. */
const PASSING_STATES = /^(08...|57P0[123]|53300|55P03|40P01|40001)$/;

/**
 * What the run's sessions are, whatever database and role are set to. What they commit is acted upon at once, so it has to
 * be durable; how long they may take is the run's own affair, also when their client is gone; dates are read by the driver, which knows one style of them.
 */
const SETTINGS = `
  select set_config(name, value, false)
    from (values ('default_transaction_read_only', 'off'), ('default_transaction_isolation', 'read committed'),
                 ('default_transaction_deferrable', 'off'), ('synchronous_commit', 'on'), ('lock_timeout', '5s'),
                 ('statement_timeout', '0'), ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
                 ('idle_session_timeout', '0'), ('client_connection_check_interval', '0'), ('datestyle', 'ISO'), ('extra_float_digits', '1'),
                 ('standard_conforming_strings', 'on')) as settings (name, value)
   where current_setting(name, true) is not null /* not every version knows all of them */`;

/** A user called like the run's schema would find it first, and make in it what a change makes without naming a schema. */
const OWN_SCHEMA_NOT_BY_USER = `
  select set_config('search_path', string_agg(part, ', '), false)
    from regexp_split_to_table(current_setting('search_path'), '\\s*,\\s*') part
   where part <> '"$user"' and current_user = 'bluegreen'`;

/** What the driver is given to connect. */
export async function clientConfig(options: SessionOptions): Promise<ClientConfig> {
  const { address, database, credentials, tls, applicationName } = options;
  const { username, password } = await credentials();
  return {
    host: address.host,
    port: address.port,
    database,
    user: username,
    password,
    ssl: tls,
    application_name: applicationName,
    stream: () => boundedSocket(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

export class Session {
  private client: Client | undefined;
  private connecting: Promise<Client> | undefined;
  private previous: Promise<unknown> = Promise.resolve();
  private inTransaction = false;
  private holding = false;
  private closed = false;
  private asking = false;
  private readonly plans = new PlannedStatements();

  constructor(readonly options: SessionOptions) {}

  /** @throws TemporarilyUnavailable or DatabaseRefused; never an error of the driver. */
  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.connected();
    try {
      const result = await this.inTurn(() => client.query(sql, [...values]));
      return result.rows as Row[];
    } catch (error) {
      throw this.explained(error);
    }
  }

  /**
   * As {@link query}, for what writers wait for: the server plans the statement once for as long as the connection lasts,
   * and what is asked at the same time goes in one message, in this order, all or none of which takes effect.
   */
  planned<Row extends object>(sql: string, values: readonly PlannedValue[] = []): Promise<Row[]> {
    return this.asked(this.plans.ask<Row>(sql, values));
  }

  /** As {@link planned}, for a statement that cannot be planned; between BEGIN and COMMIT it is for itself, whatever comes after them. */
  async command(sql: string): Promise<void> {
    await this.asked(this.plans.ask(sql));
  }

  private asked<Row extends object>(rows: Promise<Row[]>): Promise<Row[]> {
    if (!this.asking) {
      this.asking = true;
      setImmediate(() => this.askPlanned());
    }
    return rows;
  }

  private async askPlanned(): Promise<void> {
    this.asking = false;
    const asked = this.plans.take();
    try {
      const client = await this.connected();
      await this.inTurn(() =>
        this.plans.send(client, asked).catch(async (error: unknown) => {
          if (asked.some(({ sql }) => sql === 'begin')) {
            await client.query('rollback').catch(() => undefined); // the first error is the one that matters
          }
          throw error;
        }),
      );
    } catch (error) {
      const isExplained = error instanceof TemporarilyUnavailable || error instanceof DatabaseRefused;
      const explained = isExplained ? error : this.explained(error);
      for (const { reject } of asked) {
        reject(explained);
      }
    }
  }

  /** Values as the server writes them, and not as the driver reads them; every column, whatever others are called. */
  async texts(sql: string): Promise<{ columns: string[]; rows: (string | null)[][] }> {
    const client = await this.connected();
    try {
      const query = { text: sql, rowMode: 'array' as const, types: { getTypeParser: () => String } };
      const { fields, rows } = await this.inTurn(() => client.query<(string | null)[]>(query));
      return { columns: fields.map(({ name }) => name), rows };
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** Begins a transaction that lasts until the session is closed: what it has seen stays as it was. */
  async holdSnapshot(): Promise<void> {
    await this.query('begin isolation level repeatable read read only');
    this.holding = true;
    this.inTransaction = true;
  }

  /** Runs `work` in one transaction of this session; in a held snapshot, without leaving a trace in it. */
  async transaction<Result>(work: () => Promise<Result>, mode = ''): Promise<Result> {
    if (this.holding) {
      await this.query('savepoint work');
      try {
        return await work();
      } finally {
        await this.client?.query('rollback to savepoint work; release savepoint work').catch(() => undefined); // a broken connection is found at its next use
      }
    }
    await this.query(`begin ${mode}`);
    this.inTransaction = true;
    try {
      const result = await work();
      await this.query('commit');
      return result;
    } catch (error) {
      await this.client?.query('rollback').catch(() => undefined); // the first error is the one that matters
      throw error;
    } finally {
      this.inTransaction = false;
    }
  }

  /** Runs `work` in a transaction of which nothing stays, whatever happens to it or to us. */
  async withoutTrace<Result>(work: () => Promise<Result>): Promise<Result> {
    const done: Result[] = [];
    const undo = new Error('what was done is undone');
    await this.transaction(async () => {
      done.push(await work());
      throw undo;
    }).catch((error: unknown) => {
      if (error !== undo) {
        throw error;
      }
    });
    return done[0] as Result;
  }

  /** As {@link query}; in a held snapshot, without leaving a trace in it when it fails. */
  read<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.holding ? this.transaction(() => this.query<Row>(sql, values)) : this.query<Row>(sql, values);
  }

  /** A connection answers one statement after the other, and the driver wants to be given them so. */
  private inTurn<Result>(send: () => Promise<Result>): Promise<Result> {
    const turn = this.previous.then(send, send);
    this.previous = turn.catch(() => undefined);
    return turn;
  }

  /** The driver's client, for what needs the protocol itself. */
  async connected(): Promise<Client> {
    if (this.closed) {
      // whoever still works after the end of an invocation must not go on with it
      throw this.explained(new Error('the session was closed'));
    }
    if (!this.client && this.inTransaction) {
      // the rest of the transaction must not run by itself on a new connection
      throw this.explained(new Error('the connection broke in the middle of a transaction'));
    }
    if (this.client) {
      return this.client;
    }
    // one connection, also for those who ask at the same time
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    this.client = await this.connecting;
    return this.client;
  }

  /** The server process behind it. */
  async processId(): Promise<number | undefined> {
    return ((await this.connected()) as Client & { processID?: number }).processID;
  }

  /** For good: it does not connect again. */
  async close(): Promise<void> {
    this.closed = true;
    // one that is just being made would stay open
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    this.client = undefined;
    await client?.end().catch(() => undefined); // already gone is closed too
  }

  private async connect(): Promise<Client> {
    const client = new Client(await clientConfig(this.options));
    client.on('error', () => this.forget(client)); // an idle connection that breaks is found broken at its next use
    try {
      await client.connect();
      await client.query(`${SETTINGS};\n${OWN_SCHEMA_NOT_BY_USER}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw this.explained(error);
    }
    return client;
  }

  private explained(error: unknown): Error {
    const where = `database "${this.options.database}" at ${this.options.address.host}:${this.options.address.port}`;
    if (error instanceof DatabaseError && error.code !== undefined) {
      if (!PASSING_STATES.test(error.code)) {
        return new DatabaseRefused(error.code, error.message, { cause: error });
      }
      if (!error.code.startsWith('5')) {
        this.forget(this.client);
      }
      return new TemporarilyUnavailable(where, { cause: error });
    }
    this.forget(this.client);
    return new TemporarilyUnavailable(where, { cause: error });
  }

  private forget(client: Client | undefined): void {
    if (client !== undefined && this.client === client) {
      this.client = undefined;
      client.end().catch(() => undefined);
    }
  }
}
