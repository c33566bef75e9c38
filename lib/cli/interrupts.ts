/** Ctrl-C and SIGTERM: the first asks the run to roll back, the second ends everything at once. */

export const EXIT_CODE_INTERRUPTED = 130;

/**
 * One Ctrl-C may come several times: from the terminal to the whole process group, and again from npm and tsx, which pass on
 * what they got. Nobody who read what the first one does answers this fast.
 */
const ECHO_MS = 500;

export class Interrupts {
  private readonly controller = new AbortController();
  private waiters: (() => void)[] = [];
  private lastAtMs = Number.NEGATIVE_INFINITY;
  private readonly listener = () => this.received();

  constructor(
    private readonly out: Pick<NodeJS.WriteStream, 'write'>,
    private readonly nowMs: () => number,
  ) {
    process.on('SIGINT', this.listener);
    process.on('SIGTERM', this.listener);
  }

  /** Aborted by the first interrupt. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Resolves at the next interrupt. */
  next(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  end(): void {
    process.off('SIGINT', this.listener);
    process.off('SIGTERM', this.listener);
  }

  private received(): void {
    const nowMs = this.nowMs();
    if (nowMs - this.lastAtMs >= ECHO_MS) {
      this.lastAtMs = nowMs;
      this.interrupted();
    }
  }

  private interrupted(): void {
    if (this.waiters.length > 0) {
      for (const resolve of this.waiters.splice(0)) {
        resolve();
      }
      return;
    }
    if (this.controller.signal.aborted) {
      this.out.write('\nending at once; the run can be continued with its --run-id\n');
      process.exit(EXIT_CODE_INTERRUPTED); // the reaper ends the servers, the other processes see us go
    }
    this.out.write('\nstopping: the run is being undone; Ctrl-C again ends at once\n');
    this.controller.abort();
  }
}
