import { DescribeDBLogFilesCommand, DownloadDBLogFilePortionCommand } from '@aws-sdk/client-rds';
import { POSTGRES_LOG } from '../../lib/engines/postgres/replication/server-log';
import { InstanceControlPlane } from '../../lib/shapes/instance/instance-control-plane';
import { RdsFixture } from './rds-fixture';

let fixture: RdsFixture;
beforeAll(async () => {
  fixture = await RdsFixture.open();
  await fixture.createBlue();
});
afterAll(() => fixture.close());

const NAMED = /^error\/postgresql\.log\.\d{4}-\d\d-\d\d-\d\d$/;
const blue = { DBInstanceIdentifier: 'blue' };

test('the log is a file an hour, read from its end or from a marker on', async () => {
  await fixture.ask('blue', `do $$ begin raise warning 'about <this>'; end $$`);
  const { DescribeDBLogFiles = [] } = await fixture.client.send(
    new DescribeDBLogFilesCommand({ ...blue, FilenameContains: 'postgresql.log' }),
  );
  const LogFileName = DescribeDBLogFiles.at(-1)?.LogFileName ?? '';
  expect(LogFileName).toMatch(NAMED);
  const end = await fixture.client.send(
    new DownloadDBLogFilePortionCommand({ ...blue, LogFileName, NumberOfLines: 2 }),
  );
  expect(end.LogFileData).toMatch(/:WARNING: {2}about <this>\n/);
  expect(end.AdditionalDataPending).toBe(false);
  const beginning = await fixture.client.send(
    new DownloadDBLogFilePortionCommand({ ...blue, LogFileName, NumberOfLines: 1, Marker: '0' }),
  );
  expect(beginning).toMatchObject({ Marker: '1', AdditionalDataPending: true });
  expect(beginning.LogFileData?.split('\n')).toHaveLength(2);
});

test('files that were not written since are left out, and one that is not there is refused', async () => {
  const later = await fixture.client.send(
    new DescribeDBLogFilesCommand({ ...blue, FileLastWritten: Date.now() + 3_600_000 }),
  );
  expect(later.DescribeDBLogFiles ?? []).toEqual([]);
  await expect(
    fixture.client.send(new DownloadDBLogFilePortionCommand({ ...blue, LogFileName: 'error/postgresql.log.1' })),
  ).rejects.toMatchObject({ name: 'DBLogFileNotFoundFault', $metadata: { httpStatusCode: 404 } });
});

test('the control plane tells what the server said since a moment, without the statements', async () => {
  const controlPlane = new InstanceControlPlane(fixture.client, POSTGRES_LOG);
  const sinceMs = Number(await fixture.ask('blue', 'select extract(epoch from clock_timestamp()) * 1000'));
  await expect(fixture.ask('blue', `select 'secret'::int`)).rejects.toThrow('invalid input syntax');
  await expect(fixture.ask('blue', 'select 1 / 0')).rejects.toThrow('division by zero');
  const lines = await controlPlane.serverLog('blue', sinceMs);
  expect(lines.filter((line) => line.includes('ERROR'))).toEqual([
    expect.stringMatching(
      /:shop_admin@shop:\[\d+\]:ERROR: {2}invalid input syntax for type integer: "secret" at character 8$/,
    ),
    expect.stringMatching(/ERROR: {2}division by zero$/),
  ]);
  expect(lines.join('\n')).not.toContain('STATEMENT');
  expect(await controlPlane.serverLog('blue', sinceMs + 3_600_000)).toEqual([]);
  expect(await controlPlane.serverLog('nowhere', sinceMs)).toEqual([]);
});
