/** What the local RDS endpoint remembers: plain data, written to the state file as it is. */

import type { InstanceSettings } from './instance-settings';
import type { InstanceStatus } from './instance-status';
import type { StageName } from './stage-name';

/** An instance's work in progress: the stages still to be done, the first of them begun. */
export interface OperationRecord {
  stages: StageName[];
  /** The SCRAM verifier to set; a password itself is never kept. */
  masterPasswordVerifier?: string;
  /** The snapshot to restore from, or to make. */
  snapshotIdentifier?: string;
}

export type ParameterApplyStatus = 'applying' | 'in-sync' | 'pending-reboot';

export interface InstanceRecord {
  identifier: string;
  /** Never changes, not even when the instance is renamed; it also names the instance's folder. */
  resourceId: string;
  status: InstanceStatus;
  /** Milliseconds since the epoch. */
  createdAt: number;
  engineVersion: string;
  masterUsername: string;
  /** Where RDS manages the master user's password. */
  masterUserSecretArn?: string;
  databaseName?: string;
  port: number;
  settings: InstanceSettings;
  pending: InstanceSettings;
  pendingIdentifier?: string;
  parameterGroup: string;
  parameterApplyStatus: ParameterApplyStatus;
  /** The values of its parameter group that the server has been told, as opposed to those it is still to learn. */
  appliedParameters: Record<string, string>;
  roles: { roleArn: string; featureName: string }[];
  tags: Record<string, string>;
  replicaOf?: string;
  operation: OperationRecord | null;
}

export interface SnapshotRecord {
  identifier: string;
  /** Names the folder. */
  resourceId: string;
  status: 'creating' | 'available' | 'failed' | 'deleting';
  percentProgress: number;
  createdAt: number;
  instanceIdentifier: string;
  instanceResourceId: string;
  instanceCreatedAt: number;
  engineVersion: string;
  masterUsername: string;
  databaseName?: string;
  port: number;
  /** The source's settings and tags when the snapshot was taken. */
  settings: InstanceSettings;
  sourceTags: Record<string, string>;
  tags: Record<string, string>;
}

export interface ParameterGroupRecord {
  name: string;
  family: string;
  description: string;
  values: Record<string, { value: string; applyMethod: 'immediate' | 'pending-reboot' }>;
  tags: Record<string, string>;
}

export type EventSource = 'db-instance' | 'db-snapshot' | 'db-parameter-group';

export interface EventRecord {
  source: EventSource;
  identifier: string;
  arn: string;
  message: string;
  categories: readonly string[];
  at: number;
}

export interface AccountRecord {
  version: 1;
  adminPassword: string;
  instances: InstanceRecord[];
  snapshots: SnapshotRecord[];
  parameterGroups: ParameterGroupRecord[];
  events: EventRecord[];
}
