/** Writes the report's files into a folder. */

import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '../core/expected-error';
import { markdownReport } from './markdown';
import type { RunReport } from './report';

export class ReportFolderUnusable extends ExpectedError {
  override readonly name = 'ReportFolderUnusable';
  constructor(
    readonly folder: string,
    cause: NodeJS.ErrnoException,
  ) {
    super(
      `no report can be written to "${folder}" (${WHY[cause.code ?? ''] ?? cause.message}); allowed: a folder that can be ` +
        'written to, or one that can be made; choose one with --report',
      { cause },
    );
  }
}

const WHY: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a file stands in its way',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
};

/**
 * Before the run, so that no run ends without a place for what it has to say.
 *
 * @throws ReportFolderUnusable
 */
export async function makeReportFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new ReportFolderUnusable(folder, error as NodeJS.ErrnoException);
  }
}

/** The folder must be there. */
export async function writeReport(folder: string, report: RunReport): Promise<void> {
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, 'report.md'), markdownReport(report));
}
