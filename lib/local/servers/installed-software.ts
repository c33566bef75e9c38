/** Which servers the local runtime makes: the one place below `lib/local` that picks an engine's. */
import { PostgresBinaries } from './postgres/postgres-binaries';
import type { PostgresServer } from './postgres/postgres-server';
import { PostgresSoftware } from './postgres/postgres-software';
import type { ServerSoftware } from './server';

export type LocalServer = PostgresServer;

/** @param major of the server @default that of the installed package */
export async function installedSoftware(major?: number): Promise<ServerSoftware<LocalServer>> {
  return new PostgresSoftware(await PostgresBinaries.find({ major }));
}
