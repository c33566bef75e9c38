/** DeleteDBInstance: deletion protection, the rules of the final snapshot, and the end of the server and its data. */
import { parseIdentifier } from '../model/identifiers';
import type { InstanceStatus } from '../model/instance-status';
import type { InstanceRecord } from '../model/records';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { instanceView } from './instance-view';
import type { Action, Service } from './service';
import { newSnapshot } from './snapshot-record';

/** Of these no final snapshot can be taken. */
const BROKEN: readonly InstanceStatus[] = ['failed', 'incompatible-parameters'];

export const deleteDBInstance: Action = async (request, service) => {
  const { account, operations } = service;
  const instance = account.instance(request.requiredText('DBInstanceIdentifier'));
  const finalSnapshot = readFinalSnapshot(request);
  request.boolean('DeleteAutomatedBackups');
  request.refuseUnread();
  requireDeletable(instance, finalSnapshot, service);
  if (finalSnapshot !== undefined) {
    account.addSnapshot(newSnapshot(instance, { identifier: finalSnapshot, at: account.now() }));
    operations.begin(instance, { stages: ['final-snapshot', 'delete'], snapshotIdentifier: finalSnapshot });
  } else {
    operations.begin(instance, { stages: ['delete'] });
  }
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};

/** Undefined: the caller said that there shall be none. */
function readFinalSnapshot(request: QueryRequest): string | undefined {
  const skip = request.boolean('SkipFinalSnapshot') ?? false;
  const identifier = request.text('FinalDBSnapshotIdentifier');
  if (skip && identifier !== undefined) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier cannot be specified when deleting a DB instance with SkipFinalSnapshot=true.',
    );
  }
  if (skip) return undefined;
  if (identifier === undefined) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
  return parseIdentifier('FinalDBSnapshotIdentifier', identifier);
}

function requireDeletable(instance: InstanceRecord, finalSnapshot: string | undefined, { account }: Service): void {
  if (instance.settings.DeletionProtection) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    );
  }
  if (instance.status === 'deleting') {
    throw new RdsFault('InvalidDBInstanceState', `Instance ${instance.identifier} is already being deleted.`);
  }
  if (!BROKEN.includes(instance.status)) account.availableInstance(instance.identifier);
  else if (finalSnapshot !== undefined) {
    throw new RdsFault(
      'InvalidDBInstanceState',
      `No final snapshot can be taken of ${instance.identifier}, its status is ${instance.status}: specify SkipFinalSnapshot.`,
    );
  }
  if (finalSnapshot !== undefined && instance.replicaOf !== undefined) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'FinalDBSnapshotIdentifier can not be specified when deleting a replica instance.',
    );
  }
}
