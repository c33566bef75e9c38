/** The server processes behind the instances: where their data lies and with which parameters they run. */
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reaper } from '../reaper/reaper';
import { copyTree } from '../servers/copy-tree';
import { makeOpenFolder } from '../servers/open-folder';
import type { DatabaseServer, ServerSoftware } from '../servers/server';
import type { InstanceRecord, SnapshotRecord } from './model/records';

export interface InstanceServersOptions<Server extends DatabaseServer> {
  stateFolder: string;
  software: ServerSoftware<Server>;
  adminPassword: string;
  reaper: Reaper | undefined;
}

/** Folders are named by resource ids, so a rename moves nothing; a folder with its final name is always complete. */
export class InstanceServers<Server extends DatabaseServer = DatabaseServer> {
  /** Told when an instance's server ends although nobody asked it to. */
  onCrash: (instance: InstanceRecord) => void = () => undefined;
  private readonly servers = new Map<string, Server>();
  /** The last start or end of each server that was asked for. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly options: InstanceServersOptions<Server>) {}

  of(instance: InstanceRecord): Server | undefined {
    return this.servers.get(instance.resourceId);
  }

  /** The server of an instance that must have one. */
  require(instance: InstanceRecord): Server {
    const server = this.of(instance);
    if (!server)
      throw new Error(`Instance ${instance.identifier} has no server: this is a bug of the local RDS endpoint.`);
    return server;
  }

  async initialize(instance: InstanceRecord): Promise<void> {
    const { software, adminPassword } = this.options;
    await this.build(this.instanceFolder(instance), (dataDirectory) =>
      software.initialize(dataDirectory, adminPassword),
    );
  }

  async restore(instance: InstanceRecord, snapshot: SnapshotRecord, signal: AbortSignal): Promise<void> {
    const owner = this.options.software.user;
    await this.build(this.instanceFolder(instance), (dataDirectory) =>
      copyTree(join(this.snapshotFolder(snapshot), 'data'), dataDirectory, { owner, signal }),
    );
  }

  async takeSnapshot(instance: InstanceRecord, snapshot: SnapshotRecord, signal: AbortSignal): Promise<void> {
    await this.build(this.snapshotFolder(snapshot), (destination) =>
      this.options.software.copyRunning(this.require(instance), destination, signal),
    );
  }

  /** Starts the instance's server with its applied parameters. Does nothing when it runs. */
  start(instance: InstanceRecord): Promise<Server> {
    return this.inTurn(instance, async () => {
      const server = this.of(instance) ?? this.create(instance);
      await server.start(this.options.software.settings(instance.appliedParameters));
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
      await server.start(this.options.software.settings(instance.appliedParameters));
      return true;
    });
  }

  /** Ends all processes of the instance's server as a failing machine would. */
  crash(instance: InstanceRecord): Promise<void> {
    return this.inTurn(instance, () => this.require(instance).crash());
  }

  async reload(instance: InstanceRecord): Promise<void> {
    await this.of(instance)?.reload(this.options.software.settings(instance.appliedParameters));
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

  private create(instance: InstanceRecord): Server {
    const { software, adminPassword, reaper } = this.options;
    const folder = this.instanceFolder(instance);
    const server = software.server({
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
    return join(this.instanceFolder(instance), 'server.log');
  }

  private instanceFolder(instance: InstanceRecord): string {
    return join(this.options.stateFolder, 'instances', instance.resourceId);
  }

  private snapshotFolder(snapshot: SnapshotRecord): string {
    return join(this.options.stateFolder, 'snapshots', snapshot.resourceId);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
