/** DescribeDBLogFiles and DownloadDBLogFilePortion: the server's log, cut into a file an hour as RDS cuts it. */
import type { QueryRequest } from '../protocol/query-request';
import { RdsFault } from '../protocol/rds-fault';
import { list } from '../protocol/xml';
import { page } from './paging';
import type { Action, Service } from './service';

/** The beginning of a line, by the server's log_line_prefix. */
const HOUR = /^(\d{4}-\d\d-\d\d) (\d\d):\d\d:\d\d UTC/;
const LINES_AT_MOST = 10_000;

interface LogFile {
  readonly name: string;
  readonly lines: string[];
}

export const describeDBLogFiles: Action = async (request, service) => {
  const contains = request.text('FilenameContains') ?? '';
  const writtenSince = Number(request.text('FileLastWritten') ?? 0);
  const largerThan = request.integer('FileSize') ?? 0;
  const files = (await logFiles(request, service))
    .map((file) => ({ ...file, size: Buffer.byteLength(file.lines.join('\n')), lastWritten: lastWritten(file) }))
    .filter(({ name, size, lastWritten: at }) => name.includes(contains) && size >= largerThan && at >= writtenSince);
  const { items, marker } = page(request, files, ({ name }) => name);
  request.refuseUnread();
  return {
    DescribeDBLogFiles: list(
      'DescribeDBLogFilesDetails',
      items.map(({ name, size, lastWritten: at }) => ({ LogFileName: name, LastWritten: at, Size: size })),
    ),
    Marker: marker,
  };
};

export const downloadDBLogFilePortion: Action = async (request, service) => {
  const name = request.requiredText('LogFileName');
  const marker = request.text('Marker');
  const count = Math.min(request.integer('NumberOfLines') ?? LINES_AT_MOST, LINES_AT_MOST);
  const file = (await logFiles(request, service)).find((candidate) => candidate.name === name);
  request.refuseUnread();
  if (!file) throw new RdsFault('DBLogFileNotFoundFault', `DBLog File: ${name}, is not found on the DB instance`);
  // without a marker the file is read from its end
  const from = marker === undefined ? Math.max(0, file.lines.length - count) : lineOf(marker);
  const lines = file.lines.slice(from, from + count);
  return {
    LogFileData: lines.map((line) => `${line}\n`).join(''),
    Marker: String(from + lines.length),
    AdditionalDataPending: from + lines.length < file.lines.length,
  };
};

async function logFiles(request: QueryRequest, { account, readLog, software }: Service): Promise<LogFile[]> {
  const instance = account.instance(request.requiredText('DBInstanceIdentifier'));
  if (instance.status === 'creating') {
    throw new RdsFault('DBInstanceNotReady', `Database instance ${instance.identifier} is not ready yet.`);
  }
  const files: LogFile[] = [];
  for (const line of (await readLog(instance)).split('\n')) {
    const [, day, hour] = HOUR.exec(line) ?? [];
    const name =
      day === undefined || hour === undefined
        ? (files.at(-1)?.name ?? software.logFiles.first)
        : software.logFiles.ofHour(day, hour);
    if (files.at(-1)?.name !== name) files.push({ name, lines: [] });
    if (line !== '') files.at(-1)?.lines.push(line);
  }
  return files;
}

/** By the server's clock, which is the real one, whatever the pace. */
function lastWritten({ lines }: LogFile): number {
  const last = lines.findLast((line) => HOUR.test(line)) ?? '';
  return Date.parse(`${last.slice(0, 19).replace(' ', 'T')}Z`) || 0;
}

function lineOf(marker: string): number {
  if (!/^\d{1,9}$/.test(marker)) {
    throw new RdsFault('InvalidParameterValue', `Invalid Marker ${JSON.stringify(marker)}.`);
  }
  return Number(marker);
}
