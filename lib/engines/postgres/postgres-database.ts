/** The Database port on PostgreSQL: hands each question to the file that knows the answer. */
import type { AnswerBounds } from '../../core/answers';
import type { Change } from '../../core/changes';
import type { ColumnName } from '../../core/data-drift';
import type { TableName } from '../../core/declarations';
import type { ShowOptions } from '../../core/differences';
import type { Address } from '../../core/run';
import type { ChangedRows } from '../../ports/changed-rows';
import type { Comparison } from '../../ports/comparison';
import type { Counters } from '../../ports/counters';
import type { Credentials } from '../../ports/credentials';
import type {
  ComparedAlike,
  Database,
  GreenState,
  MentionedDatabases,
  PlanSecret,
  WriteAttempt,
} from '../../ports/database';
import type { PublishedColumns } from '../../ports/replication';
import type { WayBack } from '../../ports/way-back';
import { readOwnTypes } from './catalog/own-types';
import { analyze, tablesToAnalyze } from './change-runner/analysis';
import { applyChange } from './change-runner/apply-change';
import { forgetAttempts } from './change-runner/change-attempts';
import { readLedger } from './change-runner/ledger';
import { endRunningChange, runningChange } from './change-runner/running-change';
import { PostgresChangedRows } from './changed-rows/changed-rows';
import { publishNamesOnly } from './changed-rows/key-publication';
import { PostgresComparison } from './comparison/comparison';
import { endKeptSnapshots } from './comparison/kept-snapshot';
import type { ColumnExtreme } from './counters/feeding';
import { readFeeds } from './counters/feeds';
import { PostgresCounters, type SideGivenUp } from './counters/postgres-counters';
import type { KnownSequences, SequenceTarget } from './counters/sequence-value';
import { advanceSequences, readSequences } from './counters/sequences';
import { followingGuardrails, longTransactions } from './guardrails/following-guardrails';
import { guardrails } from './guardrails/guardrails';
import { PostgresReader } from './reader/reader';
import { adopt } from './replication/adopted-copy';
import { applyFailure } from './replication/apply-failure';
import * as marker from './replication/marker';
import { drift } from './replication/published-tables';
import * as publisher from './replication/publisher';
import { readReplicatedTables } from './replication/replicated-tables';
import * as subscriber from './replication/subscriber';
import { abandonGreen, claimCrossing, moveGreen, readRecord, removeRecord, takeLock } from './run-record/run-record';
import { loginRefusal } from './session/login';
import { RUN_APPLICATION_NAME, Session, type SessionOptions } from './session/session';
import { withTypesResolved } from './way-back/resolved-types';
import { whyNotAlike, whyNotFollowed } from './way-back/retypings';
import { obstacleInWords, wayBackOf } from './way-back/way-back';
import { endClientSessions } from './write-gate/client-sessions';
import * as fence from './write-gate/fence';
import * as freeze from './write-gate/freeze';
import { pauseJobs, resumeJobs } from './write-gate/jobs';
import { planCrossing } from './write-gate/planned-crossing';
import { isUnwrittenSince, Lookout } from './write-gate/standstill';
import { PreparedAttempt } from './write-gate/write-attempt';

export interface PostgresDatabaseOptions extends SessionOptions {
  /** The application's user; write attempts are made as it, else as the run's. */
  readonly applicationCredentials?: () => Promise<Credentials>;
  /**
   * Name of a function that runs a statement as RDS lets members of `rds_superuser` run it.
   *
   * @default the statement is run as it is
   */
  readonly executeAs?: string;
}

export class PostgresDatabase implements Database, SideGivenUp {
  private readonly session: Session;
  private readonly reader: PostgresReader;
  private readonly lookout: Lookout;

  private attempt: PreparedAttempt | undefined;
  private readonly listening: ChangedRows[] = [];

  constructor(private readonly options: PostgresDatabaseOptions) {
    this.session = new Session(options);
    this.reader = new PostgresReader(this.session);
    this.lookout = new Lookout(options);
  }

  guardrails = (mentioned: MentionedDatabases) => guardrails(this.session, mentioned);
  followingGuardrails = (needs: { databases: number; maxWalKeptMiB: number }) =>
    followingGuardrails(this.session, needs);
  longTransactions = (seconds: number) => longTransactions(this.session, seconds);
  loginRefusal = async (secret: PlanSecret) => {
    const credentials = secret === 'secretArn' ? this.options.credentials : this.options.applicationCredentials;
    return credentials && loginRefusal({ ...this.options, credentials });
  };
  record = () => readRecord(this.session);
  takeLock = (runId: string, planName: string) => takeLock(this.session, runId, planName);

