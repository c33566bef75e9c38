/** RestoreDBInstanceFromDBSnapshot, with AWS's defaults for everything the caller does not say. */
import { parseIdentifier } from '../model/identifiers';
import type { InstanceSettings } from '../model/instance-settings';
import { wantedParameters } from '../model/parameter-values';
import type { InstanceRecord, SnapshotRecord } from '../model/records';
import { newResourceId } from '../model/resource-id';
import type { StageName } from '../model/stage-name';
import { requireStorage } from '../model/storage';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { requireEngine } from './create-instance';
import { instanceView } from './instance-view';
import type { Action, Service } from './service';
import { initialSettings, readSettings, requireConsistent, restoredSettings } from './settings';
import { readTags } from './tag-lists';

export const restoreDBInstanceFromDBSnapshot: Action = async (request, service) => {
  const { account, operations } = service;
  const snapshot = account.snapshot(request.requiredText('DBSnapshotIdentifier'));
  const port = request.integer('Port');
  const given = readSettings(request, (rule) => rule.restorable !== false);
  const instance = readInstance(snapshot, given, request, service);
  const reconfigured = request.text('DBParameterGroupName') ?? request.texts('EnableCloudwatchLogsExports');
  request.refuseUnread();
  requireRestorable(snapshot, instance);
  requireStorage(given, instance.settings, account.engine);
  account.addInstance(instance);
  try {
    instance.port = await service.choosePort(port);
  } catch (error) {
    account.removeInstance(instance);
    throw error;
  }
  // As on AWS: an instance that got a parameter group or log exports shows "available" and, a little later, is not any more.
  const stages: StageName[] = ['restore'];
  if (Number(instance.settings.BackupRetentionPeriod) > 0) stages.push('first-backup');
  if (reconfigured !== undefined) stages.push('settle', 'configure');
  operations.begin(instance, { stages, snapshotIdentifier: snapshot.identifier });
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};

function readInstance(
  snapshot: SnapshotRecord,
  given: InstanceSettings,
  request: QueryRequest,
  service: Service,
): InstanceRecord {
  const { account, software } = service;
  requireEngine(request, software);
  const parameterGroup = account.parameterGroup(request.text('DBParameterGroupName') ?? account.defaultParameterGroup);
  const defaults = restoredSettings(snapshot.settings, initialSettings(account.arns.region, software));
  return {
    identifier: parseIdentifier('DBInstanceIdentifier', request.requiredText('DBInstanceIdentifier')),
    resourceId: newResourceId('db'),
    status: 'creating',
    createdAt: account.now(),
    engineVersion: snapshot.engineVersion,
    masterUsername: snapshot.masterUsername,
    ...(snapshot.databaseName === undefined ? {} : { databaseName: snapshot.databaseName }),
    port: 0,
    settings: { ...defaults, ...given },
    pending: {},
    parameterGroup: parameterGroup.name,
    parameterApplyStatus: 'in-sync',
    appliedParameters: wantedParameters(parameterGroup),
    roles: [],
    tags: readTags(request) ?? { ...snapshot.sourceTags },
    operation: null,
  };
}

function requireRestorable(snapshot: SnapshotRecord, { settings }: InstanceRecord): void {
  if (snapshot.status !== 'available') {
    throw new RdsFault(
      'InvalidDBSnapshotState',
      `The DB snapshot ${snapshot.identifier} has status ${snapshot.status}; it can be restored once it is available.`,
    );
  }
  if (Number(settings.AllocatedStorage) < Number(snapshot.settings.AllocatedStorage)) {
    throw new RdsFault(
      'InvalidParameterValue',
      `Invalid storage size ${settings.AllocatedStorage}: the snapshot needs at least ${snapshot.settings.AllocatedStorage} GiB.`,
    );
  }
  requireConsistent(settings);
}
