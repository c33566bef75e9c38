/** The installed PostgreSQL binaries, as the local RDS makes servers of them. */
import type { LogFileNames, Master, ServerOptions, ServerParameter, ServerSettings, ServerSoftware } from '../server';
import { copyRunningDataDirectory } from './copy-running-data-directory';
import { initDataDirectory } from './data-directory';
import { LOGICAL_REPLICATION, parametersOf, settingsOf } from './described-parameters';
import { PostgresDidNotStart } from './errors';
import type { PostgresBinaries } from './postgres-binaries';
import { PostgresServer } from './postgres-server';
import { createRdsRoles, setMasterPassword } from './rds-roles';
import { subscriptionStandIn } from './rds-superuser';
import { scramVerifier } from './scram-verifier';
import { requireReachable } from './server-user';

export class PostgresSoftware implements ServerSoftware<PostgresServer> {
  readonly engine = 'postgres';
  readonly licenseModel = 'postgresql-license';
  readonly logFiles: LogFileNames = {
    first: 'error/postgres.log',
    ofHour: (day, hour) => `error/postgresql.log.${day}-${hour}`,
  };
  readonly followable = { [LOGICAL_REPLICATION]: '1' };
  readonly passwordVerifier = scramVerifier;
  readonly settings: (values: Readonly<Record<string, string>>) => ServerSettings = settingsOf;

  constructor(private readonly binaries: PostgresBinaries) {}

  get version(): string {
    return this.binaries.version;
  }

  get major(): number {
    return this.binaries.major;
  }

  get family(): string {
    return `postgres${this.major}`;
  }

  get optionGroup(): string {
    return `default:postgres-${this.major}`;
  }

  get executeAs(): string | undefined {
    return subscriptionStandIn(this.major);
  }

  get user(): PostgresBinaries['user'] {
    return this.binaries.user;
  }

  requireReachable(folder: string): Promise<void> {
    return requireReachable(folder, this.user);
  }

  async parameters(): Promise<readonly ServerParameter[]> {
    return parametersOf(await this.binaries.describeConfig());
  }

  server(options: ServerOptions): PostgresServer {
    return new PostgresServer({ ...options, binaries: this.binaries });
  }

  async initialize(dataDirectory: string, adminPassword: string): Promise<void> {
    await initDataDirectory({ binaries: this.binaries, dataDirectory, adminPassword });
  }

  async copyRunning(server: PostgresServer, destination: string, signal: AbortSignal): Promise<void> {
    await copyRunningDataDirectory(server, { destination, owner: this.user, signal });
  }

  async createMaster(server: PostgresServer, { username, passwordVerifier, databaseName }: Master): Promise<void> {
    await createRdsRoles(server, {
      masterUsername: username,
      masterPasswordVerifier: passwordVerifier,
      databaseName,
    });
  }

  async setMasterPassword(server: PostgresServer, username: string, verifier: string): Promise<void> {
    await server.asAdmin((admin) => setMasterPassword(admin, username, verifier));
  }

  isRefusedStart(error: unknown): boolean {
    return error instanceof PostgresDidNotStart;
  }
}
