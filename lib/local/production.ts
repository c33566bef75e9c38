/** Plays production: makes blue as a platform team would have it, fills it with the plan's seed, and knows its users. */
import { AuthorizeSecurityGroupIngressCommand, type EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ModifyDBParameterGroupCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { Client, escapeLiteral } from 'pg';
import { PlanInvalid } from '../core/errors';
import type { Plan } from '../core/plan';
import { readiness } from '../core/readiness';
import type { Address } from '../core/run';
import type { Clock } from '../ports/clock';
import { fillWithSeed } from './seed';
import type { ServerSoftware } from './servers/server';

/** The user the plan's seed grants its rights to, and the writers log in as. */
export const APPLICATION_USER = 'app';
/** The run's own user: RDS's master user, which is no superuser. */
export const MASTER_USER = 'bluegreen';

export interface ProductionOptions {
  readonly plan: Plan;
  readonly planFolder: string;
  readonly rds: RDSClient;
  readonly clock: Clock;
  readonly masterPassword: string;
  readonly applicationPassword: string;
  /** What blue is made of. */
  readonly software: Pick<ServerSoftware, 'engine' | 'family' | 'followable'>;
}

const POLL_MS = 5_000;

export class BlueNotMade extends Error {
  override readonly name = 'BlueNotMade';
  constructor(
    readonly identifier: string,
    readonly status: string,
    readonly reason: string,
  ) {
    super(`the local "${identifier}" could not be made, its status is "${status}": ${reason}`);
  }
}

/**
 * @returns where blue listens
 * @throws PlanInvalid
 * @throws BlueNotMade
 */
export async function makeProduction(options: ProductionOptions): Promise<Address> {
  await createBlue(options).catch((error: Error) => {
    throw error.name === 'InvalidParameterValue'
      ? new PlanInvalid(options.planFolder, [`plan.json: the local RDS cannot make such a blue: ${error.message}`])
      : error;
  });
  const address = await untilAvailable(options);
  await seed(options, address);
  return address;
}

/** As a platform team would have the groups for a run that follows: their members reach each other. */
export async function letMembersIn(ec2: EC2Client, { network }: Plan): Promise<void> {
  for (const GroupId of network.securityGroupIds) {
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }],
      }),
    );
  }
}

/** Settings that differ from RDS's defaults, so that a clone that forgets one is seen to. */
async function createBlue({ plan, rds, masterPassword, software }: ProductionOptions): Promise<void> {
  const { identifier, database } = plan.blue;
  const group = `${plan.name}-parameters`;
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: group,
      DBParameterGroupFamily: software.family,
      Description: `Parameters of ${identifier}`,
    }),
  );
  await rds.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: group,
      Parameters: Object.entries(software.followable).map(([ParameterName, ParameterValue]) => ({
        ParameterName,
        ParameterValue,
        ApplyMethod: 'pending-reboot',
      })),
    }),
  );
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: identifier,
      Engine: software.engine,
      DBInstanceClass: 'db.m7g.large',
      AllocatedStorage: 100,
      MaxAllocatedStorage: 500,
      StorageType: 'gp3',
      DBName: database,
      MasterUsername: MASTER_USER,
      MasterUserPassword: masterPassword,
      DBParameterGroupName: group,
      VpcSecurityGroupIds: plan.network.securityGroupIds,
      MultiAZ: true,
      PreferredMaintenanceWindow: 'sun:03:00-sun:03:30',
      CopyTagsToSnapshot: true,
      BackupRetentionPeriod: 7,
      Tags: [{ Key: 'team', Value: 'platform' }],
    }),
  );
}

async function untilAvailable({ plan, rds, clock }: ProductionOptions): Promise<Address> {
  for (;;) {
    const { DBInstances } = await rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: plan.blue.identifier }),
    );
    const [blue] = DBInstances ?? [];
    const { Address: host, Port: port } = blue?.Endpoint ?? {};
    if (blue?.DBInstanceStatus === 'available' && host !== undefined && port !== undefined) {
      return { host, port };
    }
    if (blue?.DBInstanceStatus !== undefined && readiness(blue.DBInstanceStatus) === 'failed') {
      const { Events } = await rds.send(
        new DescribeEventsCommand({ SourceIdentifier: plan.blue.identifier, SourceType: 'db-instance' }),
      );
      throw new BlueNotMade(
        plan.blue.identifier,
        blue.DBInstanceStatus,
        Events?.at(-1)?.Message ?? 'no event says why',
      );
    }
    await clock.sleep(POLL_MS);
  }
}

/** @throws PlanInvalid when the seed cannot be read or the server refuses it */
async function seed(
  { plan, planFolder, masterPassword, applicationPassword }: ProductionOptions,
  address: Address,
): Promise<void> {
  const client = new Client({
    ...address,
    database: plan.blue.database,
    user: MASTER_USER,
    password: masterPassword,
    application_name: 'seed',
  });
  await client.connect();
  try {
    await client.query(`create role ${APPLICATION_USER} login password ${escapeLiteral(applicationPassword)}`);
    await fillWithSeed(client, planFolder);
    // as autovacuum would have done by now in production
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}
