/** One execution of a state machine, from its start to its one and only end. */
import { Branch } from './branch';
import type { Engine, ExecutionIdentity } from './engine';
import type { ExecutionResult, ExecutionStatus } from './execution-result';
import { HarnessError } from './harness-error';
import { History } from './history';
import type { HistoryEvent } from './history-event';
import type { JsonObject } from './json-value';
import { runBlock } from './run-block';
import { StateFailure } from './state-failure';
import type { StateMachine } from './state-machine';

export interface ExecutionOptions {
  readonly engine: Engine;
  readonly identity: ExecutionIdentity;
  readonly machine: StateMachine;
  readonly onEvent: (event: HistoryEvent) => void;
}

/** Why the branches of an execution were stopped: it has ended. */
class ExecutionEnded extends Error {
  override readonly name = 'ExecutionEnded';
}

export class Execution {
  readonly identity: ExecutionIdentity;
  readonly machine: StateMachine;
  /** Resolves when the execution has ended, however it ended; rejects with a HarnessError when the engine itself failed. */
  readonly result: Promise<ExecutionResult>;
  private readonly engine: Engine;
  private readonly history: History;
  private readonly root: Branch;
  private ended: { readonly result: ExecutionResult; readonly at: Date } | undefined;
  private settle: { resolve: (result: ExecutionResult) => void; reject: (error: HarnessError) => void };

  constructor({ engine, identity, machine, onEvent }: ExecutionOptions) {
    this.engine = engine;
    this.identity = identity;
    this.machine = machine;
    this.settle = { resolve: () => {}, reject: () => {} };
    this.result = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever asks for the result hears of a harness error; nobody has to ask.
    this.result.catch(() => {});
    this.history = new History(engine.clock, onEvent);
    this.root = new Branch({ history: this.history });
  }

  /** Begins; to be called once. */
  start(): void {
    const { input, roleArn } = this.identity;
    const details = { input: JSON.stringify(input), inputDetails: { truncated: false }, roleArn };
    this.history.append({ type: 'ExecutionStarted', previousEventId: 0, details });
    void this.run();
    void this.watchTimeout();
  }

  get status(): ExecutionStatus {
    return this.ended?.result.status ?? 'RUNNING';
  }

  get events(): readonly HistoryEvent[] {
    return this.history.events;
  }

  get outcome(): ExecutionResult | undefined {
    return this.ended?.result;
  }

  get stopDate(): Date | undefined {
    return this.ended?.at;
  }

  /** Ends the execution as ABORTED; without effect once it has ended. */
  stop(reason: { error?: string; cause?: string } = {}): void {
    this.end({ status: 'ABORTED', ...reason }, 'ExecutionAborted', { ...reason });
  }

  private async run(): Promise<void> {
    const { engine, identity, root: branch } = this;
    try {
      const output = await runBlock({ engine, identity, branch, block: this.machine.block, input: identity.input });
      const details = { output: JSON.stringify(output), outputDetails: { truncated: false } };
      this.end({ status: 'SUCCEEDED', output }, 'ExecutionSucceeded', details);
    } catch (thrown) {
      if (this.ended) return;
      if (thrown instanceof StateFailure) this.fail(thrown);
      else this.fail(harnessError(thrown));
    }
  }

  private async watchTimeout(): Promise<void> {
    const seconds = this.machine.timeoutSeconds;
    if (seconds === undefined) return;
    try {
      await this.engine.clock.sleep(seconds * 1000, this.root.signal);
    } catch {
      return; // the execution ended in time
    }
    // The service names the error in the event only; status TIMED_OUT says it all.
    this.end({ status: 'TIMED_OUT' }, 'ExecutionTimedOut', { error: 'States.Timeout' });
  }

  private fail(failure: StateFailure | HarnessError): void {
    const details =
      failure instanceof StateFailure ? failure.eventDetails : { error: failure.name, cause: failure.message };
    this.end({ status: 'FAILED', ...details }, 'ExecutionFailed', details, failure);
  }

  private end(result: ExecutionResult, type: string, details: JsonObject, failure?: StateFailure | HarnessError): void {
    if (this.ended) return;
    this.ended = { result, at: new Date(this.engine.clock.now()) };
    const previousEventId = type === 'ExecutionTimedOut' || type === 'ExecutionAborted' ? 0 : this.root.lastEventId;
    this.root.abort(new ExecutionEnded('the execution has ended'));
    this.history.close({ type, previousEventId, details });
    if (failure instanceof HarnessError) this.settle.reject(failure);
    else this.settle.resolve(result);
  }
}

/** Anything but a failure of a state is a defect, and must not look like anything else. */
function harnessError(thrown: unknown): HarnessError {
  if (thrown instanceof HarnessError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new HarnessError(`the local engine failed: ${message}`, { cause: thrown });
}
