/** Blue in a local RDS, and phases invoked one by one as their Lambda functions would be, with an endpoint that is a variable. */

import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { invokePhase, type Surroundings } from '../../lambdas/handler';
import type { Plan } from '../../lib/core/plan';
import type { Memo, Progress } from '../../lib/core/progress';
import type { Address, Run } from '../../lib/core/run';
import { POSTGRES_LOG } from '../../lib/engines/postgres/replication/server-log';
import { PacedClock } from '../../lib/local/clock/paced-clock';
import { RealClock } from '../../lib/local/clock/real-clock';
import { serveEc2 } from '../../lib/local/ec2/local-ec2';
import { letMembersIn, makeProduction } from '../../lib/local/production';
import { SUBNET_IDS } from '../../lib/local/rds/actions/instance-view';
import { LocalRds } from '../../lib/local/rds/local-rds';
import { serveSecrets } from '../../lib/local/secrets/local-secrets';
import { installedSoftware, type LocalServer } from '../../lib/local/servers/installed-software';
import { loadPlan } from '../../lib/plans/plan-folder';
import type { EndpointTarget } from '../../lib/ports/endpoint-swap';
import type { Phase } from '../../lib/ports/world';
import { InstanceControlPlane } from '../../lib/shapes/instance/instance-control-plane';
import { endsWithTest, serverHome } from './lifetime/of-test';

const SMALL_PLAN = join(__dirname, 'plans', 'small');
const PASSWORD = 'not-a-secret';
const PACE = 300;

export interface Invocation extends Partial<Omit<Run, 'version' | 'runId'>> {
  readonly plan?: (plan: Plan) => Plan;
  /** How long the invocation may take. @default the 15 minutes of Lambda */
  readonly limitMs?: number;
  /** What differs from the world's own surroundings. */
  readonly surroundings?: Partial<Surroundings>;
}

export class PhaseWorld {
  /** Where the application is led to. */
  endpoint: EndpointTarget | undefined;

  private constructor(
    readonly plan: Plan,
    readonly rds: LocalRds<LocalServer>,
    readonly client: RDSClient,
    readonly clock: PacedClock,
    readonly blue: Address,
    private readonly secrets: SecretsManagerClient,
    readonly ec2: EC2Client,
    private readonly stored: Map<string, string>,
    readonly close: () => Promise<void>,
  ) {
    this.endpoint = blue;
  }

  /** @param planFolder @default one with two small tables */
  static async open(planFolder = SMALL_PLAN): Promise<PhaseWorld> {
    const loaded = await loadPlan(planFolder);
    // time passes fast between invocations, and no freeze may run out over it
    const plan: Plan = {
      ...loaded,
      freeze: { timeoutSeconds: 86_400 },
      switchover: { ...loaded.switchover, timeoutSeconds: 600 },
    };
    const { folder: stateFolder, reaper, close: closeHome } = await serverHome('phase-world-');
    const clock = new PacedClock(new RealClock(), PACE);
    const software = await installedSoftware();
    const rds = await LocalRds.open({ stateFolder, clock, software, reaper });
    const { url } = await rds.serve();
    const client = new RDSClient(clientOptions(url));
    const blue = await makeProduction({
      plan,
      planFolder,
      rds: client,
      clock,
      masterPassword: PASSWORD,
      applicationPassword: PASSWORD,
      software,
    });
    const stored = new Map([
      [plan.blue.secretArn, JSON.stringify({ username: 'bluegreen', password: PASSWORD })],
      [plan.blue.applicationSecretArn ?? '', JSON.stringify({ username: 'app', password: PASSWORD })],
    ]);
    const secretsEndpoint = await serveSecrets({ secrets: stored });
    const secrets = new SecretsManagerClient(clientOptions(secretsEndpoint.url));
    const { securityGroupIds, subnetIds } = plan.network;
    const ec2Endpoint = await serveEc2({ securityGroupIds, subnetIds: [...SUBNET_IDS, ...subnetIds] });
    const ec2 = new EC2Client(clientOptions(ec2Endpoint.url));
    await letMembersIn(ec2, plan);
    const closers = [
      async () => ec2.destroy(),
      () => ec2Endpoint.close(),
      async () => secrets.destroy(),
      () => secretsEndpoint.close(),
      async () => client.destroy(),
      () => rds.close(),
      closeHome,
    ];
    const close = endsWithTest(async () => {
      for (const closer of closers) {
        await closer();
      }
    });
    return new PhaseWorld(plan, rds, client, clock, blue, secrets, ec2, stored, close);
  }

  /** The run's own user. */
  readonly login = { user: 'bluegreen', password: PASSWORD };

  get controlPlane(): InstanceControlPlane {
    return new InstanceControlPlane(this.client, POSTGRES_LOG);
  }