  claimCrossing = ({ evenIfHeld }: { evenIfHeld: boolean }) => claimCrossing(this.session, evenIfHeld);
  arm = () => fence.arm(this.session);
  freeze = async (runId: string, until: Date, { marking } = { marking: false }) =>
    freeze.freeze(this.session, runId, { until, marking, spared: await this.attempt?.processId() });
  freezeGaps = () => freeze.freezeGaps(this.session);
  lookAtAll = (known: KnownSequences) => this.lookout.lookAtAll(known);
  isUnwrittenSince = (standstill: string) => isUnwrittenSince(this.session, standstill);
  unfreeze = (runId: string, options: { handedOver: boolean }) => freeze.unfreeze(this.session, runId, options);
  handOver = (runId: string, freezeId: string) => freeze.handOver(this.session, runId, freezeId);
  planCrossing = () => planCrossing(this.session);
  armDeadMan = (runId: string, seconds: number) => freeze.armDeadMan(this.session, runId, seconds);
  admitSessions = () => freeze.admitSessions(this.session);
  excludeSessions = () => freeze.excludeSessions(this.session);
  endClientSessions = () => endClientSessions(this.session);
  open = (runId: string) => freeze.openGreen(this.session, runId);
  abandon = (runId: string) => abandonGreen(this.session, runId);
  moveGreen = (runId: string, from: readonly GreenState[], to: GreenState) => moveGreen(this.session, runId, from, to);
  pauseJobs = () => pauseJobs(this.session);
  resumeJobs = () => resumeJobs(this.session);

  ledger = () => readLedger(this.session);
  runningChange = () => runningChange(this.session);
  applyChange = (runId: string, change: Change, chain: string, waitMs: number) =>
    applyChange(this.options, { runId, change, chain }, waitMs);
  endChange = async (runId: string) => {
    await endRunningChange(this.session);
    await forgetAttempts(this.session, runId);
  };
  tablesToAnalyze = () => tablesToAnalyze(this.session);
  analyze = (table: TableName) => analyze(this.session, table);
  replicatedTables = () => readReplicatedTables(this.session);
  ownTypes = () => readOwnTypes(this.session);
  sequences = (among?: readonly string[]) => readSequences(this.session, { among });
  advanceSequences = (targets: readonly SequenceTarget[], extremes: readonly ColumnExtreme[]) =>
    advanceSequences(this.session, targets, extremes);
  feeds = () => readFeeds(this.session);

  schema = () => this.reader.schema();
  roles = () => this.reader.roles();
  answer = (sql: string, bounds: AnswerBounds) => this.reader.answer(sql, bounds);
  time = (sql: string, limitMs: number) => this.reader.time(sql, limitMs);
  statistics = () => this.reader.statistics();
  extremes = (column: ColumnName) => this.reader.extremes(column);

  publish = (runId: string, channel: string) => publisher.publish(this.session, runId, channel);
  publishColumns = (channel: string, tables: readonly PublishedColumns[]) =>
    publisher.publishColumns(this.session, channel, tables);
  setPublishedColumns = (channel: string, tables: readonly PublishedColumns[]) =>
    publisher.setPublishedColumns(this.session, channel, tables);
  slot = (channel: string) => publisher.slotState(this.session, channel);
  slotCovers = (channel: string, position: string) => publisher.slotCovers(this.session, channel, position);
  forgetWritten = (channel: string) => publisher.advanceSlot(this.session, channel);
  endOfWritten = () => publisher.endOfWritten(this.session);
  closeChannel = (channel: string) => publisher.closeChannel(this.session, channel);
  drift = () => drift(this.session);
  writeMarker = () => marker.writeMarker(this.session);

