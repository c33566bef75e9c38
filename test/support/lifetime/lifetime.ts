/** How long what a test starts may live: as long as the test; what a hook starts for all tests, as long as their file. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Thrown at whoever starts something for a test that is over. */
export class TestIsOver extends Error {
  override readonly name = 'TestIsOver';
  constructor() {
    super('the test for which this was started is over');
  }
}

/** Who was abandoned fails once all that it works with is ended; who waits for nothing that exists never does. */
const SETTLING_MS = 300_000;

export class Lifetime {
  private static readonly current = new AsyncLocalStorage<Lifetime>();
  private readonly endings: (() => Promise<unknown>)[] = [];
  private readonly works = new Set<Promise<unknown>>();
  private isOver = false;

  /** That of the test or hook the caller belongs to, also when that one took too long and others run by now. */
  static ofCaller(): Lifetime | undefined {
    return Lifetime.current.getStore();
  }

  /** Whatever `work` starts belongs to this. */
  run<Result>(work: () => Result): Result {
    const result = Lifetime.current.run(this, work);
    this.await(Promise.resolve(result));
    return result;
  }

  /** @throws TestIsOver when it is too late; then `end` is called at once */
  add(end: () => Promise<unknown>): void {
    if (this.isOver) {
      this.await(end());
      throw new TestIsOver();
    }
    this.endings.push(end);
  }

  /** Ends what was started, the latest first, whatever fails, and waits for whoever is still at work with it. */
  async end(): Promise<void> {
    this.isOver = true;
    for (const end of this.endings.splice(0).reverse()) {
      await end().catch(() => undefined); // what the test has ended in a way of its own may say so
    }
    const patience = new AbortController();
    await Promise.race([this.settled(), passed(SETTLING_MS, patience.signal)]);
    patience.abort();
  }

  private await(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.works.delete(settled));
    this.works.add(settled);
  }

  private async settled(): Promise<void> {
    while (this.works.size > 0) {
      await Promise.all(this.works);
    }
  }
}

function passed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
