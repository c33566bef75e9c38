/** The stages that operations on instances are made of: the status shown meanwhile, how long it lasts, and what it really does. */
import type { ServerSoftware } from '../../servers/server';
import type { Delays } from '../delays';
import type { InstanceServers } from '../instance-servers';
import type { Account } from '../model/account';
import { SETTING_NAMES, SETTINGS } from '../model/instance-settings';
import type { InstanceStatus } from '../model/instance-status';
import { wantedParameters } from '../model/parameter-values';
import type { InstanceRecord, OperationRecord, SnapshotRecord } from '../model/records';
import type { StageName } from '../model/stage-name';

export interface StageContext {
  instance: InstanceRecord;
  operation: OperationRecord;
  account: Account;
  servers: InstanceServers;
  software: ServerSoftware;
  signal: AbortSignal;
}

interface Stage {
  status: InstanceStatus;
  lasts: keyof Delays;
  /** Changes the records when the stage begins. */
  begin?(context: StageContext): void;
  /** Whether a server that crashed has to be back before. */
  needsServer?: boolean;
  /** Must come to the same end when it is done again after the runtime was killed in the middle of it. */
  work?(context: StageContext): Promise<void>;
  /** Changes the records when work and time are over. */
  finish?(context: StageContext): void;
  /** Changes the records when the work failed. */
  fail?(context: StageContext, reason: string): void;
}

const takeSnapshot: Pick<Stage, 'lasts' | 'begin' | 'needsServer' | 'work' | 'finish' | 'fail'> = {
  lasts: 'snapshotMs',
  begin({ account, operation }) {
    account.publish('RDS-EVENT-0040', snapshotOf(account, operation).identifier);
  },
  needsServer: true,
  async work({ account, servers, instance, operation, signal }) {
    const snapshot = snapshotOf(account, operation);
    await servers.takeSnapshot(instance, snapshot, signal);
    snapshot.percentProgress = 50;
  },
  finish({ account, operation }) {
    const snapshot = snapshotOf(account, operation);
    snapshot.status = 'available';
    snapshot.percentProgress = 100;
    account.publish('RDS-EVENT-0042', snapshot.identifier);
  },
  fail({ account, operation }, reason) {
    const snapshot = snapshotOf(account, operation);
    snapshot.status = 'failed';
    account.publish('LOCAL-EVENT-SNAPSHOT-FAILED', snapshot.identifier, reason);
  },
};

export const STAGES: Record<StageName, Stage> = {
  initialize: {
    status: 'creating',
    lasts: 'creatingMs',
    async work({ servers, software, instance, operation }) {
      await servers.initialize(instance);
      const server = await servers.start(instance);
      const { masterUsername: username, databaseName } = instance;
      const passwordVerifier = operation.masterPasswordVerifier ?? '';
      await software.createMaster(server, { username, passwordVerifier, databaseName });
    },
    finish({ account, instance }) {
      account.publish('RDS-EVENT-0005', instance.identifier);
    },
  },
  'first-backup': {
    status: 'backing-up',
    lasts: 'firstBackupMs',
    begin({ account, instance }) {
      account.publish('RDS-EVENT-0001', instance.identifier);
    },
    finish({ account, instance }) {
      account.publish('RDS-EVENT-0002', instance.identifier);
    },
  },
  restore: {
    status: 'creating',
    lasts: 'creatingMs',
    async work({ account, servers, instance, operation, signal }) {
      await servers.restore(instance, snapshotOf(account, operation), signal);
      await servers.start(instance);
    },
    finish({ account, operation, instance }) {
      account.publish('RDS-EVENT-0043', snapshotOf(account, operation).identifier, `to ${instance.identifier}`);
    },
  },
  settle: { status: 'available', lasts: 'settleMs' },
  configure: {
    status: 'modifying',
    lasts: 'modifyingMs',
    begin({ instance }) {
      instance.parameterApplyStatus = 'applying';
    },
    finish({ instance }) {
      instance.parameterApplyStatus = 'in-sync';
    },
  },
  'reset-credentials': {
    status: 'resetting-master-credentials',
    lasts: 'resettingCredentialsMs',
    needsServer: true,
    async work({ servers, software, instance, operation }) {
      const verifier = operation.masterPasswordVerifier ?? '';
      await software.setMasterPassword(servers.require(instance), instance.masterUsername, verifier);
    },
    finish({ account, instance, operation }) {
      delete operation.masterPasswordVerifier;
      account.publish('RDS-EVENT-0016', instance.identifier);
    },
  },
  'configure-monitoring': { status: 'configuring-enhanced-monitoring', lasts: 'modifyingMs' },
  'configure-iam-auth': { status: 'configuring-iam-database-auth', lasts: 'modifyingMs' },
  'configure-log-exports': { status: 'configuring-log-exports', lasts: 'modifyingMs' },
  'apply-pending': {
    status: 'modifying',
    lasts: 'modifyingMs',
    async work({ servers, instance }) {
      const restarts = SETTING_NAMES.some((name) => SETTINGS[name].restarts && instance.pending[name] !== undefined);
      if (restarts) await servers.restart(instance);
    },
    finish({ account, instance }) {
      if (instance.pending.DBInstanceClass !== undefined) account.publish('RDS-EVENT-0014', instance.identifier);
      instance.settings = { ...instance.settings, ...instance.pending };
      instance.pending = {};
    },
  },
  'optimize-storage': { status: 'storage-optimization', lasts: 'optimizingStorageMs' },
  'apply-parameter-group': {
    status: 'modifying',
    lasts: 'modifyingMs',
    finish({ account, instance }) {
      instance.parameterApplyStatus = 'pending-reboot';
      account.publish('RDS-EVENT-0011', instance.identifier, instance.parameterGroup);
    },
  },
  rename: {
    status: 'renaming',
    lasts: 'renamingMs',
    finish({ instance }) {
      instance.identifier = instance.pendingIdentifier ?? instance.identifier;
      delete instance.pendingIdentifier;
    },
  },
  reboot: {
    status: 'rebooting',
    lasts: 'rebootingMs',
    begin({ account, instance }) {
      account.publish('RDS-EVENT-0004', instance.identifier);
    },
    async work({ account, servers, instance }) {
      instance.appliedParameters = wantedParameters(account.parameterGroup(instance.parameterGroup));
      await servers.restart(instance);
    },
    finish({ account, instance }) {
      instance.parameterApplyStatus = 'in-sync';
      account.publish('RDS-EVENT-0006', instance.identifier);
    },
  },
  snapshot: { ...takeSnapshot, status: 'backing-up' },
  'final-snapshot': { ...takeSnapshot, status: 'deleting' },
  delete: {
    status: 'deleting',
    lasts: 'deletingMs',
    async work({ servers, instance }) {
      await servers.removeInstance(instance);
    },
    finish({ account, instance }) {
      account.removeInstance(instance);
      account.publish('RDS-EVENT-0003', instance.identifier);
    },
  },
};

function snapshotOf(account: Account, { snapshotIdentifier = '' }: OperationRecord): SnapshotRecord {
  return account.snapshot(snapshotIdentifier);
}
