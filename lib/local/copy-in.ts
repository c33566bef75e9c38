/** A COPY whose rows are sent along, in the driver's own protocol: its client knows how to ask for it and not how to answer. */
import type { Client, Connection, Submittable } from 'pg';

interface CopyConnection extends Connection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

const CHUNK_BYTES = 1024 * 1024;

export function copyIn(client: Client, sql: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(sql, Buffer.from(rows), (error) => (error ? reject(error) : resolve())));
  });
}

class CopyIn implements Submittable {
  constructor(
    private readonly sql: string,
    private readonly rows: Buffer,
    /** The driver looks for it, and sets one of its own where there is none. */
    readonly callback: (error?: Error) => void,
  ) {}

  submit(connection: Connection): void {
    (connection as CopyConnection).query(this.sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    for (let from = 0; from < this.rows.length; from += CHUNK_BYTES) {
      connection.sendCopyFromChunk(this.rows.subarray(from, from + CHUNK_BYTES));
    }
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback();
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}