  /** One invocation; while it works, time passes as it does for a Lambda function. */
  invoke<Result>(
    phase: Phase<Result>,
    runId: string,
    { plan, limitMs = 900_000, surroundings: others, ...run }: Invocation = {},
  ): Promise<Progress<Result>> {
    const surroundings: Surroundings = {
      plan: plan?.(this.plan) ?? this.plan,
      rds: this.client,
      secrets: this.secrets,
      ec2: this.ec2,
      endpoint: {
        target: async () => this.endpoint,
        swap: async ({ host, port }) => {
          this.endpoint = { host, port };
          return `to ${port}`;
        },
        settled: async () => true,
      },
      clock: this.clock,
      alarms: { firing: async () => [] },
      tls: false,
      ...others,
    };
    const payload: Run = { version: 1, runId, results: {}, memo: {}, ...run };
    return this.clock.track(() => invokePhase(phase, payload, surroundings, limitMs));
  }

  /** Invokes the phase until it is done, as the state machine does. */
  async complete<Result>(phase: Phase<Result>, runId: string, invocation: Invocation = {}): Promise<Result> {
    let memo: Memo = {};
    for (let attempt = 0; attempt < 200; attempt++) {
      const progress = await this.invoke(phase, runId, { ...invocation, memo });
      if (progress.status === 'done') {
        return progress.result;
      }
      memo = progress.memo;
      const workers = Array.from({ length: progress.workers ?? 0 }, (_, index) => index + 1);
      await Promise.all(workers.map((worker) => this.invoke(phase, runId, { ...invocation, memo, worker })));
      if (workers.length === 0) {
        await this.clock.sleep(progress.retryAfterSeconds * 1000);
      }
    }
    throw new Error('the phase does not come to an end');
  }

  /** Waits until the instance can be used, so that a test begins where nothing is under way. */
  async settled(identifier: string): Promise<void> {
    while ((await this.controlPlane.describe(identifier))?.status !== 'available') {
      await this.clock.sleep(1_000);
    }
  }

  async sql<Row extends object>(address: Address, sql: string, user = 'bluegreen'): Promise<Row[]> {
    const client = new Client({ ...address, database: this.plan.blue.database, user, password: PASSWORD });
    await client.connect();
    try {
      await client.query('set default_transaction_read_only = off');
      await client.query('set search_path = public'); // the user is called like the run's schema
      const result = await client.query(sql);
      const last = Array.isArray(result) ? result.at(-1) : result;
      return last.rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** As the server's superuser, whatever the run has put up there. */
  async asAdmin(identifier: string, sql: string): Promise<void> {
    await this.rds.serverOf(identifier)?.asAdmin(async (admin) => {
      await admin.query('set default_transaction_read_only = off');
      await admin.query(sql);
    }, this.plan.blue.database);
  }

  /** Gives the user of a secret of the plan another password, on blue and in the secret. @returns takes it back */
  async rotate(secret: 'secretArn' | 'applicationSecretArn', password: string): Promise<() => Promise<void>> {
    const arn = this.plan.blue[secret] ?? '';
    const before = JSON.parse(this.stored.get(arn) ?? '{}') as { username: string; password: string };
    const give = async (given: string) => {
      await this.asAdmin(this.plan.blue.identifier, `alter role ${before.username} password '${given}'`);
      this.stored.set(arn, JSON.stringify({ ...before, password: given }));
    };
    await give(password);
    return () => give(before.password);
  }

  /** Whether a session of the application that asks for read-write transactions may write. */
  writable(address: Address): Promise<boolean> {
    return this.sql(address, 'update account set name = name where id = 1', 'app').then(
      () => true,
      () => false,
    );
  }

  async write(address: Address, name: string): Promise<void> {
    await this.sql(address, `insert into account (name) values ('${name}')`, 'app');
  }

  async has(address: Address, name: string): Promise<boolean> {
    return (await this.sql(address, `select from account where name = '${name}'`)).length === 1;
  }

  async freezeOf(address: Address): Promise<string | undefined> {
    const [row] = await this.sql<{ freeze_id: string }>(address, 'select freeze_id from bluegreen.run');
    return row?.freeze_id;
  }

  async addressOf(identifier: string): Promise<Address> {
    const { address } = (await this.controlPlane.describe(identifier)) ?? {};
    if (!address) {
      throw new Error(`there is no ${identifier}`);
    }
    return address;
  }

  /** What the control plane shows, without what only says when. */
  async shown(): Promise<unknown> {
    const { DBInstances } = await this.client.send(new DescribeDBInstancesCommand({}));
    const { DBSnapshots } = await this.client.send(new DescribeDBSnapshotsCommand({}));
    const { Events } = await this.client.send(new DescribeEventsCommand({ Duration: 20_160 }));
    return { DBInstances, DBSnapshots, Events };
  }
}

export function clientOptions(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' }, maxAttempts: 1 };
}
