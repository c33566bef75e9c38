/** The SQL side of a database, as the phases need it: one implementation per engine. */
import type { Change, LedgerEntry } from '../core/changes';
import type { TableName } from '../core/declarations';
import type { DeclaredBy } from '../core/schema';
import type { ChangedRows } from './changed-rows';
import type { Comparison } from './comparison';
import type { Counters } from './counters';
import type { Reader } from './reader';
import type { Following, Publishing } from './replication';
import type { WayBack } from './way-back';

/** `closed` and `abandoned` before it served, `open` while it serves; then it gives the application back, or blue is given up. */
export type GreenState = 'closed' | 'abandoned' | 'open' | 'failing-back' | 'retiring';

/** The run's record: on blue it is the lock; its copy on green arbitrates between opening green and abandoning it. */
export interface RunRecord {
  readonly runId: string;
  readonly since: string;
  /** Followed only: which slot keeps what is written. A copy with the same lineage can go on from where it was made. */
  readonly lineage?: string;
  /** Green only: the position in blue's WAL at which it was copied. */
  readonly seed?: string;
  /** Green only: it has followed blue from the seed on. */
  readonly begun: boolean;
  /** The freeze of this side; in a run that does not follow, its copy on green says which freeze green stems from. */
  readonly freeze?: Freeze;
  /** How often this side was made to refuse writes since the run began to move the application. */
  readonly freezes: number;
  readonly greenState: GreenState;
}

/** One uninterrupted time in which a side refuses writes. */
export interface Freeze {
  readonly id: string;
  /** After this instant the run must not rely on the freeze any more. */
  readonly until: Date;
  /** The other side may have taken over: only when it is known not to have may this one accept writes again. */
  readonly handedOver: boolean;
}

/** Which databases of the instance the plan mentions besides its own. */
export interface MentionedDatabases {
  readonly followed: readonly string[];
  readonly abandoned: readonly string[];
}

/** Which of the plan's secrets, by its key below `blue`. */
export type PlanSecret = 'secretArn' | 'applicationSecretArn';

export interface WriteAttempt {
  readonly accepted: boolean;
  /** What the server said. */
  readonly message: string;
}

/** What has to be known of the changes to compare rows of both sides. */
export interface ComparedAlike {
  readonly declared: readonly DeclaredBy[];
  /** Whether a change may have touched tables that no declaration names. */
  readonly unseen: boolean;
  /** In which times without a zone are read where a change gave them one, or took it. */
  readonly timeZone: string;
}

/**
 * One database of one side, seen as the run's user. Every method may be called again after a crash.
 *
 * @throws TemporarilyUnavailable when the server does not answer or a lock cannot be had for the moment.
 */
export interface Database extends Reader, Publishing, Following {
  /** Reasons why this database must not be migrated now, each with its remedy. */
  guardrails(mentioned: MentionedDatabases): Promise<readonly string[]>;
  /** Reasons why this database cannot be followed now, each with its remedy. */
  followingGuardrails(needs: {
    readonly databases: number;
    readonly maxWalKeptMiB: number;
  }): Promise<readonly string[]>;

  /** What the server says when the user of this secret, as it is now, may not log in; undefined where the plan names none. */
  loginRefusal(secret: PlanSecret): Promise<string | undefined>;

  record(): Promise<RunRecord | undefined>;
  /** Takes the lock, or finds that this run has it. @throws RunLocked when another run does. */
  takeLock(runId: string, planName: string): Promise<void>;
  /** Removes the run's record and whatever else the run keeps in the database, but not the ledger. */
  release(runId: string): Promise<void>;

