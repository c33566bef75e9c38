/** Reads, checks and completes an instance's settings by their table. */
import type { ServerSoftware } from '../../servers/server';
import {
  type InstanceSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingRule,
  type SettingValue,
} from '../model/instance-settings';
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';

/** The settings named in the request, of those that `accepted` lets through. */
export function readSettings(request: QueryRequest, accepted: (rule: SettingRule, name: SettingName) => boolean) {
  const settings: InstanceSettings = {};
  for (const name of SETTING_NAMES) {
    const rule = SETTINGS[name];
    if (!accepted(rule, name)) continue;
    const value = readSetting(request, rule.parameter ?? name, rule.type);
    if (value !== undefined) settings[name] = value;
  }
  requireValid(settings);
  return settings;
}

function readSetting(request: QueryRequest, parameter: string, type: SettingRule['type']): SettingValue | undefined {
  if (type === 'integer') return request.integer(parameter);
  if (type === 'boolean') return request.boolean(parameter);
  if (type === 'texts') return request.texts(parameter);
  return request.text(parameter);
}

/** What a new instance has when the caller says nothing. */
export function initialSettings(region: string, { optionGroup, licenseModel }: ServerSoftware): InstanceSettings {
  const settings: InstanceSettings = {
    AvailabilityZone: `${region}a`,
    LicenseModel: licenseModel,
    OptionGroupName: optionGroup,
  };
  for (const name of SETTING_NAMES) {
    const { initial } = SETTINGS[name];
    if (initial !== undefined) settings[name] = initial;
  }
  return settings;
}

/** AWS's restore defaults: a few settings come from the snapshot, the others are a new instance's. */
export function restoredSettings(original: InstanceSettings, initial: InstanceSettings): InstanceSettings {
  const settings: InstanceSettings = {};
  for (const name of SETTING_NAMES) {
    const value = SETTINGS[name].restored === 'original' ? original[name] : initial[name];
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

/** @throws RdsFault for settings that do not go together */
export function requireConsistent(settings: InstanceSettings): void {
  const { MonitoringInterval, MonitoringRoleArn, MaxAllocatedStorage, AllocatedStorage } = settings;
  if (Number(MonitoringInterval ?? 0) > 0 && !MonitoringRoleArn) {
    throw new RdsFault(
      'InvalidParameterCombination',
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    );
  }
  if (MaxAllocatedStorage !== undefined && Number(MaxAllocatedStorage) < Number(AllocatedStorage)) {
    throw new RdsFault(
      'InvalidParameterCombination',
      `Max storage size must be at least the allocated storage of ${AllocatedStorage} GiB; it is ${MaxAllocatedStorage}.`,
    );
  }
}

function requireValid(settings: InstanceSettings): void {
  const refuse = (name: SettingName, allowed: string) =>
    new RdsFault(
      'InvalidParameterValue',
      `Invalid value ${JSON.stringify(settings[name])} for ${name}: must be ${allowed}.`,
    );
  const { DBInstanceClass, BackupRetentionPeriod, MonitoringInterval, AllocatedStorage } = settings;
  if (DBInstanceClass !== undefined && !/^db\.[a-z0-9]+\.[a-z0-9-]+$/.test(String(DBInstanceClass))) {
    throw refuse('DBInstanceClass', 'an instance class such as db.m6g.large');
  }
  if (
    BackupRetentionPeriod !== undefined &&
    (Number(BackupRetentionPeriod) < 0 || Number(BackupRetentionPeriod) > 35)
  ) {
    throw refuse('BackupRetentionPeriod', 'from 0 to 35 days');
  }
  if (MonitoringInterval !== undefined && ![0, 1, 5, 10, 15, 30, 60].includes(Number(MonitoringInterval))) {
    throw refuse('MonitoringInterval', '0, 1, 5, 10, 15, 30 or 60 seconds');
  }
  if (AllocatedStorage !== undefined && (Number(AllocatedStorage) < 20 || Number(AllocatedStorage) > 65_536)) {
    throw refuse('AllocatedStorage', 'from 20 to 65536 GiB');
  }
}
