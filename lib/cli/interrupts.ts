/** Ctrl-C and SIGTERM: the first asks the run to roll back, the second ends everything at once. */

const EXIT_CODE_INTERRUPTED = 130;

export class Interrupts {
  private readonly controller = new AbortController();
  private waiters: (() => void)[] = [];
  private readonly listener = () => this.interrupted();

  constructor(private readonly out: NodeJS.WriteStream) {
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
