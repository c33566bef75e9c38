/** Runs the workload's read and hands out the stored keys one by one, however many there are. */
import { Client, Query, type QueryArrayConfig } from 'pg';
import type { SessionOptions } from './session';

export class StoredKeysUnreadable extends Error {
  override readonly name = 'StoredKeysUnreadable';
  constructor(
    readonly host: string,
    readonly port: number,
    cause: Error,
  ) {
    super(
      `the stored writes cannot be read at ${host}:${port}: ${cause.message}; nothing can be said about lost writes ` +
        'until the database answers the read of local/workload.sql: make it reachable and verify again',
      { cause },
    );
  }
}

/** @throws StoredKeysUnreadable */
export async function readStoredKeys(
  { timeoutMs, ...address }: SessionOptions,
  statement: string,
  onKey: (key: string) => void,
): Promise<void> {
  const client = new Client({
    ...address,
    application_name: 'bluegreen-prober',
    connectionTimeoutMillis: timeoutMs,
  });
  const config: QueryArrayConfig = { text: statement, rowMode: 'array' };
  // The failure of the connection is also the failure of the query that waits on it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      // With a listener for rows, and no callback, pg keeps none of them.
      const query = client.query(new Query(config));
      query.on('row', (row) => onKey(String(row[0])));
      query.on('end', () => resolve());
      query.on('error', reject);
    });
  } catch (error) {
    throw new StoredKeysUnreadable(address.host, address.port, error as Error);
  } finally {
    client.connection.stream.destroy();
  }
}
