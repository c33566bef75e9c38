/** Which of blue's figures of storage a restore may be given: RDS describes more of them than it takes. */
import type { DBInstance, RestoreDBInstanceFromDBSnapshotMessage } from '@aws-sdk/client-rds';

/** From which size on gp3 is striped, by the beginning of the engine's name; SQL Server's never is. Source: RDS user guide, "gp3". */
const STRIPED_FROM_GIB: readonly (readonly [engine: string, gib: number])[] = [
  ['oracle', 200],
  ['custom-oracle', 200],
  ['', 400],
];
/** What a striped volume has without being asked to. Less is described of one that grew, and is not taken. */
const STRIPED_IOPS = 12_000;
const STRIPED_THROUGHPUT = 500;

type CarriedStorage = Pick<RestoreDBInstanceFromDBSnapshotMessage, 'StorageType' | 'Iops' | 'StorageThroughput'>;

/**
 * A smaller gp3 volume has fixed figures, which are described and refused when they are asked for; gp2 and magnetic storage have none,
 * io1 and io2 no throughput.
 *
 * @param allocatedGiB what the copy will have
 */
export function carriedStorage(blue: DBInstance, allocatedGiB: number | undefined): CarriedStorage {
  const { StorageType, Iops, StorageThroughput, Engine = '' } = blue;
  switch (StorageType) {
    case undefined:
      return {};
    case 'io1':
    case 'io2':
      return { StorageType, Iops };
    case 'gp3':
      return { StorageType, ...gp3({ Iops, StorageThroughput }, Engine, allocatedGiB ?? 0) };
    default:
      return { StorageType };
  }
}

function gp3(
  { Iops, StorageThroughput }: Pick<DBInstance, 'Iops' | 'StorageThroughput'>,
  engine: string,
  allocatedGiB: number,
): CarriedStorage {
  if (/^(custom-)?sqlserver/.test(engine)) {
    return { Iops, StorageThroughput };
  }
  const [, from] = STRIPED_FROM_GIB.find(([prefix]) => engine.startsWith(prefix)) as readonly [string, number];
  const taken = (value: number | undefined, least: number) =>
    value !== undefined && value >= least ? value : undefined;
  return allocatedGiB < from
    ? {}
    : { Iops: taken(Iops, STRIPED_IOPS), StorageThroughput: taken(StorageThroughput, STRIPED_THROUGHPUT) };
}
