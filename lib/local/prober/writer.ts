/** One writer of the application under load: runs operations, notes the outcome, reconnects, and never gets stuck. */
import type { Clock } from '../../ports/clock';
import { OperationChoice } from './operation-choice';
import { Session, type SessionOptions } from './session';
import { type Statement, statementsOf } from './statements';
import type { OperationKind, Workload } from './workload';
import type { WriteHistory } from './write-history';
import { formatWriteKey } from './write-key';

export interface Pace {
  /** Between two operations; 0 for full speed. */
  thinkTimeMs: number;
  /** After a refused one. */
  refusalPauseMs: number;
}

/**
 * A session that got nothing but refusals for so long may be one to the wrong side, so it is given up as a connection pool
 * would; not at once, because the password check of each new session costs the server more than the refused write.
 */
const REFUSED_SESSION_MS = 200;

export interface WriterOptions {
  writer: number;
  workload: Workload;
  session: SessionOptions;
  pace: Pace;
  history: WriteHistory;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
}

export class Writer {
  private readonly choice: OperationChoice;
  private readonly transactions: Readonly<Record<OperationKind, Statement[]>>;
  private session: Session | undefined;
  private served = false;
  private refusedSinceMs: number | undefined;

  constructor(private readonly options: WriterOptions) {
    const { workload, random } = options;
    this.choice = new OperationChoice(workload, random);
    this.transactions = {
      write: statementsOf(workload.write),
      update: statementsOf(workload.update ?? ''),
      delete: statementsOf(workload.delete ?? ''),
    };
  }

  /** Works until `stop` is aborted; the operation in flight then is finished. */
  async run(stop: AbortSignal): Promise<void> {
    this.options.history.began(this.options.writer);
    while (!stop.aborted) {
      const pauseMs = await this.attempt();
      // A timer of 0 ms would take more than one.
      if (pauseMs > 0) await this.options.clock.sleep(pauseMs, stop).catch(() => undefined);
    }
    this.session?.close();
  }

  /** @returns how long to pause after it */
  private async attempt(): Promise<number> {
    const { thinkTimeMs, refusalPauseMs } = this.options.pace;
    const session = await this.connected();
    if (session === undefined) return refusalPauseMs;
    if (await this.operate(session)) {
      this.served = true;
      this.refusedSinceMs = undefined;
      return thinkTimeMs;
    }
    const nowMs = this.options.clock.now();
    this.refusedSinceMs ??= nowMs;
    if (session.usable) {
      if (nowMs - this.refusedSinceMs >= REFUSED_SESSION_MS) session.close();
      return refusalPauseMs;
    }
    // A connection that worked until somebody ended it is replaced at once, as any pool would do.
    return this.served ? 0 : refusalPauseMs;
  }

  private async connected(): Promise<Session | undefined> {
    if (this.session?.usable) return this.session;
    this.session = undefined;
    this.served = false;
    this.refusedSinceMs = undefined;
    try {
      this.session = await Session.open(this.options.session);
    } catch (error) {
      this.options.history.refused((error as Error).message);
    }
    return this.session;
  }

  /** @returns whether it was acknowledged */
  private async operate(session: Session): Promise<boolean> {
    const { history, writer } = this.options;
    const operation = this.choice.next();
    const { kind, sequence, value } = operation;
    const key = formatWriteKey({ generation: history.generation, writer, sequence });
    history.begun(kind, key, value);
    const outcome = await session.run(this.transactions[kind], [key, value]);
    if (outcome.kind === 'acknowledged') {
      const missed = kind !== 'write' && outcome.rows === 0;
      history.acknowledged(writer, key, { missed });
      this.choice.settle(operation, missed ? 'missed' : 'acknowledged');
      return true;
    }
    if (outcome.kind === 'refused') history.refused(outcome.reason, key);
    else history.unknown(outcome.reason, key);
    this.choice.settle(operation, outcome.kind);
    return false;
  }
}
