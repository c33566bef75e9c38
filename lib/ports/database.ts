/** The SQL side of a database, as the phases need it: one implementation per engine. */
import type { Change, LedgerEntry } from '../core/changes';
import type { Schema, TableDigest, TableFacts } from '../core/schema';

/** The run's record: on blue it is the lock; its copy on green arbitrates between opening green and abandoning it. */
export interface RunRecord {
  readonly runId: string;
  readonly since: string;
  /** The freeze of this side; its copy on green says which freeze green stems from. */
  readonly freeze?: Freeze;
  readonly greenState: 'closed' | 'abandoned' | 'open';
}

/** One uninterrupted time in which blue refuses writes. */
export interface Freeze {
  readonly id: string;
  /** After this instant the run must not rely on the freeze any more. */
  readonly until: Date;
}

export interface WriteAttempt {
  readonly accepted: boolean;
  /** What the server said. */
  readonly message: string;
}

/**
 * One database of one side, seen as the run's user. Every method may be called again after a crash.
 *
 * @throws TemporarilyUnavailable when the server does not answer or a lock cannot be had for the moment.
 */
export interface Database {
  /** Reasons why this database must not be migrated now, each with its remedy. */
  guardrails(): Promise<readonly string[]>;

  record(): Promise<RunRecord | undefined>;
  /** Takes the lock, or finds that this run has it. @throws RunLocked when another run does. */
  takeLock(runId: string, planName: string): Promise<void>;
  /** Removes the run's record and whatever else the run keeps in the database, but not the ledger. */
  release(runId: string): Promise<void>;

  /**
   * Makes the database refuse writes and ends the sessions of clients; repairs a freeze that is already there.
   * It holds against sessions that ask for read-write transactions.
   *
   * @param until deadline of a new freeze; one that is already there keeps its own.
   */
  freeze(runId: string, until: Date): Promise<Freeze>;
  /** Why the freeze cannot be relied on although the record says there is one. */
  freezeGaps(): Promise<readonly string[]>;
  unfreeze(runId: string): Promise<void>;
  /**
   * Tries to write as the application, with a statement that finds no row.
   *
   * @param options.insist asks for a read-write transaction, as a session may that does not care for the database's default
   */
  attemptWrite(options: { readonly insist: boolean }): Promise<WriteAttempt>;
  /** Ends the sessions of clients, so that they connect anew; the run's own sessions stay. */
  endClientSessions(): Promise<void>;

  /** Green only: opens it for writes unless it was abandoned. One transaction; the point of no return. */
  open(runId: string): Promise<'opened' | 'abandoned'>;
  /** Green only: from now on it can never be opened, unless it already was. */
  abandon(runId: string): Promise<'abandoned' | 'open' | 'no-record'>;

  ledger(): Promise<readonly LedgerEntry[]>;
  /** Whether an earlier invocation's change is still being applied by the server. */
  changeRunning(runId: string): Promise<boolean>;
  /** Applies one change and writes its ledger entry, both or neither. @throws ChangeFailed */
  applyChange(runId: string, change: Change, chain: string): Promise<void>;

  schema(): Promise<Schema>;
  /** Number of rows and digest of the contents over the given columns. */
  digest(table: TableFacts): Promise<TableDigest>;
  /** Number of rows a check returns. */
  check(sql: string): Promise<number>;

  sequences(): Promise<readonly SequenceValue[]>;
  /** Moves every sequence that is behind `values` up to them; never backwards. */
  advanceSequences(values: readonly SequenceValue[]): Promise<void>;
}

/** The last value a sequence handed out. */
export interface SequenceValue {
  readonly schema: string;
  readonly name: string;
  /** As text: 64 bits do not fit a JavaScript number. */
  readonly lastValue: string;
}
