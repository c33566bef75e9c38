/** Before all tests: the folder below which their temporary ones lie, so that what a killed worker leaves goes with it. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../../lib/local/reaper/process-identity';

const PREFIX = 'bluegreen-tests-';

// biome-ignore lint/style/noDefaultExport: jest asks for it
export default function runFolder(): void {
  const above = tmpdir();
  for (const name of readdirSync(above).filter((one) => one.startsWith(PREFIX))) {
    if (!isAlive(Number(name.slice(PREFIX.length).split('-')[0]))) {
      rmSync(join(above, name), { recursive: true, force: true });
    }
  }
  const folder = mkdtempSync(join(above, `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o755); // servers may run as another user
  process.env.TMPDIR = folder; // the workers' too
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