  /**
   * Makes the database refuse writes, and waits for those that were being made; repairs a freeze that is already there.
   * It holds against sessions that ask for read-write transactions. Sessions from before are not read-only: they may still
   * make tables, or take values of sequences, until {@link endClientSessions}.
   *
   * @param until deadline of a new freeze; one that is already there keeps its own.
   * @param options.marking whether a marker follows what was written last, as {@link Publishing.writeMarker} would write it, and
   *   tables made since {@link arm} are left to {@link Counters.look}; not unless asked for
   */
  freeze(
    runId: string,
    until: Date,
    options?: { readonly marking: boolean },
  ): Promise<Freeze & { readonly marker?: string }>;
  /** Why the freeze cannot be relied on although the record says there is one. */
  freezeGaps(): Promise<readonly string[]>;
  /**
   * Lets the database accept writes again.
   *
   * @param options.handedOver whether a side that was handed over may be taken back: only when the other one cannot open any more
   * @returns false when it was handed over and may not be taken back
   */
  unfreeze(runId: string, options: { readonly handedOver: boolean }): Promise<boolean>;
  /** The last word of the side that gives up the application. @returns false when this freeze was lifted meanwhile */
  handOver(runId: string, freezeId: string): Promise<boolean>;
  /**
   * Lets the server itself lift a freeze that is neither lifted nor handed over when `seconds` are over, whoever is gone by then.
   *
   * @returns takes it back
   */
  armDeadMan(runId: string, seconds: number): Promise<() => Promise<void>>;
  /**
   * Makes sure that one invocation at a time moves the application; holds until the invocation ends.
   *
   * @param options.evenIfHeld ends the session of whoever holds it: somebody nobody waits for any more
   * @returns false when another one is at it
   */
  claimCrossing(options: { readonly evenIfHeld: boolean }): Promise<boolean>;
  /** Prepares a freeze, so that it takes no lock on any table. */
  arm(): Promise<void>;
  /** Lets sessions be made that need not be made again when the database opens; it refuses their writes until then. */
  admitSessions(): Promise<void>;
  /** Takes that back: sessions made from now on are read-only. */
  excludeSessions(): Promise<void>;
  /** Jobs the database runs by itself. */
  pauseJobs(): Promise<void>;
  resumeJobs(): Promise<void>;
  /**
   * Tries to write as the application, with a statement that finds no row.
   *
   * @param options.insist asks for a read-write transaction, as a session may that does not care for the database's default
   */
  attemptWrite(options: { readonly insist: boolean }): Promise<WriteAttempt>;
  /** Makes the session of the next write attempt now, so that a freeze that comes first is found out about sooner. */
  prepareWriteAttempt(): Promise<void>;
  /** Lets the server plan what it is asked while writers wait; changes nothing. */
  planCrossing(): Promise<void>;
  /** Ends the sessions of clients, so that they connect anew, and waits until they are gone; the run's own sessions stay. */
  endClientSessions(): Promise<void>;

  /** Green only: opens it for writes unless it was abandoned. One transaction; the point of no return. */
  open(runId: string): Promise<'opened' | 'abandoned'>;
  /** From now on green can never be opened, unless it already was; blue can neither be frozen nor say its last word. */
  abandon(runId: string): Promise<Exclude<GreenState, 'closed'> | 'no-record'>;
  /** Green only: changes its state if it is one of `from`, or `to` already. @returns false when it is another */
  moveGreen(runId: string, from: readonly GreenState[], to: GreenState): Promise<boolean>;

  /** In any order; its chain says which came first. */
  ledger(): Promise<readonly LedgerEntry[]>;
  /** The change that the server is applying, in words; undefined when it applies none. */
  runningChange(): Promise<string | undefined>;
  /**
   * Applies one change and writes its ledger entry, both or neither; one change at a time, each once. What is not done when
   * `waitMs` are over goes on without us: then {@link runningChange} finds it, then the ledger has it, or this is called again
   * and says why it failed.
   *
   * @returns `running` when the server is still at a change, this one or another invocation's
   * @throws ChangeFailed with what the server said, now or when nobody listened
   * @throws ChangeLost when it was begun several times and each time the server lost it
   */
  applyChange(runId: string, change: Change, chain: string, waitMs: number): Promise<'applied' | 'running'>;
  /** Ends the change that is being applied, so that it is not; one that is in the ledger by then stays. */
  endChange(runId: string): Promise<void>;
  /** Tables whose statistics are older than the last change; what analyzes others along comes first. */
  tablesToAnalyze(): Promise<readonly TableName[]>;
  /** Renews the statistics of a table, unless somebody did. */
  analyze(table: TableName): Promise<void>;

  /** Why pending changes must not be applied while this side is followed; each with its remedy. */
  whyNotFollowed(pending: readonly Change[]): Promise<readonly string[]>;
  /** Why green must not follow this side any more: what applied changes made of it, whether their text shows it or not. */
  whyNotAlike(green: Database): Promise<readonly string[]>;
  /**
   * What lies in the way of rows that flow from green back to this side.
   *
   * @param green absent before there is one: then it is what pending changes make of this side
   * @param pending the changes that are still to be applied to it
   */
  wayBackFrom(green: Database | undefined, pending: readonly Change[]): Promise<WayBack>;

  /** The counters of this side, carried to the other one. */
  countersTo(other: Database): Counters;

  /** The comparison with green of what both sides have at one moment; this is blue. */
  comparisonWith(green: Database, options: ComparedAlike): Comparison;
  /**
   * The rows that change on either side from then on; this is blue.
   *
   * @param channel under which name both sides keep which they are
   * @param options.rowsNamed how many rows of a table are named when they differ
   */
  changedRowsWith(
    green: Database,
    channel: string,
    options: ComparedAlike & { readonly rowsNamed: number },
  ): ChangedRows;
  /** From now on what is kept of changed rows holds their names only; until then no column is tied to it. */
  publishNamesOnly(channel: string): Promise<void>;
}
