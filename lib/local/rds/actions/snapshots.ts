/** CreateDBSnapshot, DescribeDBSnapshots and DeleteDBSnapshot. */
import type { Account } from '../model/account';
import { parseIdentifier } from '../model/identifiers';
import type { SnapshotRecord } from '../model/records';
import { shownStorage } from '../model/storage';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { list, type XmlTree } from '../protocol/xml';
import { type FilterTable, filtered } from './filters';
import { page } from './paging';
import type { Action } from './service';
import { newSnapshot } from './snapshot-record';
import { readTags, tagList } from './tag-lists';

export const createDBSnapshot: Action = async (request, { account, operations }) => {
  const identifier = parseIdentifier('DBSnapshotIdentifier', request.requiredText('DBSnapshotIdentifier'));
  const instanceIdentifier = request.requiredText('DBInstanceIdentifier');
  const tags = readTags(request) ?? {};
  request.refuseUnread();
  const instance = account.instance(instanceIdentifier);
  const snapshot = newSnapshot(instance, { identifier, at: account.now(), tags });
  if (account.snapshots.every((other) => other.identifier !== identifier))
    account.availableInstance(instanceIdentifier);
  account.addSnapshot(snapshot);
  operations.begin(instance, { stages: ['snapshot'], snapshotIdentifier: identifier });
  await account.save();
  return { DBSnapshot: snapshotView(snapshot, account) };
};

export const describeDBSnapshots: Action = async (request, { account }) => {
  const candidates = filtered(request, selected(request, account), snapshotFilters(account));
  const { items, marker } = page(request, candidates, (item) => item.identifier);
  request.boolean('IncludeShared');
  request.boolean('IncludePublic');
  request.refuseUnread();
  return {
    DBSnapshots: list(
      'DBSnapshot',
      items.map((snapshot) => snapshotView(snapshot, account)),
    ),
    Marker: marker,
  };
};

export const deleteDBSnapshot: Action = async (request, { account, operations }) => {
  const snapshot = account.snapshot(request.requiredText('DBSnapshotIdentifier'));
  request.refuseUnread();
  const user = account.instances.find(({ operation }) => operation?.snapshotIdentifier === snapshot.identifier);
  if (user || !['available', 'failed'].includes(snapshot.status)) {
    const why = user ? `it is in use for ${user.identifier}` : `its status is ${snapshot.status}`;
    throw new RdsFault('InvalidDBSnapshotState', `Cannot delete the snapshot ${snapshot.identifier} now: ${why}.`);
  }
  operations.deleteSnapshot(snapshot);
  await account.save();
  return { DBSnapshot: snapshotView(snapshot, account) };
};

function selected(request: QueryRequest, account: Account): SnapshotRecord[] {
  const identifier = request.text('DBSnapshotIdentifier');
  const instance = request.text('DBInstanceIdentifier')?.toLowerCase();
  const resourceId = request.text('DbiResourceId');
  const type = request.text('SnapshotType') ?? 'manual';
  return (identifier === undefined ? account.snapshots : [account.snapshot(identifier)])
    .filter((snapshot) => instance === undefined || snapshot.instanceIdentifier === instance)
    .filter((snapshot) => resourceId === undefined || snapshot.instanceResourceId === resourceId)
    .filter(() => type === 'manual');
}

function snapshotFilters({ arns, engine }: Account): FilterTable<SnapshotRecord> {
  return {
    'db-instance-id': ({ instanceIdentifier }) => [instanceIdentifier, arns.of('db', instanceIdentifier)],
    'db-snapshot-id': ({ identifier }) => [identifier],
    'dbi-resource-id': ({ instanceResourceId }) => [instanceResourceId],
    'snapshot-type': () => ['manual'],
    engine: () => [engine],
  };
}

function snapshotView(snapshot: SnapshotRecord, account: Account): XmlTree {
  const { settings } = snapshot;
  const carried = Object.fromEntries(
    (
      [
        'AllocatedStorage',
        'AvailabilityZone',
        'BackupRetentionPeriod',
        'DedicatedLogVolume',
        'IAMDatabaseAuthenticationEnabled',
        'KmsKeyId',
        'LicenseModel',
        'OptionGroupName',
        'PreferredBackupWindow',
        'StorageType',
      ] as const
    ).map((name) => [name, settings[name] as string | undefined]),
  );
  return {
    ...carried,
    ...shownStorage(settings),
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: account.arns.of('snapshot', snapshot.identifier),
    DBInstanceIdentifier: snapshot.instanceIdentifier,
    DbiResourceId: snapshot.instanceResourceId,
    SnapshotCreateTime: new Date(snapshot.createdAt),
    OriginalSnapshotCreateTime: new Date(snapshot.createdAt),
    InstanceCreateTime: new Date(snapshot.instanceCreatedAt),
    Engine: account.engine,
    EngineVersion: snapshot.engineVersion,
    Status: snapshot.status,
    PercentProgress: snapshot.percentProgress,
    Port: snapshot.port,
    VpcId: 'vpc-local',
    MasterUsername: snapshot.masterUsername,
    SnapshotType: 'manual',
    SnapshotTarget: 'region',
    Encrypted: settings.StorageEncrypted === true,
    TagList: tagList(snapshot.tags),
  };
}
