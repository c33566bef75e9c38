/** One writer of the application under load: writes, notes the outcome, reconnects, and never gets stuck. */
import type { Clock } from '../../ports/clock';
import { Session, type SessionOptions } from './session';
import { takesParameter } from './workload';
import type { WriteHistory } from './write-history';
import { formatWriteKey } from './write-key';

export interface Pace {
  /** Between two writes. */
  thinkTimeMs: number;
  /** After a refused write. */
  refusalPauseMs: number;
}

/**
 * A session that only gets refusals may be one to the wrong side, so it is given up as a connection pool would; not at
 * once, because the password check of each new session costs the server more than the refused write.
 */
const REFUSALS_PER_SESSION = 10;

const INT4_LIMIT = 2 ** 31;

export interface WriterOptions {
  writer: number;
  statement: string;
  session: SessionOptions;
  pace: Pace;
  history: WriteHistory;
  clock: Clock;
  /** From 0 to below 1. */
  random: () => number;
}

export class Writer {
  private sequence = 0;
  private refusals = 0;
  private session: Session | undefined;

  constructor(private readonly options: WriterOptions) {}

  /** Writes until `stop` is aborted; the write in flight then is finished. */
  async run(stop: AbortSignal): Promise<void> {
    this.options.history.began(this.options.writer);
    while (!stop.aborted) {
      const accepted = await this.attempt();
      const { thinkTimeMs, refusalPauseMs } = this.options.pace;
      await this.options.clock.sleep(accepted ? thinkTimeMs : refusalPauseMs, stop).catch(() => undefined);
    }
    this.session?.close();
  }

  private async attempt(): Promise<boolean> {
    const session = await this.connected();
    if (session === undefined) return false;
    const accepted = await this.write(session);
    this.refusals = accepted ? 0 : this.refusals + 1;
    if (this.refusals >= REFUSALS_PER_SESSION) session.close();
    return accepted;
  }

  private async connected(): Promise<Session | undefined> {
    if (this.session?.usable) return this.session;
    this.session = undefined;
    this.refusals = 0;
    try {
      this.session = await Session.open(this.options.session);
    } catch (error) {
      this.options.history.refused((error as Error).message);
    }
    return this.session;
  }

  private async write(session: Session): Promise<boolean> {
    const { history, writer, statement, random } = this.options;
    this.sequence += 1;
    const key = formatWriteKey({ generation: history.generation, writer, sequence: this.sequence });
    const number = Math.floor(random() * INT4_LIMIT);
    const outcome = await session.write(statement, takesParameter(statement, 2) ? [key, number] : [key]);
    if (outcome.kind === 'acknowledged') history.acknowledged(writer, key);
    else if (outcome.kind === 'refused') history.refused(outcome.reason, key);
    else history.unknown(outcome.reason, key);
    return outcome.kind === 'acknowledged';
  }
}
