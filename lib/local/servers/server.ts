/** What the local RDS needs of a database server, and of the software it is made of: one implementation per engine. */
import type { Reaper } from '../reaper/reaper';

/** Parameters as the server takes them. */
export type ServerSettings = Readonly<Record<string, string>>;

/** One server process on one data directory. */
export interface DatabaseServer {
  /** While it runs. */
  readonly pid: number | undefined;
  /** Does nothing when it runs; after a crash it includes recovery. */
  start(settings: ServerSettings): Promise<void>;
  stop(): Promise<void>;
  /** Ends it as a failing machine would. */
  crash(): Promise<void>;
  /** Ends it without caring for its data. */
  kill(): Promise<void>;
  /** Ends what applies the other side's changes; it comes back by itself. */
  endAppliers(): Promise<void>;
  /** Makes it read parameters anew; those that need a restart are left for the next start. */
  reload(settings: ServerSettings): Promise<void>;
}

export interface ServerOptions {
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly port: number;
  readonly adminPassword: string;
  /** Ends the server when the runtime is killed. */
  readonly reaper: Reaper | undefined;
  /** Called when a server that accepted connections ends although nobody asked it to. */
  readonly onCrash: () => void;
}

/** A parameter as parameter groups show it. */
export interface ServerParameter {
  readonly name: string;
  readonly description: string;
  readonly dataType: 'boolean' | 'integer' | 'float' | 'string';
  readonly defaultValue: string;
  /** `static`: takes effect with the next reboot only. */
  readonly applyType: 'static' | 'dynamic';
  readonly modifiable: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The user RDS makes a new database with. */
export interface Master {
  readonly username: string;
  /** Never the password itself. */
  readonly passwordVerifier: string;
  /** The database to create. @default none */
  readonly databaseName: string | undefined;
}

/** How RDS names the files of a server's log. */
export interface LogFileNames {
  /** Of what was said before any hour was told. */
  readonly first: string;
  /** @param day as 2026-03-01 @param hour as 09 */
  ofHour(day: string, hour: string): string;
}

export interface ServerSoftware<Server extends DatabaseServer = DatabaseServer> {
  /** As RDS names it. */
  readonly engine: string;
  readonly version: string;
  readonly major: number;
  /** Of parameter groups. */
  readonly family: string;
  /** Of the option group that an instance gets by default. */
  readonly optionGroup: string;
  readonly licenseModel: string;
  readonly logFiles: LogFileNames;
  /** Who the servers run as, where that is somebody else; has to reach their files. */
  readonly user: { readonly name: string; readonly uid: number; readonly gid: number } | undefined;
  /** @throws when `folder` cannot be reached by the servers */
  requireReachable(folder: string): Promise<void>;
  /** Values of parameters with which an instance can be followed. */
  readonly followable: Readonly<Record<string, string>>;
  parameters(): Promise<readonly ServerParameter[]>;
  /** What a server runs with, by the values of its parameter group. */
  settings(values: Readonly<Record<string, string>>): ServerSettings;
  server(options: ServerOptions): Server;
  /** Makes an empty data directory. */
  initialize(dataDirectory: string, adminPassword: string): Promise<void>;
  /** Copies a running server's data directory, which starts with recovery then, while writers go on. */
  copyRunning(server: Server, destination: string, signal: AbortSignal): Promise<void>;
  passwordVerifier(password: string): string;
  /** Gives a new server what a new instance has; may be done again where it was interrupted. */
  createMaster(server: Server, master: Master): Promise<void>;
  setMasterPassword(server: Server, username: string, verifier: string): Promise<void>;
  /** Name of a function through which a statement has to go that RDS lets its master user make, and this server does not. */
  readonly executeAs: string | undefined;
  /** Whether it is its parameters that a server did not come up with. */
  isRefusedStart(error: unknown): boolean;
}
