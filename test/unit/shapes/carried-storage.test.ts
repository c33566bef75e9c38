import type { DBInstance } from '@aws-sdk/client-rds';
import { carriedStorage } from '../../../lib/shapes/instance/carried-storage';

const FIXED = { StorageType: 'gp3', Iops: 3_000, StorageThroughput: 125 };
const LARGE = { StorageType: 'gp3', Iops: 16_000, StorageThroughput: 700 };

it.each<[string, DBInstance, number | undefined, object]>([
  ['a small gp3', { Engine: 'postgres', ...FIXED }, 399, { StorageType: 'gp3' }],
  ['a small gp3 of an unknown size', { Engine: 'postgres', ...FIXED }, undefined, { StorageType: 'gp3' }],
  ['a large gp3', { Engine: 'postgres', ...LARGE }, 400, LARGE],
  ['a large gp3 copied when it was small', { Engine: 'mysql', ...LARGE }, 300, { StorageType: 'gp3' }],
  ['a gp3 that grew large', { Engine: 'mariadb', ...FIXED }, 500, { StorageType: 'gp3' }],
  ['a gp3 of Oracle from 200 GiB on', { Engine: 'oracle-ee', ...LARGE }, 200, LARGE],
  ['a gp3 of Oracle below', { Engine: 'oracle-se2', ...FIXED }, 199, { StorageType: 'gp3' }],
  ['any gp3 of SQL Server', { Engine: 'sqlserver-ex', ...FIXED }, 20, FIXED],
  ['gp2', { Engine: 'postgres', StorageType: 'gp2', StorageThroughput: 0 }, 100, { StorageType: 'gp2' }],
  ['gp2 that shows its IOPS', { Engine: 'postgres', StorageType: 'gp2', Iops: 300 }, 100, { StorageType: 'gp2' }],
  [
    'io1',
    { Engine: 'postgres', StorageType: 'io1', Iops: 1_000, StorageThroughput: 0 },
    100,
    { StorageType: 'io1', Iops: 1_000 },
  ],
  ['io2', { Engine: 'postgres', StorageType: 'io2', Iops: 4_000 }, 500, { StorageType: 'io2', Iops: 4_000 }],
  ['magnetic storage', { Engine: 'postgres', StorageType: 'standard' }, 100, { StorageType: 'standard' }],
  ['what is not described', { Engine: 'postgres' }, 100, {}],
])('of %s a restore is given what it takes', (_what, blue, allocatedGiB, carried) => {
  expect(carriedStorage(blue, allocatedGiB)).toEqual(carried);
});