  adopt = (runId: string) => adopt(this.session, runId);
  beginAt = (channel: string, position: string) => subscriber.beginAt(this.session, channel, position);
  passOver = (channel: string, position: string) => subscriber.passOver(this.session, channel, position);
  stopFollowing = (channel: string) => subscriber.disable(this.session, channel, this.options.executeAs);
  unsubscribe = (channel: string) => subscriber.unsubscribe(this.session, channel, this.options.executeAs);
  subscription = (channel: string) => subscriber.subscriptionState(this.session, channel);
  applyFailure = async (log: readonly string[], options: ShowOptions) => applyFailure(log, options);
  markerArrives = (token: string, patienceMs: number) => marker.markerArrives(this.session, token, patienceMs);
  markerAt = () => marker.markerAt(this.session);

  async subscribe(channel: string, address: Address): Promise<void> {
    await subscriber.subscribe(this.session, channel, await this.counterpart(address), this.options.executeAs);
  }

  async follow(channel: string, address: Address): Promise<void> {
    await subscriber.enable(this.session, channel, await this.counterpart(address), this.options.executeAs);
  }

  whyNotFollowed = async (pending: readonly Change[]) => {
    const [tables, types] = await Promise.all([this.replicatedTables(), this.ownTypes()]);
    return whyNotFollowed(tables, withTypesResolved(pending, types), types);
  };
  whyNotAlike = async (green: Database) =>
    whyNotAlike(...(await Promise.all([this.replicatedTables(), asPostgres(green).replicatedTables()])));

  async wayBackFrom(green: Database | undefined, pending: readonly Change[]): Promise<WayBack> {
    const other = green && asPostgres(green);
    const [onBlue, onGreen] = await Promise.all([this.replicatedTables(), other?.replicatedTables()]);
    const resolved = pending.length > 0 ? withTypesResolved(pending, await (other ?? this).ownTypes()) : [];
    const { obstacles, conditions, tables } = wayBackOf(onBlue, onGreen ?? onBlue, resolved);
    return { obstacles: obstacles.map(obstacleInWords), conditions: conditions.map(obstacleInWords), tables };
  }

  countersTo = (other: Database): Counters => new PostgresCounters(this, asPostgres(other));

  comparisonWith(green: Database, options: ComparedAlike): Comparison {
    const other = asPostgres(green);
    return new PostgresComparison(this.session, other.session, {
      blue: this.options,
      green: other.options,
      ...options,
    });
  }

  changedRowsWith(green: Database, channel: string, options: ComparedAlike & { rowsNamed: number }): ChangedRows {
    const other = asPostgres(green);
    const changedRows = new PostgresChangedRows(this.session, other.session, {
      blue: this.options,
      green: other.options,
      channel,
      ...options,
    });
    this.listening.push(changedRows);
    return changedRows;
  }

  publishNamesOnly(channel: string): Promise<void> {
    return publishNamesOnly(this.session, channel);
  }

  async release(runId: string): Promise<void> {
    const record = await readRecord(this.session);
    if (record && record.runId !== runId) {
      return; // whatever is there is another run's
    }
    await endKeptSnapshots(this.session);
    await freeze.disarmDeadMan(this.session);
    await fence.dropFence(this.session);
    await removeRecord(this.session, runId);
  }

  prepareWriteAttempt = async (): Promise<void> => {
    this.attempt ??= await PreparedAttempt.in(this.applicationSession());
  };

  attemptWrite = async ({ insist }: { insist: boolean }): Promise<WriteAttempt> => {
    const attempt = this.attempt ?? (await PreparedAttempt.in(this.applicationSession()));
    this.attempt = undefined;
    try {
      return await attempt.make(insist);
    } finally {
      await attempt.close();
    }
  };

  close = async () => {
    await Promise.all(this.listening.map((one) => one.close()));
    await this.attempt?.close();
    await this.lookout.close();
    await this.session.close();
  };

  /** Without the run's exemptions: it meets what a client meets. */
  private applicationSession(): Session {
    const { applicationCredentials, credentials } = this.options;
    return new Session({
      ...this.options,
      credentials: applicationCredentials ?? credentials,
      applicationName: `${RUN_APPLICATION_NAME} write attempt`,
    });
  }

  /** The other side, as this one reaches it: the same database and user. */
  private async counterpart({ host, port }: Address): Promise<subscriber.Publisher> {
    const { database, credentials, tls } = this.options;
    return { host, port, database, ...(await credentials()), sslmode: tls === false ? 'disable' : 'require' };
  }
}

function asPostgres(other: Database): PostgresDatabase {
  if (!(other instanceof PostgresDatabase)) {
    throw new TypeError('both sides must be PostgreSQL databases');
  }
  return other;
}
