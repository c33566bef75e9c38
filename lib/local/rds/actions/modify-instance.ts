/** ModifyDBInstance: what changes at once, what waits in PendingModifiedValues, and the stages that carry it out. */
import { scramVerifier } from '../../postgres/scram-verifier';
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

interface Changes {
  settings: InstanceSettings;
  applyImmediately: boolean;
  newIdentifier?: string;
  parameterGroup?: string;
  masterPassword?: string;
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
  requireStorage(changes.settings, settings);
  requireNotShrunk(instance, settings);
  if (changes.newIdentifier !== undefined) account.requireFreeIdentifier(changes.newIdentifier);

  const operation = apply(instance, { ...changes, settings: { ...changes.settings, ...logs } });
  if (operation.stages.length > 1) operations.begin(instance, operation);
  await account.save();
  return { DBInstance: instanceView(instance, account) };
};

function readChanges(request: QueryRequest, { account, engineVersion }: Service): Changes {
  requireEngine(request, engineVersion);
  request.boolean('AllowMajorVersionUpgrade');
  const newIdentifier = request.text('NewDBInstanceIdentifier');
  const group = request.text('DBParameterGroupName');
  const password = request.text('MasterUserPassword');
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
    ...(password === undefined ? {} : { masterPassword: parseMasterPassword(password) }),
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
function apply(instance: InstanceRecord, changes: Changes): OperationRecord {
  const stages = new Set<StageName>(['settle']);
  const operation: OperationRecord = { stages: [] };
  if (changes.masterPassword !== undefined) {
    operation.masterPasswordVerifier = scramVerifier(changes.masterPassword);
    stages.add('reset-credentials');
  }
  for (const [name, value] of Object.entries(changes.settings) as [SettingName, InstanceSettings[SettingName]][]) {
    if (value === undefined || same(value, instance.pending[name] ?? instance.settings[name])) continue;
    const { modify } = SETTINGS[name];
    if (modify === 'pending') instance.pending[name] = value;
    else instance.settings[name] = value;
    if (modify === 'configuring-enhanced-monitoring') stages.add('configure-monitoring');
    if (modify === 'configuring-log-exports') stages.add('configure-log-exports');
  }
  if (changes.newIdentifier !== undefined) instance.pendingIdentifier = changes.newIdentifier;
  if (changes.applyImmediately && Object.keys(instance.pending).length > 0) stages.add('apply-pending');
  if (changes.parameterGroup !== undefined && changes.parameterGroup !== instance.parameterGroup) {
    instance.parameterGroup = changes.parameterGroup;
    instance.parameterApplyStatus = 'applying';
    stages.add('apply-parameter-group');
  }
  if (changes.applyImmediately && instance.pendingIdentifier !== undefined) stages.add('rename').add('reboot');
  operation.stages = [...stages];
  return operation;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
