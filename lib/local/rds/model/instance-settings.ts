/** The table of an instance's settings: what they are called, what restore carries, and how a change takes effect. */

export type SettingValue = string | number | boolean | readonly string[];

export interface SettingRule {
  type: 'text' | 'integer' | 'boolean' | 'texts';
  /** The request parameter, where it is not called like the setting. */
  parameter?: string;
  /** What a new instance has when the caller says nothing. @default nothing */
  initial?: SettingValue;
  /**
   * What an instance restored from a snapshot has when the caller says nothing: what the snapshot's source had, or what a
   * new instance has. Forgetting to carry one of the second kind is the mistake that these defaults make visible.
   */
  restored: 'original' | 'initial';
  /** Whether RestoreDBInstanceFromDBSnapshot takes it; if not, only a later ModifyDBInstance can carry it. @default true */
  restorable?: boolean;
  /**
   * `now`: shown at once. `pending`: waits in PendingModifiedValues until it is applied. The others are shown at once
   * but make the instance leave "available" for a while. @default cannot be modified
   */
  modify?:
    | 'now'
    | 'pending'
    | 'configuring-enhanced-monitoring'
    | 'configuring-iam-database-auth'
    | 'configuring-log-exports';
  /** Whether applying it restarts the server. @default false */
  restarts?: boolean;
}

const rules = <T extends Record<string, SettingRule>>(table: T): { readonly [K in keyof T]: SettingRule } => table;

export const SETTINGS = rules({
  DBInstanceClass: { type: 'text', restored: 'original', modify: 'pending', restarts: true },
  AllocatedStorage: { type: 'integer', initial: 20, restored: 'original', modify: 'pending' },
  MaxAllocatedStorage: { type: 'integer', restored: 'initial', restorable: false, modify: 'now' },
  StorageType: { type: 'text', initial: 'gp3', restored: 'initial', modify: 'pending' },
  Iops: { type: 'integer', restored: 'initial', modify: 'pending' },
  StorageThroughput: { type: 'integer', restored: 'initial', modify: 'pending' },
  StorageEncrypted: { type: 'boolean', initial: false, restored: 'original', restorable: false },
  KmsKeyId: { type: 'text', restored: 'original', restorable: false },
  AvailabilityZone: { type: 'text', restored: 'initial' },
  MultiAZ: { type: 'boolean', initial: false, restored: 'initial', modify: 'pending' },
  DBSubnetGroupName: { type: 'text', initial: 'default', restored: 'initial', modify: 'pending' },
  VpcSecurityGroupIds: { type: 'texts', initial: ['sg-default'], restored: 'initial', modify: 'now' },
  PubliclyAccessible: { type: 'boolean', initial: false, restored: 'initial', modify: 'now' },
  NetworkType: { type: 'text', initial: 'IPV4', restored: 'initial', modify: 'now' },
  OptionGroupName: { type: 'text', restored: 'initial', modify: 'now' },
  LicenseModel: { type: 'text', restored: 'original', modify: 'pending' },
  AutoMinorVersionUpgrade: { type: 'boolean', initial: true, restored: 'initial', modify: 'now' },
  CACertificateIdentifier: { type: 'text', initial: 'rds-ca-rsa2048-g1', restored: 'initial', modify: 'pending' },
  DedicatedLogVolume: { type: 'boolean', initial: false, restored: 'initial', modify: 'pending' },
  BackupTarget: { type: 'text', initial: 'region', restored: 'initial' },
  EngineLifecycleSupport: { type: 'text', initial: 'open-source-rds-extended-support', restored: 'initial' },
  DeletionProtection: { type: 'boolean', initial: false, restored: 'initial', modify: 'now' },
  CopyTagsToSnapshot: { type: 'boolean', initial: false, restored: 'initial', modify: 'now' },
  BackupRetentionPeriod: { type: 'integer', initial: 1, restored: 'original', modify: 'pending' },
  PreferredBackupWindow: { type: 'text', initial: '03:00-03:30', restored: 'original', modify: 'now' },
  PreferredMaintenanceWindow: {
    type: 'text',
    initial: 'sun:05:00-sun:05:30',
    restored: 'initial',
    restorable: false,
    modify: 'now',
  },
  IAMDatabaseAuthenticationEnabled: {
    type: 'boolean',
    parameter: 'EnableIAMDatabaseAuthentication',
    initial: false,
    restored: 'initial',
    modify: 'configuring-iam-database-auth',
  },
  EnabledCloudwatchLogsExports: {
    type: 'texts',
    parameter: 'EnableCloudwatchLogsExports',
    initial: [],
    restored: 'initial',
    // ModifyDBInstance has another parameter for it, which says what to add and what to remove.
    modify: 'configuring-log-exports',
  },
  MonitoringInterval: {
    type: 'integer',
    initial: 0,
    restored: 'initial',
    restorable: false,
    modify: 'configuring-enhanced-monitoring',
  },
  MonitoringRoleArn: {
    type: 'text',
    restored: 'initial',
    restorable: false,
    modify: 'configuring-enhanced-monitoring',
  },
  DatabaseInsightsMode: { type: 'text', initial: 'standard', restored: 'initial', restorable: false, modify: 'now' },
  PerformanceInsightsEnabled: {
    type: 'boolean',
    parameter: 'EnablePerformanceInsights',
    initial: false,
    restored: 'initial',
    restorable: false,
    modify: 'now',
  },
  PerformanceInsightsKMSKeyId: { type: 'text', restored: 'initial', restorable: false, modify: 'now' },
  PerformanceInsightsRetentionPeriod: { type: 'integer', restored: 'initial', restorable: false, modify: 'now' },
});

export type SettingName = keyof typeof SETTINGS;

/** A setting that has no value is not in it. */
export type InstanceSettings = Partial<Record<SettingName, SettingValue>>;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
