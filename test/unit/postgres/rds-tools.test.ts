import { newestWithSeed } from '../../../lib/engines/postgres/replication/rds-tools';

it.each([
  [['1.9'], '1.9'],
  [['1.8', '1.9', '1.10'], '1.10'],
  [['1.10', '1.9'], '1.10'],
  [['2.0', '1.11'], '2.0'],
  [['1.9.1', '1.9'], '1.9.1'],
  [['2'], '2'],
  [['1.8', '1.2', '0.99'], undefined],
  [['unpackaged', '1.9-beta'], undefined],
  [[], undefined],
])('of the versions %j of rds_tools %j is the one to ask', (versions, version) => {
  expect(newestWithSeed(versions)).toBe(version);
});
