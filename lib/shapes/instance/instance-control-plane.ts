/** The ControlPlane port for the instance shape: RDS DB instances, their snapshots and settings. */
import {
  AddRoleToDBInstanceCommand,
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  type DBInstance,
  DBInstanceNotFoundFault,
  type DBInstanceRole,
  type DBSnapshot,
  DBSnapshotNotFoundFault,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  type Tag,
} from '@aws-sdk/client-rds';
import { ResourceFailed } from '../../core/errors';
import { carriedTags, TAG_DISPOSABLE, TAG_PLAN, type Tags } from '../../core/identifiers';
import { readiness } from '../../core/readiness';
import type { ControlPlane, DatabaseDescription, SnapshotDescription } from '../../ports/control-plane';
import type { ServerLogFormat } from '../../ports/server-log';
import { explained } from '../control-plane-errors';
import { missingAfterRestore, missingRoles, restoreSettings } from './carried-settings';
import { serverLog } from './server-log';

export class InstanceControlPlane implements ControlPlane {
  constructor(
    private readonly rds: RDSClient,
    private readonly logFormat: ServerLogFormat,
  ) {}

  async describe(identifier: string): Promise<DatabaseDescription | undefined> {
    const instance = await this.instance(identifier);
    return instance && describeInstance(instance);
  }

  async handedOver(planName: string): Promise<readonly DatabaseDescription[]> {
    const found: DatabaseDescription[] = [];
    let Marker: string | undefined;
    do {
      const page = await this.call('DescribeDBInstances', () =>
        this.rds.send(new DescribeDBInstancesCommand(Marker === undefined ? {} : { Marker })),
      );
      found.push(...(page?.DBInstances ?? []).map(describeInstance));
      Marker = page?.Marker;
    } while (Marker);
    return found.filter(({ tags }) => tags[TAG_PLAN] === planName && tags[TAG_DISPOSABLE] === 'false');
  }

  async describeSnapshot(identifier: string): Promise<SnapshotDescription | undefined> {
    const snapshot = await this.snapshot(identifier);
    return (
      snapshot && {
        identifier,
        sourceResourceId: snapshot.DbiResourceId ?? '',
        status: snapshot.Status ?? '',
        percentProgress: snapshot.PercentProgress ?? 0,
        tags: fromTagList(snapshot.TagList),
      }
    );
  }

  async createSnapshot(identifier: string, source: string, tags: Tags): Promise<void> {
    await this.call('CreateDBSnapshot', () =>
      this.rds.send(
        new CreateDBSnapshotCommand({
          DBSnapshotIdentifier: identifier,
          DBInstanceIdentifier: source,
          Tags: toTagList(tags),
        }),
      ),
    );
  }

