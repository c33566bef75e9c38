/** The folder in which a local run lives, so that the same run id finds it again after any end. */

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../core/expected-error';
import type { EndpointTarget } from '../ports/endpoint-swap';
import { claimFolder } from './folder-claim';

const recordSchema = z.object({
  plan: z.string(),
  masterPassword: z.string(),
  applicationPassword: z.string(),
  /** Blue exists and holds its rows: from here on the run continues instead of beginning anew. */
  seeded: z.boolean(),
  endpoint: z.object({ host: z.string(), port: z.number() }).optional(),
});

export type RunStateRecord = z.infer<typeof recordSchema>;

/** Another plan was run under this run id, and is not finished. */
export class RunIdTaken extends ExpectedError {
  override readonly name = 'RunIdTaken';
  constructor(
    readonly runId: string,
    readonly plan: string,
    readonly folder: string,
  ) {
    super(
      `run id "${runId}" belongs to an unfinished run of plan "${plan}" (its servers' data are in ${folder}); finish that run, choose another --run-id, or delete the folder`,
    );
  }
}

export class RunState {
  private constructor(
    readonly folder: string,
    private current: RunStateRecord,
    private readonly releaseFolder: () => Promise<void>,
  ) {}

  /**
   * Servers run as another user when we are root, so the folder lies where every user can reach it.
   *
   * @throws StateFolderInUse when another process works on this run
   * @throws RunIdTaken
   */
  static async open(runId: string, plan: string): Promise<RunState> {
    const folder = join(tmpdir(), `cdk-rds-bluegreen-${process.getuid?.() ?? 'user'}`, 'runs', runId);
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const release = await claimFolder(folder);
    try {
      const found = await readRecord(folder);
      if (found?.seeded && found.plan !== plan) {
        throw new RunIdTaken(runId, found.plan, folder);
      }
      return new RunState(folder, found?.seeded ? found : await beginAnew(folder, plan), release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  get record(): RunStateRecord {
    return this.current;
  }

  get endpoint(): (EndpointTarget & { readonly port: number }) | undefined {
    return this.current.endpoint;
  }

  /** Written beside and renamed, so that a killed process leaves the old or the new, never half. */
  async save(change: Partial<RunStateRecord>): Promise<void> {
    this.current = { ...this.current, ...change };
    await writeRecord(this.folder, this.current);
  }

  /** Ends the work on this run: keeps the folder of a run that is to go on, removes that of one that is over or never began. */
  async close({ finished }: { finished: boolean }): Promise<void> {
    if (finished || !this.current.seeded) {
      await rm(this.folder, { recursive: true, force: true });
    } else {
      await this.releaseFolder();
    }
  }
}

/** What an interrupted beginning left is worth nothing. */
async function beginAnew(folder: string, plan: string): Promise<RunStateRecord> {
  await rm(join(folder, 'rds'), { recursive: true, force: true });
  const record = {
    plan,
    masterPassword: randomBytes(18).toString('base64url'),
    applicationPassword: randomBytes(18).toString('base64url'),
    seeded: false,
  };
  await writeRecord(folder, record);
  return record;
}

async function writeRecord(folder: string, record: RunStateRecord): Promise<void> {
  const file = join(folder, 'run.json');
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function readRecord(folder: string): Promise<RunStateRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
