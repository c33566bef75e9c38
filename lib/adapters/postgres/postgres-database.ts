/** The Database port on PostgreSQL: hands each question to the file that knows the answer. */
import type { Change } from '../../core/changes';
import type { TableFacts } from '../../core/schema';
import type { Database, SequenceValue, WriteAttempt } from '../../ports/database';
import { readSchema } from './catalog';
import { digestTable } from './digest';
import * as fence from './fence';
import { guardrails } from './guardrails';
import { applyChange, changeRunning, readLedger } from './ledger';
import { abandonGreen, readRecord, removeRecord, takeLock } from './run-record';
import { advanceSequences, readSequences } from './sequences';
import { type Credentials, RUN_APPLICATION_NAME, Session, type SessionOptions } from './session';
import { attemptWrite } from './write-attempt';

export interface PostgresDatabaseOptions extends SessionOptions {
  /** The application's user; write attempts are made as it, else as the run's. */
  readonly applicationCredentials?: () => Promise<Credentials>;
}

export class PostgresDatabase implements Database {
  private readonly session: Session;

  constructor(private readonly options: PostgresDatabaseOptions) {
    this.session = new Session(options);
  }

  guardrails = () => guardrails(this.session);
  record = () => readRecord(this.session);
  takeLock = (runId: string, planName: string) => takeLock(this.session, runId, planName);
  freeze = (runId: string, until: Date) => fence.freeze(this.session, runId, until);
  freezeGaps = () => fence.freezeGaps(this.session);
  unfreeze = (runId: string) => fence.unfreeze(this.session, runId);
  endClientSessions = () => fence.endClientSessions(this.session);
  open = (runId: string) => fence.openGreen(this.session, runId);
  abandon = (runId: string) => abandonGreen(this.session, runId);
  ledger = () => readLedger(this.session);
  changeRunning = (runId: string) => changeRunning(this.session, runId);
  applyChange = (runId: string, change: Change, chain: string) =>
    applyChange(this.session, this.options, runId, change, chain);
  schema = () => readSchema(this.session);
  digest = (table: TableFacts) => digestTable(this.session, table);
  sequences = () => readSequences(this.session);
  advanceSequences = (values: readonly SequenceValue[]) => advanceSequences(this.session, values);

  async release(runId: string): Promise<void> {
    const record = await readRecord(this.session);
    if (record && record.runId !== runId) {
      return; // whatever is there is another run's
    }
    await fence.dropFence(this.session);
    await removeRecord(this.session, runId);
  }

  /** The check's own text runs as a cursor in a read-only transaction: it cannot change anything, and returns no values to us. */
  async check(sql: string): Promise<number> {
    return this.session.transaction(async () => {
      await this.session.query(`declare bluegreen_check no scroll cursor for ${sql.trim().replace(/;\s*$/, '')}`);
      const rows = await this.session.query('fetch forward 1001 from bluegreen_check');
      return rows.length;
    }, 'read only');
  }

  /** A session of its own, without the run's exemptions: it meets what a client meets. */
  async attemptWrite({ insist }: { insist: boolean }): Promise<WriteAttempt> {
    const { applicationCredentials, credentials } = this.options;
    const client = new Session({
      ...this.options,
      credentials: applicationCredentials ?? credentials,
      applicationName: `${RUN_APPLICATION_NAME} write attempt`,
    });
    try {
      await client.query('reset default_transaction_read_only');
      return await attemptWrite(client, insist);
    } finally {
      await client.close();
    }
  }

  close = () => this.session.close();
}