  async deleteSnapshot(identifier: string): Promise<void> {
    await this.call(
      'DeleteDBSnapshot',
      () => this.rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: identifier })),
      DBSnapshotNotFoundFault,
    );
  }

  async clone(identifier: string, snapshot: string, like: string, tags: Tags): Promise<void> {
    const blue = await this.required(like);
    // blue's storage may have grown since
    const allocatedGiB = (await this.snapshot(snapshot))?.AllocatedStorage;
    await this.call('RestoreDBInstanceFromDBSnapshot', () =>
      this.rds.send(
        new RestoreDBInstanceFromDBSnapshotCommand({
          ...restoreSettings(blue, allocatedGiB),
          DBInstanceIdentifier: identifier,
          DBSnapshotIdentifier: snapshot,
          // blue's own tags, then ours: a restore without tags would inherit what blue carried at the snapshot
          Tags: toTagList({ ...carriedTags(fromTagList(blue.TagList)), ...tags }),
        }),
      ),
    );
  }

  async settle(identifier: string, like: string): Promise<readonly string[]> {
    const green = await this.required(identifier);
    const blue = await this.required(like);
    const { settings, names } = missingAfterRestore(blue, green);
    if (names.length > 0) {
      await this.call('ModifyDBInstance', () =>
        this.rds.send(
          new ModifyDBInstanceCommand({ ...settings, DBInstanceIdentifier: identifier, ApplyImmediately: true }),
        ),
      );
      return names;
    }
    if (describeInstance(green).awaitingReboot.length > 0 && readiness(green.DBInstanceStatus ?? '') === 'usable') {
      await this.call('RebootDBInstance', () =>
        this.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: identifier })),
      );
      return ['a reboot, for its parameter group'];
    }
    return this.addRoles(identifier, missingRoles(blue, green));
  }

  private async addRoles(identifier: string, roles: readonly DBInstanceRole[]): Promise<readonly string[]> {
    for (const { RoleArn, FeatureName } of roles) {
      await this.call('AddRoleToDBInstance', () =>
        this.rds.send(new AddRoleToDBInstanceCommand({ DBInstanceIdentifier: identifier, RoleArn, FeatureName })),
      );
    }
    return roles.map(({ FeatureName }) => `the role for ${FeatureName}`);
  }

  async serverLog(identifier: string, sinceMs: number): Promise<readonly string[]> {
    const lines = await this.call(
      'DownloadDBLogFilePortion',
      () => serverLog(this.rds, identifier, sinceMs, this.logFormat),
      DBInstanceNotFoundFault,
    );
    return lines ?? [];
  }

  async tag(identifier: string, tags: Tags): Promise<void> {
    const { DBInstanceArn } = await this.required(identifier);
    await this.call('AddTagsToResource', () =>
      this.rds.send(new AddTagsToResourceCommand({ ResourceName: DBInstanceArn, Tags: toTagList(tags) })),
    );
  }

  async setDeletionProtection(identifier: string, on: boolean): Promise<void> {
    if ((await this.required(identifier)).DeletionProtection === on) {
      return;
    }
    await this.call('ModifyDBInstance', () =>
      this.rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          DeletionProtection: on,
          ApplyImmediately: true,
        }),
      ),
    );
  }

  async deleteDatabase(identifier: string, finalSnapshot?: string): Promise<void> {
    await this.call(
      'DeleteDBInstance',
      () =>
        this.rds.send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: identifier,
            ...(finalSnapshot === undefined
              ? { SkipFinalSnapshot: true }
              : { SkipFinalSnapshot: false, FinalDBSnapshotIdentifier: finalSnapshot }),
          }),
        ),
      DBInstanceNotFoundFault,
    );
  }

  private async instance(identifier: string): Promise<DBInstance | undefined> {
    const answer = await this.call(
      'DescribeDBInstances',
      () => this.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier })),
      DBInstanceNotFoundFault,
    );
    return answer?.DBInstances?.[0];
  }

  private async snapshot(identifier: string): Promise<DBSnapshot | undefined> {
    const answer = await this.call(
      'DescribeDBSnapshots',
      () => this.rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: identifier })),
      DBSnapshotNotFoundFault,
    );
    return answer?.DBSnapshots?.[0];
  }

  private async required(identifier: string): Promise<DBInstance> {
    const instance = await this.instance(identifier);
    if (!instance) {
      throw new ResourceFailed(identifier, 'not found');
    }
    return instance;
  }

  /** Undefined when the service answers with `absent`: what is not there is described as not there, and deleted. */
  private async call<Answer>(
    operation: string,
    send: () => Promise<Answer>,
    absent?: new (...args: never[]) => Error,
  ): Promise<Answer | undefined> {
    try {
      return await send();
    } catch (error) {
      if (absent && error instanceof absent) {
        return undefined;
      }
      throw explained(operation, error);
    }
  }
}

function describeInstance(instance: DBInstance): DatabaseDescription {
  const {
    DBInstanceIdentifier,
    DbiResourceId,
    DBInstanceArn,
    DBInstanceStatus,
    Endpoint,
    ReadReplicaSourceDBInstanceIdentifier,
  } = instance;
  return {
    identifier: DBInstanceIdentifier ?? '',
    resourceId: DbiResourceId ?? '',
    arn: DBInstanceArn ?? '',
    status: DBInstanceStatus ?? '',
    engine: instance.Engine ?? '',
    ...(Endpoint?.Address !== undefined &&
      Endpoint.Port !== undefined && { address: { host: Endpoint.Address, port: Endpoint.Port } }),
    ...(ReadReplicaSourceDBInstanceIdentifier !== undefined && {
      readReplicaOf: ReadReplicaSourceDBInstanceIdentifier,
    }),
    ...(instance.MasterUserSecret?.SecretArn !== undefined && {
      managedSecretArn: instance.MasterUserSecret.SecretArn,
    }),
    awaitingReboot: (instance.DBParameterGroups ?? []).flatMap(({ DBParameterGroupName = '', ParameterApplyStatus }) =>
      ParameterApplyStatus === 'pending-reboot' ? [DBParameterGroupName] : [],
    ),
    placement: {
      securityGroupIds: (instance.VpcSecurityGroups ?? []).flatMap(
        ({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [],
      ),
      subnetIds: (instance.DBSubnetGroup?.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []),
      dualStack: instance.NetworkType === 'DUAL',
    },
    deletionProtection: instance.DeletionProtection ?? false,
    tags: fromTagList(instance.TagList),
    unsettled: [
      ...Object.keys(instance.PendingModifiedValues ?? {}).map((name) => `${name} is pending`),
      ...(instance.DBParameterGroups ?? [])
        .filter(({ ParameterApplyStatus }) => ParameterApplyStatus !== 'in-sync')
        .map(
          ({ DBParameterGroupName, ParameterApplyStatus }) =>
            `parameter group ${DBParameterGroupName} is "${ParameterApplyStatus}"`,
        ),
    ],
  };
}

function fromTagList(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

function toTagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
