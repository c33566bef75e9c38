/** The server processes behind the instances: where their data lies and with which parameters they run. */
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaper } from '../reaper/reaper';
import { BASE_SETTINGS } from '../servers/postgres/base-settings';
import { copyRunningDataDirectory } from '../servers/postgres/copy-running-data-directory';
import { copyTree } from '../servers/postgres/copy-tree';
import { initDataDirectory } from '../servers/postgres/data-directory';
import { makeOpenFolder } from '../servers/postgres/open-folder';
import type { PostgresBinaries } from '../servers/postgres/postgres-binaries';
import { PostgresServer } from '../servers/postgres/postgres-server';
import type { ServerSettings } from '../servers/postgres/settings-file';
import { LOGICAL_REPLICATION } from './model/engine-parameters';
import type { InstanceRecord, SnapshotRecord } from './model/records';

export interface InstanceServersOptions {
  stateFolder: string;
  binaries: PostgresBinaries;
  adminPassword: string;
  reaper: Reaper | undefined;
}

/** Folders are named by resource ids, so a rename moves nothing; a folder with its final name is always complete. */
export class InstanceServers {
  /** Told when an instance's server ends although nobody asked it to. */
  onCrash: (instance: InstanceRecord) => void = () => undefined;
  private readonly servers = new Map<string, PostgresServer>();
  /** The last start or end of each server that was asked for. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly options: InstanceServersOptions) {}

  of(instance: InstanceRecord): PostgresServer | undefined {
    return this.servers.get(instance.resourceId);
  }

  /** The server of an instance that must have one. */
  require(instance: InstanceRecord): PostgresServer {
    const server = this.of(instance);
    if (!server)
      throw new Error(`Instance ${instance.identifier} has no server: this is a bug of the local RDS endpoint.`);
    return server;
  }

  async initialize(instance: InstanceRecord): Promise<void> {
    const { binaries, adminPassword } = this.options;
    await this.build(this.instanceFolder(instance), (dataDirectory) =>
      initDataDirectory({ binaries, dataDirectory, adminPassword }),
    );
  }

  async restore(instance: InstanceRecord, snapshot: SnapshotRecord, signal: AbortSignal): Promise<void> {
    const owner = this.options.binaries.user;
    await this.build(this.instanceFolder(instance), (dataDirectory) =>
      copyTree(join(this.snapshotFolder(snapshot), 'data'), dataDirectory, { owner, signal }),
    );
  }

  async takeSnapshot(instance: InstanceRecord, snapshot: SnapshotRecord, signal: AbortSignal): Promise<void> {
    const owner = this.options.binaries.user;
    await this.build(this.snapshotFolder(snapshot), async (destination) => {
      await copyRunningDataDirectory(this.require(instance), { destination, owner, signal });
    });
  }

  /** Starts the instance's server with its applied parameters. Does nothing when it runs. */
  start(instance: InstanceRecord): Promise<PostgresServer> {
    return this.inTurn(instance, async () => {
      const server = this.of(instance) ?? this.create(instance);
      await server.start(serverSettings(instance.appliedParameters));
      return server;
    });
  }

  async restart(instance: InstanceRecord): Promise<void> {
    await this.inTurn(instance, async () => this.of(instance)?.stop());
    await this.start(instance);
  }

  /** Starts a server that crashed, with recovery; true if it is this that brought it back. An instance that is gone stays gone. */
  startAgain(instance: InstanceRecord): Promise<boolean> {
    return this.inTurn(instance, async () => {
      const server = this.of(instance);
      if (!server || server.pid !== undefined) return false;
      await server.start(serverSettings(instance.appliedParameters));
      return true;
    });
  }

  /** Ends all processes of the instance's server as a failing machine would. */
  crash(instance: InstanceRecord): Promise<void> {
    return this.inTurn(instance, () => this.require(instance).crash());
  }

  async reload(instance: InstanceRecord): Promise<void> {
    await this.of(instance)?.reload(serverSettings(instance.appliedParameters));
  }

  /** Nothing before its first start. */
  readLog(instance: InstanceRecord): Promise<string> {
    return readFile(this.logFile(instance), 'utf8').catch(() => '');
  }

  async removeInstance(instance: InstanceRecord): Promise<void> {
    await this.inTurn(instance, async () => {
      await this.of(instance)?.kill();
      this.servers.delete(instance.resourceId);
    });
    await rm(this.instanceFolder(instance), { recursive: true, force: true });
  }

  async removeSnapshot(snapshot: SnapshotRecord): Promise<void> {
    await rm(this.snapshotFolder(snapshot), { recursive: true, force: true });
  }

  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.servers].map(([resourceId, server]) => this.inTurn({ resourceId }, () => server.stop())),
    );
  }

  /** Starts and ends of one server go one after the other, so that none finds it half started or half ended. */
  private inTurn<T>({ resourceId }: Pick<InstanceRecord, 'resourceId'>, work: () => Promise<T>): Promise<T> {
    const before = this.turns.get(resourceId) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.turns.set(resourceId, turn);
    return turn;
  }

  private create(instance: InstanceRecord): PostgresServer {
    const { binaries, adminPassword, reaper } = this.options;
    const folder = this.instanceFolder(instance);
    const server = new PostgresServer({
      binaries,
      dataDirectory: join(folder, 'data'),
      logFile: this.logFile(instance),
      port: instance.port,
      adminPassword,
      reaper,
      onCrash: () => this.onCrash(instance),
    });
    this.servers.set(instance.resourceId, server);
    return server;
  }

  /** Fills `data` below `folder` under another name first, so that half of it is never taken for all of it after a crash. */
  private async build(folder: string, fill: (dataDirectory: string) => Promise<void>): Promise<void> {
    await makeOpenFolder(folder);
    const partial = join(folder, 'data.partial');
    await rm(partial, { recursive: true, force: true });
    const complete = join(folder, 'data');
    if (await exists(complete)) return;
    await fill(partial);
    await rename(partial, complete);
  }

  private logFile(instance: InstanceRecord): string {
    return join(this.instanceFolder(instance), 'postgres.log');
  }

  private instanceFolder(instance: InstanceRecord): string {
    return join(this.options.stateFolder, 'instances', instance.resourceId);
  }

  private snapshotFolder(snapshot: SnapshotRecord): string {
    return join(this.options.stateFolder, 'snapshots', snapshot.resourceId);
  }
}

/** RDS's own parameters are no server parameters, but a server keeps any that has a dot, and SHOW shows them, as on RDS. */
function serverSettings(parameters: Readonly<Record<string, string>>): ServerSettings {
  const logical = /^(1|on|true)$/i.test(parameters[LOGICAL_REPLICATION] ?? '0');
  return {
    ...BASE_SETTINGS,
    ...parameters,
    [LOGICAL_REPLICATION]: logical ? 'on' : 'off',
    wal_level: logical ? 'logical' : 'replica',
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
