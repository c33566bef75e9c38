/** The program compiled as the package has it, once for all tests that are run together: to compile it anew takes every process three seconds. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const SOURCES = ['bin/*.ts', 'lib/**/*.ts', 'lambdas/**/*.ts', 'test/contract/rds-process.ts'];
/** What no compiler writes. */
const DATA = ['lib/engines/postgres/way-back/conversions.json'];
const BESIDE = ['package.json', 'node_modules', 'examples'];

/** @returns the file of one of its programs, to be run by node; it is removed with the folder of all temporary ones */
export function compiledProgram(source: 'bin/bluegreen' | 'test/contract/rds-process' = 'bin/bluegreen'): string {
  const folder = join(tmpdir(), 'compiled-program');
  if (!existsSync(folder)) {
    compile(folder);
  }
  return join(folder, 'dist', `${source}.js`);
}

/** The workers of jest may do it at the same time. */
function compile(folder: string): void {
  const scratch = mkdtempSync(`${folder}-`);
  const dist = join(scratch, 'dist');
  execFileSync(
    join(ROOT, 'node_modules', '.bin', 'esbuild'),
    [...SOURCES, `--outdir=${dist}`, '--outbase=.', '--format=cjs', '--platform=node', '--log-level=warning'],
    { cwd: ROOT },
  );
  for (const path of DATA) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(dist, path));
  }
  for (const name of BESIDE) {
    symlinkSync(join(ROOT, name), join(scratch, name));
  }
  try {
    renameSync(scratch, folder);
  } catch (error) {
    rmSync(scratch, { recursive: true });
    if (!existsSync(folder)) {
      throw error;
    }
  }
}
