/** One PostgreSQL server process on one data directory: starts it, waits until it serves, connects as its superuser, ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Reaper } from '../../reaper/reaper';
import { requireFreePort } from '../free-port';
import type { DatabaseServer, ServerSettings } from '../server';
import { ADMIN_USER } from './cluster-template';
import { PostgresDidNotStart } from './errors';
import type { PostgresBinaries } from './postgres-binaries';
import { writeSettings } from './settings-file';
import { endStaleServer, killServerProcesses } from './stale-server';

const POLL_MS = 15;
/** An orderly end waits for replication clients to confirm what they got; one that never does must not hold us up. */
const STOP_PATIENCE_MS = 10_000;
const LOG_TAIL_BYTES = 4_000;

export interface PostgresServerOptions {
  binaries: PostgresBinaries;
  dataDirectory: string;
  port: number;
  adminPassword: string;
  /** @default the data directory's name with ".log" beside it */
  logFile?: string;
  /** Ends the server when the runtime is killed. @default nobody does */
  reaper?: Reaper | undefined;
  /** Called when a server that accepted connections ends although nobody here asked it to. @default nobody cares */
  onCrash?: (() => void) | undefined;
}

export class PostgresServer implements DatabaseServer {
  readonly dataDirectory: string;
  readonly port: number;
  private readonly logFile: string;
  private child: ChildProcess | undefined;
  /** The child from the moment it accepts connections until it is asked to end. */
  private serving: ChildProcess | undefined;

  constructor(private readonly options: PostgresServerOptions) {
    this.dataDirectory = options.dataDirectory;
    this.port = options.port;
    this.logFile = options.logFile ?? `${options.dataDirectory}.log`;
  }

  get major(): number {
    return this.options.binaries.major;
  }

  /** The postmaster's pid while it runs. */
  get pid(): number | undefined {
    return this.running() ? this.child?.pid : undefined;
  }

  /**
   * Starts the server with these parameters and resolves once it accepts connections; after a crash that includes recovery.
   *
   * @throws PortInUse
   * @throws PostgresDidNotStart
   */
  async start(settings: ServerSettings): Promise<void> {
    if (this.running()) return;
    const { binaries } = this.options;
    await endStaleServer(this.dataDirectory);
    await requireFreePort(this.port, `The PostgreSQL server on ${this.dataDirectory}`);
    await writeSettings(this.dataDirectory, settings, binaries.user);
    const child = await this.spawn();
    this.child = child;
    child.once('exit', () => this.noticeEnd(child));
    await this.untilReady(child);
    this.serving = child;
    // It may have ended in the moment between serving and being seen to.
    if (!this.running()) this.noticeEnd(child);
  }

  async endAppliers(): Promise<void> {
    await this.asAdmin((admin) =>
      admin.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where backend_type in ('logical replication worker', 'logical replication apply worker')`,
      ),
    );
  }

  /** Makes the server read a new set of parameters; those that need a restart are left for the next start. */
  async reload(settings: ServerSettings): Promise<void> {
    await writeSettings(this.dataDirectory, settings, this.options.binaries.user);
    this.child?.kill('SIGHUP');
  }

  /** Ends all sessions, writes everything out, and resolves when the process is gone. */
  stop(): Promise<void> {
    return this.end('SIGINT');
  }

  /** Ends the server as a crash would: nothing is written out, and the next start begins with recovery. */
  kill(): Promise<void> {
    return this.end('SIGQUIT');
  }

  /**
   * Ends all processes of the server at once, without a word: what a failing machine or the kernel's memory killer does. Nobody
   * asked for it, so whoever looks after the server is told.
   */
  async crash(): Promise<void> {
    const { child } = this;
    if (!child || !this.running()) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.ref();
    await killServerProcesses(this.dataDirectory);
    await exited;
  }

  /** A connection as the superuser; the caller ends it. */
  async connect(database = 'postgres'): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: this.port,
      user: ADMIN_USER,
      password: this.options.adminPassword,
      database,
      application_name: 'local runtime',
    });
    // A server that goes away fails the query in flight, which says so; the extra event must not end the whole process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Runs `work` on a superuser connection of its own. */
  async asAdmin<T>(work: (client: Client) => Promise<T>, database?: string): Promise<T> {
    const client = await this.connect(database);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  private noticeEnd(child: ChildProcess): void {
    if (this.serving !== child) return;
    this.serving = undefined;
    this.options.onCrash?.();
  }

  private running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** A process group of its own, so that a terminal's Ctrl-C reaches the runtime but not the servers it is about to end in order. */
  private async spawn(): Promise<ChildProcess> {
    const { binaries } = this.options;
    const log = await open(this.logFile, 'a', 0o600);
    try {
      const child = spawn(binaries.postgres, ['-D', this.dataDirectory, '-p', String(this.port)], {
        ...binaries.spawnOptions,
        detached: true,
        env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
        stdio: ['ignore', log.fd, log.fd],
      });
      this.watch(child); // before anything else can happen: killed a moment later, we would leave it behind
      await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject));
      child.unref();
      return child;
    } finally {
      await log.close();
    }
  }

  private watch(child: ChildProcess): void {
    const { reaper } = this.options;
    const { pid } = child;
    if (pid !== undefined) {
      reaper?.watch(pid, { signal: 'SIGQUIT' });
      child.once('exit', () => reaper?.forget(pid));
    }
  }

  /** The postmaster keeps its state in the eighth line of its pid file; that is what pg_ctl waits for, too. */
  private async untilReady(child: ChildProcess): Promise<void> {
    for (;;) {
      if (!this.running()) throw new PostgresDidNotStart(this.dataDirectory, this.port, await this.logTail());
      const lines = await readFile(join(this.dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
      const [pid, , , , , , , state] = lines.split('\n');
      if (Number(pid) === child.pid && state?.trim() === 'ready') return;
      await pause(POLL_MS);
    }
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.serving = undefined;
    // A postmaster that was killed may have left its sessions behind.
    if (!this.running()) return killServerProcesses(this.dataDirectory);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const impatience = setTimeout(() => child.kill('SIGQUIT'), STOP_PATIENCE_MS);
    child.ref();
    child.kill(signal);
    await exited;
    clearTimeout(impatience);
  }

  private async logTail(): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '(no log)');
    return log.slice(-LOG_TAIL_BYTES).trim();
  }
}
