/** Makes the record of a snapshot about to be taken. */
import type { InstanceRecord, SnapshotRecord } from '../model/records';
import { newResourceId } from '../model/resource-id';

export interface NewSnapshot {
  identifier: string;
  at: number;
  /** @default none but those the instance copies to its snapshots */
  tags?: Record<string, string>;
}

export function newSnapshot(instance: InstanceRecord, { identifier, at, tags = {} }: NewSnapshot): SnapshotRecord {
  const copied = instance.settings.CopyTagsToSnapshot ? instance.tags : {};
  return {
    identifier,
    resourceId: newResourceId('snapshot'),
    status: 'creating',
    percentProgress: 0,
    createdAt: at,
    instanceIdentifier: instance.identifier,
    instanceResourceId: instance.resourceId,
    instanceCreatedAt: instance.createdAt,
    engineVersion: instance.engineVersion,
    masterUsername: instance.masterUsername,
    ...(instance.databaseName === undefined ? {} : { databaseName: instance.databaseName }),
    port: instance.port,
    settings: { ...instance.settings },
    sourceTags: { ...instance.tags },
    tags: { ...copied, ...tags },
  };
}
