/** ModifyDBInstance: what changes at once, what waits in PendingModifiedValues, and the stages that carry it out. */

import { randomBytes } from 'node:crypto';
import type { ServerSoftware } from '../../servers/server';
import { parseIdentifier, parseMasterPassword } from '../model/identifiers';
import { type InstanceSettings, SETTINGS, type SettingName } from '../model/instance-settings';
import type { InstanceRecord, OperationRecord } from '../model/records';
import type { StageName } from '../model/stage-name';
import { requireStorage } from '../model/storage';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { requireEngine } from './create-instance';
import { instanceView } from './instance-view';
import type { Action, Service } from './service';
import { readSettings, requireConsistent } from './settings';

const STORAGE = ['AllocatedStorage', 'StorageType', 'Iops', 'StorageThroughput'] as const;

interface Changes {
  settings: InstanceSettings;
  applyImmediately: boolean;
  newIdentifier?: string;
  parameterGroup?: string;
  masterPassword?: string;
  /** Whether RDS is to manage the master user's password from now on. */
  managed?: boolean;
}

export const modifyDBInstance: Action = async (request, service) => {
  const { account, operations } = service;
  const identifier = request.requiredText('DBInstanceIdentifier');
  const changes = readChanges(request, service);
  const instance = account.availableInstance(identifier);
  const settings = { ...instance.settings, ...instance.pending, ...changes.settings };
  const logs = readLogExports(request, instance);
  request.refuseUnread();
  requireConsistent(settings);
  requireStorage(changes.settings, settings, service.account.engine);
  requireNotShrunk(instance, settings);
  requireNotOptimizing(instance, changes.settings);
  if (changes.newIdentifier !== undefined) account.requireFreeIdentifier(changes.newIdentifier);

  if (changes.managed === false) delete instance.masterUserSecretArn;
  if (changes.managed) instance.masterUserSecretArn = account.arns.managedSecret(instance.resourceId);
  const operation = apply(instance, { ...changes, settings: { ...changes.settings, ...logs } }, service.software);
  if (operation.stages.length > 1) operations.begin(instance, operation);
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};

function readChanges(request: QueryRequest, { account, software }: Service): Changes {
  requireEngine(request, software);
  request.boolean('AllowMajorVersionUpgrade');
  const newIdentifier = request.text('NewDBInstanceIdentifier');
  const group = request.text('DBParameterGroupName');
  return {
    settings: readSettings(
      request,
      (rule, name) => rule.modify !== undefined && name !== 'EnabledCloudwatchLogsExports',
    ),
    applyImmediately: request.boolean('ApplyImmediately') ?? false,
    ...(newIdentifier === undefined
      ? {}
      : { newIdentifier: parseIdentifier('NewDBInstanceIdentifier', newIdentifier) }),
    ...(group === undefined ? {} : { parameterGroup: account.parameterGroup(group).name }),
    ...readMasterPassword(request),
  };
}

/** As on AWS, RDS makes up the password that it manages, and needs to be told one when it is to manage it no more. */
function readMasterPassword(request: QueryRequest): Pick<Changes, 'masterPassword' | 'managed'> {
  const password = request.text('MasterUserPassword');
  const managed = request.boolean('ManageMasterUserPassword');
  if (managed !== undefined && managed === (password !== undefined)) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'You must specify MasterUserPassword when you turn ManageMasterUserPassword off, and must not when you turn it on.',
    );
  }
  return {
    ...(managed === true ? { masterPassword: randomBytes(24).toString('base64url') } : {}),
    ...(password === undefined ? {} : { masterPassword: parseMasterPassword(password) }),
    ...(managed === undefined ? {} : { managed }),
  };
}

function readLogExports(request: QueryRequest, { settings }: InstanceRecord): InstanceSettings {
  const configuration = request.record('CloudwatchLogsExportConfiguration');
  if (!configuration) return {};
  const disabled = configuration.texts('DisableLogTypes') ?? [];
  const before = (settings.EnabledCloudwatchLogsExports ?? []) as readonly string[];
  const after = [...before, ...(configuration.texts('EnableLogTypes') ?? [])].filter(
    (type) => !disabled.includes(type),
  );
  return { EnabledCloudwatchLogsExports: [...new Set(after)] };
}

function requireNotOptimizing({ status }: InstanceRecord, given: InstanceSettings): void {
  if (status !== 'storage-optimization' || STORAGE.every((name) => given[name] === undefined)) return;
  throw new RdsFault(
    'InvalidParameterCombination',
    "You can't currently modify the storage of this DB instance because the previous storage change is being optimized.",
  );
}

function requireNotShrunk({ settings }: InstanceRecord, changed: InstanceSettings): void {
  const [before, after] = [Number(settings.AllocatedStorage), Number(changed.AllocatedStorage)];
  if (after === before || after >= before * 1.1) return;
  throw new RdsFault(
    'InvalidParameterCombination',
    `Invalid storage size ${after} GiB: storage cannot shrink and grows by at least 10 % of its ${before} GiB.`,
  );
}

/**
 * Changes the record and returns the stages still to come; the first is the moment in which the instance still shows
 * "available" after the call has returned.
 */
function apply(instance: InstanceRecord, changes: Changes, { passwordVerifier }: ServerSoftware): OperationRecord {
  const stages = new Set<StageName>(['settle']);
  const operation: OperationRecord = { stages: [] };
  if (changes.masterPassword !== undefined) {
    operation.masterPasswordVerifier = passwordVerifier(changes.masterPassword);
    stages.add('reset-credentials');
  }
  for (const [name, value] of Object.entries(changes.settings) as [SettingName, InstanceSettings[SettingName]][]) {
    if (value === undefined || same(value, instance.pending[name] ?? instance.settings[name])) continue;
    const { modify } = SETTINGS[name];
    if (modify === 'pending') instance.pending[name] = value;
    else instance.settings[name] = value;
    if (modify === 'configuring-enhanced-monitoring') stages.add('configure-monitoring');
    if (modify === 'configuring-iam-database-auth') stages.add('configure-iam-auth');
    if (modify === 'configuring-log-exports') stages.add('configure-log-exports');
  }
  if (changes.newIdentifier !== undefined) instance.pendingIdentifier = changes.newIdentifier;
  const applied = changes.applyImmediately ? instance.pending : {};
  if (Object.keys(applied).length > 0) stages.add('apply-pending');
  if (changes.parameterGroup !== undefined && changes.parameterGroup !== instance.parameterGroup) {
    instance.parameterGroup = changes.parameterGroup;
    instance.parameterApplyStatus = 'applying';
    stages.add('apply-parameter-group');
  }
  if (changes.applyImmediately && instance.pendingIdentifier !== undefined) stages.add('rename').add('reboot');
  else for (const stage of whatFollows(instance.settings, applied)) stages.add(stage);
  operation.stages = [...stages];
  return operation;
}

/** A changed volume is optimized for long; automated backups that are turned on begin with one. */
function whatFollows(settings: InstanceSettings, applied: InstanceSettings): StageName[] {
  if (settings.BackupRetentionPeriod === 0 && Number(applied.BackupRetentionPeriod) > 0) return ['first-backup'];
  return STORAGE.some((name) => applied[name] !== undefined) ? ['optimize-storage'] : [];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
