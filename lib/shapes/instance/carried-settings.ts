/** Which of blue's settings green must be given: those a restore takes as parameters, and those that can only be set afterwards. */
import type {
  DBInstance,
  DBInstanceRole,
  ModifyDBInstanceMessage,
  RestoreDBInstanceFromDBSnapshotMessage,
} from '@aws-sdk/client-rds';
import { carriedStorage } from './carried-storage';

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Drops what blue does not report, so that it is not sent. */
function given<T extends object>(settings: T): Given<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<T>;
}

/**
 * A restore falls back to defaults for nearly everything (default parameter group, default security group, Single-AZ …),
 * so everything is said. Deletion protection stays off until green serves.
 *
 * Source: RDS API reference, RestoreDBInstanceFromDBSnapshot.
 *
 * @param allocatedGiB the storage the snapshot brings
 */
export function restoreSettings(
  blue: DBInstance,
  allocatedGiB: number | undefined,
): Partial<RestoreDBInstanceFromDBSnapshotMessage> {
  return given({
    DBInstanceClass: blue.DBInstanceClass,
    Port: isLoopback(blue) ? undefined : blue.Endpoint?.Port,
    DBSubnetGroupName: blue.DBSubnetGroup?.DBSubnetGroupName,
    VpcSecurityGroupIds: blue.VpcSecurityGroups?.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    DBParameterGroupName: blue.DBParameterGroups?.[0]?.DBParameterGroupName,
    OptionGroupName: blue.OptionGroupMemberships?.[0]?.OptionGroupName,
    MultiAZ: blue.MultiAZ,
    PubliclyAccessible: blue.PubliclyAccessible,
    ...carriedStorage(blue, allocatedGiB),
    EnableIAMDatabaseAuthentication: blue.IAMDatabaseAuthenticationEnabled,
    EnableCloudwatchLogsExports: blue.EnabledCloudwatchLogsExports,
    DeletionProtection: false,
    CopyTagsToSnapshot: blue.CopyTagsToSnapshot,
    BackupRetentionPeriod: blue.BackupRetentionPeriod,
    PreferredBackupWindow: blue.PreferredBackupWindow,
    CACertificateIdentifier: blue.CACertificateIdentifier,
    NetworkType: blue.NetworkType,
    DedicatedLogVolume: blue.DedicatedLogVolume,
    ProcessorFeatures: blue.ProcessorFeatures,
    LicenseModel: blue.LicenseModel,
    AutoMinorVersionUpgrade: blue.AutoMinorVersionUpgrade,
    EngineLifecycleSupport: blue.EngineLifecycleSupport,
    BackupTarget: blue.BackupTarget,
    CustomIamInstanceProfile: blue.CustomIamInstanceProfile,
  });
}

/** Instances of the local runtime share one address, so each has a port of its own. */
function isLoopback(blue: DBInstance): boolean {
  return blue.Endpoint?.Address === '127.0.0.1';
}

interface CarriedSetting {
  readonly name: string;
  readonly read: (instance: DBInstance) => unknown;
  readonly settings: (blue: DBInstance) => Partial<ModifyDBInstanceMessage>;
}

/** Settings a restore does not take. Source: RDS API reference, ModifyDBInstance against RestoreDBInstanceFromDBSnapshot. */
const ONLY_BY_MODIFY: readonly CarriedSetting[] = [
  {
    name: 'maintenance window',
    read: (instance) => instance.PreferredMaintenanceWindow,
    settings: (blue) => given({ PreferredMaintenanceWindow: blue.PreferredMaintenanceWindow }),
  },
  {
    name: 'storage autoscaling limit',
    read: (instance) => instance.MaxAllocatedStorage,
    settings: (blue) => given({ MaxAllocatedStorage: blue.MaxAllocatedStorage }),
  },
  {
    name: 'enhanced monitoring',
    read: (instance) => instance.MonitoringInterval ?? 0,
    settings: (blue) =>
      given({ MonitoringInterval: blue.MonitoringInterval, MonitoringRoleArn: blue.MonitoringRoleArn }),
  },
  {
    name: 'Performance Insights',
    // told apart by the mode as well: "advanced" is Performance Insights with a longer memory
    read: (instance) =>
      `${instance.PerformanceInsightsEnabled ?? false} ${instance.DatabaseInsightsMode ?? 'standard'}`,
    settings: (blue) =>
      given({
        DatabaseInsightsMode: blue.DatabaseInsightsMode,
        EnablePerformanceInsights: blue.PerformanceInsightsEnabled,
        PerformanceInsightsKMSKeyId: blue.PerformanceInsightsKMSKeyId,
        PerformanceInsightsRetentionPeriod: blue.PerformanceInsightsRetentionPeriod,
      }),
  },
];

export function missingAfterRestore(
  blue: DBInstance,
  green: DBInstance,
): { settings: Partial<ModifyDBInstanceMessage>; names: string[] } {
  const missing = ONLY_BY_MODIFY.filter(({ read }) => read(blue) !== undefined && read(blue) !== read(green));
  return {
    settings: Object.assign({}, ...missing.map(({ settings }) => settings(blue))),
    names: missing.map(({ name }) => name),
  };
}

/** Roles that let the database reach other services; RDS associates them one by one with an instance that exists. */
export function missingRoles(blue: DBInstance, green: DBInstance): DBInstanceRole[] {
  const has = new Set(green.AssociatedRoles?.map(({ RoleArn, FeatureName }) => `${RoleArn} ${FeatureName}`));
  return (blue.AssociatedRoles ?? []).filter(({ RoleArn, FeatureName }) => !has.has(`${RoleArn} ${FeatureName}`));
}
