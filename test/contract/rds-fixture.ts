/** A local RDS in a folder of its own, the real SDK client for it, and a clock that the test moves. */

import { join } from 'node:path';
import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { Client } from 'pg';
import type { WorkTrackingClock } from '../../lib/local/clock/tracked-work';
import type { Delays } from '../../lib/local/rds/delays';
import { LocalRds, type LocalRdsOptions } from '../../lib/local/rds/local-rds';
import { installedSoftware, type LocalServer } from '../../lib/local/servers/installed-software';
import { endsWithTest, serverHome } from '../support/lifetime/of-test';

const SECOND = 1_000;

/** Short, and each long enough to be looked into. */
export const DELAYS: Delays = {
  creatingMs: 6 * SECOND,
  firstBackupMs: 6 * SECOND,
  snapshotMs: 6 * SECOND,
  settleMs: 5 * SECOND,
  modifyingMs: 6 * SECOND,
  renamingMs: 6 * SECOND,
  rebootingMs: 6 * SECOND,
  restartingAfterCrashMs: 6 * SECOND,
  resettingCredentialsMs: 6 * SECOND,
  optimizingStorageMs: 12 * SECOND,
  deletingMs: 6 * SECOND,
  deletingSnapshotMs: 6 * SECOND,
  applyingParametersMs: 6 * SECOND,
};

export class SteppedClock implements WorkTrackingClock {
  /** How much work it was told of. */
  worked = 0;
  private time = Date.parse('2026-03-01T12:00:00Z');
  private readonly sleepers = new Set<() => void>();

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const due = this.time + ms;
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!signal?.aborted && this.time < due) return;
        this.sleepers.delete(look);
        signal?.removeEventListener('abort', look);
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      };
      this.sleepers.add(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  async track<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = await work();
    this.worked += 1;
    return result;
  }

  advance(ms: number): void {
    this.time += ms;
    for (const look of [...this.sleepers]) look();
  }
}

export class RdsFixture {
  readonly clock = new SteppedClock();
  private opened: { rds: LocalRds<LocalServer>; client: RDSClient; url: string } | undefined;

  readonly close: () => Promise<void>;

  private constructor(
    readonly stateFolder: string,
    private readonly options: Omit<LocalRdsOptions<LocalServer>, 'stateFolder' | 'clock'>,
    closeHome: () => Promise<void>,
  ) {
    this.close = endsWithTest(async () => {
      await this.stop();
      await closeHome();
    });
  }

  static async open(
    { major, ...overrides }: Pick<LocalRdsOptions<LocalServer>, 'quotas'> & { major?: number } = {},
    below = '',
  ): Promise<RdsFixture> {
    const { folder, reaper, close } = await serverHome('local-rds-');
    const software = await installedSoftware(major);
    const fixture = new RdsFixture(join(folder, below), { software, reaper, delays: DELAYS, ...overrides }, close);
    await fixture.reopen();
    return fixture;
  }

  get rds(): LocalRds<LocalServer> {
    if (!this.opened) throw new Error('The fixture is closed.');
    return this.opened.rds;
  }

  get client(): RDSClient {
    if (!this.opened) throw new Error('The fixture is closed.');
    return this.opened.client;
  }

  get url(): string {
    return this.opened?.url ?? '';
  }

  async reopen(): Promise<void> {
    await this.stop();
    const rds = await LocalRds.open({ ...this.options, stateFolder: this.stateFolder, clock: this.clock });
    const { url } = await rds.serve();
    this.opened = { rds, client: clientFor(url), url };
  }

  async stop(): Promise<void> {
    this.opened?.client.destroy();
    await this.opened?.rds.close();
    this.opened = undefined;
  }

  async instance(identifier: string): Promise<DBInstance> {
    const { DBInstances } = await this.client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
    );
    return DBInstances?.[0] as DBInstance;
  }

  async status(identifier: string): Promise<string | undefined> {
    const { DBInstances = [] } = await this.client.send(new DescribeDBInstancesCommand({}));
    return DBInstances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === identifier)?.DBInstanceStatus;
  }

  async snapshotStatus(identifier: string): Promise<string | undefined> {
    const { DBSnapshots = [] } = await this.client.send(new DescribeDBSnapshotsCommand({}));
    return DBSnapshots.find(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier === identifier)?.Status;
  }

  /** Lets time pass, second by second, until `look` shows `wanted`. The clock is moved only between looks. */
  async reach<T>(look: () => Promise<T>, wanted: T): Promise<void> {
    for (;;) {
      const seen = await look();
      if (seen === wanted) return;
      this.clock.advance(SECOND);
    }
  }

  /** The rule for callers of the real service: twice available, 30 seconds apart, nothing pending, parameters in sync. */
  async ready(identifier: string): Promise<DBInstance> {
    for (let since: number | undefined; ; this.clock.advance(SECOND)) {
      const instance = await this.instance(identifier).catch(() => undefined);
      const pending = Object.keys(instance?.PendingModifiedValues ?? {}).length;
      if (instance?.DBInstanceStatus === 'failed')
        throw new Error(`${identifier} failed: ${await this.failure(identifier)}`);
      const calm = instance?.DBInstanceStatus === 'available' && pending === 0;
      if (!instance || !calm) since = undefined;
      else since ??= this.clock.now();
      if (instance && since !== undefined && this.clock.now() - since >= 30 * SECOND) return instance;
    }
  }

  private async failure(SourceIdentifier: string): Promise<string> {
    const { Events = [] } = await this.client.send(
      new DescribeEventsCommand({ SourceType: 'db-instance', SourceIdentifier, EventCategories: ['failure'] }),
    );
    return Events.map(({ Message }) => Message).join('; ');
  }

  async createBlue(settings: Partial<CreateDBInstanceCommandInput> = {}): Promise<DBInstance> {
    const DBInstanceIdentifier = settings.DBInstanceIdentifier ?? 'blue';
    await this.client.send(new CreateDBInstanceCommand({ ...BLUE, ...settings }));
    return this.ready(DBInstanceIdentifier);
  }

  async connect(identifier: string, password: string = BLUE.MasterUserPassword): Promise<Client> {
    const { Endpoint } = await this.instance(identifier);
    const client = new Client({
      host: Endpoint?.Address ?? '',
      port: Endpoint?.Port ?? 0,
      user: BLUE.MasterUsername,
      password,
      database: BLUE.DBName,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Whether the instance serves; false while it is down. */
  serves(identifier: string, password?: string): Promise<boolean> {
    return this.connect(identifier, password).then(
      async (client) => {
        await client.end();
        return true;
      },
      () => false,
    );
  }

  /** The first column of the first row. */
  async ask(identifier: string, sql: string): Promise<unknown> {
    const client = await this.connect(identifier);
    try {
      const { rows } = await client.query(sql);
      return Object.values(rows[0] ?? {})[0];
    } finally {
      await client.end();
    }
  }
}

export const BLUE = {
  DBInstanceIdentifier: 'blue',
  DBInstanceClass: 'db.m6g.large',
  Engine: 'postgres',
  MasterUsername: 'shop_admin',
  MasterUserPassword: 'correct-horse-battery',
  DBName: 'shop',
} as const;

export function clientFor(endpoint: string): RDSClient {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return new RDSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}
