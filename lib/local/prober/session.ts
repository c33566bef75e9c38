/** One connection of the application: runs a transaction and says what certainly became of it. */
import { Client, DatabaseError } from 'pg';
import type { Statement } from './statements';

export interface SessionOptions {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** A connection that takes longer, or a statement that is not answered by then, is given up. */
  timeoutMs: number;
}

export type Outcome =
  /** `rows` is what all its statements together say they touched; undefined where one does not say. */
  { kind: 'acknowledged'; rows: number | undefined } | { kind: 'refused' | 'unknown'; reason: string };

/** So much later than the server's own timeout that a server which still answers is heard. */
const ANSWER_GRACE_MS = 1_000;

export class Session {
  private lost = false;

  private constructor(private readonly client: Client) {
    // Also without a statement in flight a connection can break; the next write then takes a new one.
    client.on('error', () => this.close());
    client.on('end', () => this.close());
  }

  /** @throws whatever made the connection impossible */
  static async open({ timeoutMs, ...address }: SessionOptions): Promise<Session> {
    const client = new Client({
      ...address,
      application_name: 'bluegreen-prober',
      connectionTimeoutMillis: timeoutMs,
      statement_timeout: timeoutMs,
      query_timeout: timeoutMs + ANSWER_GRACE_MS,
    });
    const session = new Session(client);
    try {
      await client.connect();
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get usable(): boolean {
    return !this.lost;
  }

  /** @param values of $1, $2 … */
  run(transaction: readonly Statement[], values: readonly unknown[]): Promise<Outcome> {
    const [first, ...others] = transaction;
    return first && others.length === 0 ? this.runAlone(first, values) : this.runTogether(transaction, values);
  }

  /** Never waits: a server that hangs would keep the writer. */
  close(): void {
    if (this.lost) return;
    this.lost = true;
    this.client.connection.stream.destroy();
  }

  /** The statement commits itself. */
  private async runAlone(statement: Statement, values: readonly unknown[]): Promise<Outcome> {
    try {
      return { kind: 'acknowledged', rows: await this.send(statement, values) };
    } catch (error) {
      return this.failedToCommit(error as Error);
    }
  }

  private async runTogether(statements: readonly Statement[], values: readonly unknown[]): Promise<Outcome> {
    let rows: number | undefined = 0;
    try {
      await this.client.query('begin');
      for (const statement of statements) {
        const touched = await this.send(statement, values);
        rows = rows === undefined || touched === undefined ? undefined : rows + touched;
      }
    } catch (error) {
      return this.failedBeforeCommit(error as Error);
    }
    try {
      const { command } = await this.client.query('commit');
      return command === 'COMMIT'
        ? { kind: 'acknowledged', rows }
        : { kind: 'refused', reason: `the commit was answered with ${command}` };
    } catch (error) {
      return this.failedToCommit(error as Error);
    }
  }

  /** pg resolves at ReadyForQuery, after the commit; CommandComplete would be too early. */
  private async send({ text, parameters }: Statement, values: readonly unknown[]): Promise<number | undefined> {
    const own = parameters.map((number) => values[number - 1]);
    const { rowCount } = await this.client.query(text, own);
    return rowCount ?? undefined;
  }

  /** Whatever broke, the server never got a commit, so it keeps nothing. */
  private async failedBeforeCommit(error: Error): Promise<Outcome> {
    if (!isError(error)) this.close();
    if (this.usable) await this.client.query('rollback').catch(() => this.close());
    return { kind: 'refused', reason: error.message };
  }

  /** Only an ERROR says that the transaction is undone: the FATAL of a terminated session may come after its commit. */
  private failedToCommit(error: Error): Outcome {
    if (isError(error)) return { kind: 'refused', reason: error.message };
    this.close();
    return { kind: 'unknown', reason: error.message };
  }
}

function isError(error: Error): boolean {
  return error instanceof DatabaseError && error.severity === 'ERROR';
}
