/** Keeps the account in one JSON file that is whole at any moment, however the runtime ends. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountRecord } from './records';

const FILE = 'rds.json';

export class StateFileUnreadable extends Error {
  override readonly name = 'StateFileUnreadable';

  constructor(
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `The state file ${path} cannot be used: ${reason}. Choose another state folder, or remove this one to begin anew (that ` +
        'deletes the local databases in it).',
      options,
    );
  }
}

export class StateFile {
  private readonly path: string;
  private writing: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;

  constructor(folder: string) {
    this.path = join(folder, FILE);
  }

  /** @throws StateFileUnreadable */
  async load(): Promise<AccountRecord | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      const record = JSON.parse(text) as AccountRecord;
      if (record.version === 1) return record;
      throw new Error(`it has version ${String(record.version)}, this version of the program reads version 1`);
    } catch (error) {
      throw new StateFileUnreadable(this.path, (error as Error).message, { cause: error });
    }
  }

  /** Writes are one after the other; those asked for while one is under way are written together. */
  save(record: AccountRecord): Promise<void> {
    // Who asked for a write that failed has been told; the next one is a new attempt.
    this.queued ??= this.writing
      .catch(() => undefined)
      .then(() => {
        this.queued = undefined;
        this.writing = this.write(JSON.stringify(record, null, 1));
        return this.writing;
      });
    return this.queued;
  }

  /** The file holds the superuser's password and password verifiers. */
  private async write(text: string): Promise<void> {
    await writeFile(`${this.path}.new`, text, { mode: 0o600 });
    await rename(`${this.path}.new`, this.path);
  }
}
