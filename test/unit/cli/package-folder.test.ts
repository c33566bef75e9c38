/** Where the default plan is looked for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../../lib/cli/package-folder';

test.each(['lib/cli', 'dist/lib/cli'])('the package begins where package.json is, also seen from %s', (inside) => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    mkdirSync(join(folder, inside), { recursive: true });
    expect(packageFolder(join(folder, inside))).toBe(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
