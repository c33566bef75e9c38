/** What RDS makes of a request about storage: its fixed performance where there is any, and which requests it refuses. */
import { RdsFault } from '../protocol/rds-fault';
import type { InstanceSettings } from './instance-settings';

/** gp3 volumes are striped from this size on, and only then is their performance a matter of the request. */
const STRIPED_FROM_GIB = 400;
const GP3_FIXED = { iops: 3_000, throughput: 125 };
const GP3_STRIPED = { iops: 12_000, throughput: 500 };
const PROVISIONED: readonly unknown[] = ['io1', 'io2'];

/**
 * As described: gp3 always has both, io1 and io2 have IOPS, and the others have none; throughput is 0 where it does not apply.
 *
 * Source: RDS user guide, "Amazon RDS DB instance storage", and recorded answers.
 */
export function shownStorage(settings: InstanceSettings): { Iops?: number; StorageThroughput: number } {
  const { StorageType, Iops, StorageThroughput } = settings;
  if (StorageType === 'gp3' && !striped(settings)) {
    return { Iops: GP3_FIXED.iops, StorageThroughput: GP3_FIXED.throughput };
  }
  if (StorageType === 'gp3') {
    return {
      Iops: Math.max(Number(Iops ?? 0), GP3_STRIPED.iops),
      StorageThroughput: Math.max(Number(StorageThroughput ?? 0), GP3_STRIPED.throughput),
    };
  }
  return PROVISIONED.includes(StorageType) && Iops !== undefined
    ? { Iops: Number(Iops), StorageThroughput: 0 }
    : { StorageThroughput: 0 };
}

/**
 * Texts of AWS where they are known: terraform-provider-aws #28271, #28382.
 *
 * @param given what the request says
 * @param settings what the instance would have
 * @throws RdsFault InvalidParameterCombination
 */
export function requireStorage(given: InstanceSettings, settings: InstanceSettings, engine: string): void {
  const { Iops, StorageThroughput } = given;
  const { StorageType } = settings;
  if (StorageType === 'gp3' && !striped(settings)) {
    refuseIf(
      Iops !== undefined || StorageThroughput !== undefined,
      `You can't specify IOPS or storage throughput for engine ${engine} and a storage size less than ${STRIPED_FROM_GIB}.`,
    );
    return;
  }
  if (StorageType === 'gp3') {
    requireStriped(given, settings);
    return;
  }
  refuseIf(StorageThroughput !== undefined, 'You can specify storage throughput only for the gp3 storage type.');
  refuseIf(
    PROVISIONED.includes(StorageType) && settings.Iops === undefined,
    `Provisioned IOPS storage (${StorageType}) requires a value for Iops.`,
  );
  refuseIf(
    !PROVISIONED.includes(StorageType) && Iops !== undefined,
    'You can specify IOPS only for the io1, io2 and gp3 storage types.',
  );
}

function requireStriped({ Iops, StorageThroughput }: InstanceSettings, settings: InstanceSettings): void {
  const { AllocatedStorage } = settings;
  refuseIf(
    Iops !== undefined && Number(Iops) < GP3_STRIPED.iops,
    `Invalid IOPS ${Iops} for gp3 storage of ${AllocatedStorage} GiB. The minimum is ${GP3_STRIPED.iops}.`,
  );
  refuseIf(
    StorageThroughput !== undefined && Number(StorageThroughput) < GP3_STRIPED.throughput,
    `Invalid storage throughput ${StorageThroughput} for gp3 storage of ${AllocatedStorage} GiB. The minimum is ${GP3_STRIPED.throughput}.`,
  );
  const shown = shownStorage(settings);
  refuseIf(
    Number(shown.StorageThroughput) * 4 > Number(shown.Iops),
    "The storage throughput to IOPS ratio can't be more than 0.25.",
  );
}

function striped({ AllocatedStorage }: InstanceSettings): boolean {
  return Number(AllocatedStorage) >= STRIPED_FROM_GIB;
}

function refuseIf(wrong: boolean, message: string): void {
  if (wrong) throw new RdsFault('InvalidParameterCombination', message);
}
