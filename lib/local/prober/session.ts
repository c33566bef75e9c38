/** One connection of the application: sends a write and says what certainly became of it. */
import { Client, DatabaseError } from 'pg';

export interface SessionOptions {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** A connection that takes longer, or a statement that is not answered by then, is given up. */
  timeoutMs: number;
}

export type WriteOutcome = { kind: 'acknowledged' } | { kind: 'refused' | 'unknown'; reason: string };

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

  async write(statement: string, values: unknown[]): Promise<WriteOutcome> {
    try {
      // pg resolves at ReadyForQuery, after the commit; CommandComplete would be too early.
      await this.client.query(statement, values);
      return { kind: 'acknowledged' };
    } catch (error) {
      const reason = (error as Error).message;
      // Only an ERROR says that the transaction is undone: the FATAL of a terminated session may come after its commit.
      if (error instanceof DatabaseError && error.severity === 'ERROR') return { kind: 'refused', reason };
      this.close();
      return { kind: 'unknown', reason };
    }
  }

  /** Never waits: a server that hangs would keep the writer. */
  close(): void {
    if (this.lost) return;
    this.lost = true;
    this.client.connection.stream.destroy();
  }
}
