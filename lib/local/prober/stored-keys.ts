/** Runs the workload's read and hands out the stored writes one by one, however many there are. */
import { Client, Query, type QueryArrayConfig, type QueryArrayResult } from 'pg';
import type { SessionOptions } from './session';
import { type StoredColumns, storedColumns } from './stored-columns';
import type { Workload } from './workload';

/** What the database holds of one write. */
export interface StoredWrite {
  key: string;
  /** Undefined where the read does not return it. */
  value?: number;
  /** False where only a part of the write's rows is there. */
  complete: boolean;
}

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
  workload: Workload,
  onStored: (write: StoredWrite) => void,
): Promise<void> {
  const client = new Client({
    ...address,
    application_name: 'bluegreen-prober',
    connectionTimeoutMillis: timeoutMs,
  });
  const config: QueryArrayConfig = { text: workload.read, rowMode: 'array' };
  // The failure of the connection is also the failure of the query that waits on it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await new Promise<void>((resolve, reject) => {
      let columns: StoredColumns | undefined;
      // With a listener for rows, and no callback, pg keeps none of them.
      const query = client.query(new Query(config));
      query.on('row', (row: unknown[], result?: Pick<QueryArrayResult, 'fields'>) => {
        try {
          columns ??= storedColumns(result?.fields ?? [], workload);
          onStored(writeIn(row, columns));
        } catch (error) {
          reject(error as Error);
        }
      });
      query.on('end', () => resolve());
      query.on('error', reject);
    });
  } catch (error) {
    throw new StoredKeysUnreadable(address.host, address.port, error as Error);
  } finally {
    client.connection.stream.destroy();
  }
}

/** A value that is null is no integer, and what is not said to be complete is not. */
function writeIn(row: readonly unknown[], { value, complete }: StoredColumns): StoredWrite {
  return {
    key: String(row[0]),
    ...(value !== undefined && { value: row[value] === null ? Number.NaN : Number(row[value]) }),
    complete: complete === undefined || row[complete] === true,
  };
}
