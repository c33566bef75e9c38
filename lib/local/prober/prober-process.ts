/** The process behind Prober: runs the writers and answers for what became of their writes. */
import { serveParent } from '../parent-process';
import { monotonicClock } from './monotonic-clock';
import type { ProberSettings } from './prober';
import { seededRandom } from './seeded-random';
import type { SessionOptions } from './session';
import { verifyWrites, type WriteVerdict } from './verify-writes';
import { type ProberCounts, WriteHistory, type WriteWindow } from './write-history';
import { Writer } from './writer';

class ApplicationUnderLoad {
  private readonly stopSignal = new AbortController();
  private readonly session: SessionOptions;
  private readonly writers: Promise<unknown>;

  constructor(
    private readonly settings: ProberSettings,
    private readonly history: WriteHistory,
  ) {
    const { port, database, user, password, timeoutMs } = settings;
    this.session = { host: '127.0.0.1', port, database, user, password, timeoutMs };
    this.writers = Promise.all(
      Array.from({ length: settings.writers }, (_, writer) => this.writer(writer).run(this.stopSignal.signal)),
    );
  }

  counts(): ProberCounts {
    return this.history.counts();
  }

  window(): WriteWindow {
    return this.history.window();
  }

  async stop(): Promise<ProberCounts> {
    this.stopSignal.abort();
    await this.writers;
    this.history.stopped();
    return this.counts();
  }

  verify(target: { host: string; port: number } | undefined): Promise<WriteVerdict> {
    const { stateFolder, workload } = this.settings;
    const session = { ...this.session, ...target };
    return verifyWrites(stateFolder, { session, workload }, () => this.counts());
  }

  private writer(writer: number): Writer {
    const { workload, pace } = this.settings;
    const random = seededRandom(this.history.generation * 1_000 + writer);
    const { session, history } = this;
    return new Writer({ writer, workload, session, pace, history, clock: monotonicClock, random });
  }
}

let application: ApplicationUnderLoad | undefined;

function started(): ApplicationUnderLoad {
  if (application === undefined) throw new Error('the prober was not started: send "start" first');
  return application;
}

serveParent<{
  start: ProberSettings;
  counts: object;
  window: object;
  stop: object;
  verify: { target?: { host: string; port: number } };
}>({
  start: async (settings) => {
    application = new ApplicationUnderLoad(settings, await WriteHistory.open(settings.stateFolder, monotonicClock.now));
  },
  counts: () => started().counts(),
  window: () => started().window(),
  stop: () => started().stop(),
  verify: ({ target }) => started().verify(target),
});
