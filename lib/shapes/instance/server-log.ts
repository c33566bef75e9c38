/** Reads the newest lines of the log of an instance's server through the RDS API. */
import {
  type DescribeDBLogFilesDetails,
  DownloadDBLogFilePortionCommand,
  paginateDescribeDBLogFiles,
  type RDSClient,
} from '@aws-sdk/client-rds';
import type { ServerLogFormat } from '../../ports/server-log';

/** Of so many lines the cause of a failure is one; RDS gives up to 1 MB at once. */
const LINES = 500;

/** A new file begins with every hour, so what was said a minute ago may stand in the one before the newest. */
export async function serverLog(
  rds: RDSClient,
  identifier: string,
  sinceMs: number,
  { fileNames, since }: ServerLogFormat,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { LogFileName } of await filesSince(rds, identifier, sinceMs, fileNames)) {
    if (lines.length >= LINES) {
      break;
    }
    // without a marker: the last lines of the file
    const { LogFileData = '' } = await rds.send(
      new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier: identifier, LogFileName, NumberOfLines: LINES }),
    );
    lines.unshift(...LogFileData.split('\n').filter((line) => line !== ''));
  }
  return since(lines, sinceMs, LINES);
}

/** The newest first; the same as CSV is left out. */
async function filesSince(
  rds: RDSClient,
  identifier: string,
  sinceMs: number,
  fileNames: string,
): Promise<DescribeDBLogFilesDetails[]> {
  const files: DescribeDBLogFilesDetails[] = [];
  const pages = paginateDescribeDBLogFiles(
    { client: rds },
    {
      DBInstanceIdentifier: identifier,
      FilenameContains: fileNames,
      FileLastWritten: Math.floor(sinceMs / 1000) * 1000,
    },
  );
  for await (const { DescribeDBLogFiles = [] } of pages) {
    files.push(...DescribeDBLogFiles.filter(({ LogFileName }) => !LogFileName?.endsWith('.csv')));
  }
  return files.sort((a, b) => (b.LastWritten ?? 0) - (a.LastWritten ?? 0));
}
