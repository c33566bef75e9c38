/** Starts a run in the local runtime, watches its executions, and recovers it when it is stopped, as the guard does on AWS. */
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { SeenEvent } from '../report/phase-timeline';
import type { LocalRuntime } from './local-runtime';

export interface ExecutionEnd {
  readonly status: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

export interface RunExecutionOptions {
  readonly runId: string;
  readonly rehearse: boolean;
  /** Aborting it stops the execution and starts the recovery. */
  readonly signal: AbortSignal;
  /** Called after every event with all events so far. */
  readonly onProgress: (events: readonly SeenEvent[]) => void;
}

export interface RunExecution {
  readonly end: ExecutionEnd;
  readonly events: readonly SeenEvent[];
}

export async function runExecution(runtime: LocalRuntime, options: RunExecutionOptions): Promise<RunExecution> {
  const { runId, rehearse, signal, onProgress } = options;
  const events: SeenEvent[] = [];
  const stopWatching = runtime.service.onEvent((event) => {
    events.push({ event, atMs: Date.now() });
    onProgress(events);
  });
  try {
    const input = { runId, ...(rehearse && { rehearse }) };
    const end = await execute(runtime, runId, input, signal);
    if (end.status === 'ABORTED') {
      return { end: await execute(runtime, `${runId}-recovery`, { runId, recover: true }), events };
    }
    return { end, events };
  } finally {
    stopWatching();
  }
}

/** Starts an execution and waits for its end. */
export async function execute(
  { sfn, service, stateMachineArn }: LocalRuntime,
  name: string,
  input: object,
  signal?: AbortSignal,
): Promise<ExecutionEnd> {
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  const stop = () => {
    // an execution that ended meanwhile has nothing to stop
    sfn
      .send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause: 'stopped by hand' }))
      .catch(() => undefined);
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) {
    stop();
  }
  try {
    await service.result(executionArn); // an engine's own error must not pass for an outcome of the run
    const { status = '', output, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return { status, output, error, cause };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
