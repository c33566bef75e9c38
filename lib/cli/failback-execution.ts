/** The execution that moves an application back: one that is under way already or a new one, watched to its end. */

import type { SeenEvent } from '../report/phase-timeline';
import { type ExecutionSeen, executionArn, type StateMachineExecutions } from '../runs/state-machine-executions';

/** @returns the ARN of the execution that moves it back */
export async function beginFailback(
  executions: StateMachineExecutions,
  stateMachineArn: string,
  runId: string,
): Promise<string> {
  const input = { runId, failback: true };
  for (let attempt = 1; ; attempt += 1) {
    const name = failbackName(runId, attempt);
    const arn = executionArn(stateMachineArn, name);
    if ((await executions.start(stateMachineArn, name, input)) || isUnderWay(await executions.look(arn), runId)) {
      return arn;
    }
  }
}

/** At most 80 characters, as Step Functions demands: a run id has at most 64. */
export function failbackName(runId: string, attempt: number): string {
  return attempt === 1 ? `${runId}-failback` : `${runId}-failback-${attempt}`;
}

/** One with the same name may be of another run, whose id ends as the names of failbacks do. */
function isUnderWay({ status, input }: ExecutionSeen, runId: string): boolean {
  if (status !== 'RUNNING') {
    return false;
  }
  try {
    const asked = JSON.parse(input ?? '') as { runId?: unknown; failback?: unknown } | null;
    return asked?.runId === runId && asked.failback === true;
  } catch {
    return false;
  }
}

export interface Watching {
  /** Waits before the next look. */
  readonly pause: () => Promise<void>;
  /** Called after every look with all events so far. */
  readonly onProgress: (events: readonly SeenEvent[]) => void;
}

export async function watchExecution(
  executions: StateMachineExecutions,
  arn: string,
  { pause, onProgress }: Watching,
): Promise<ExecutionSeen> {
  for (;;) {
    const seen = await executions.look(arn);
    const events = await executions.events(arn);
    onProgress(events.map((event) => ({ event, atMs: event.timestamp?.getTime() ?? 0 })));
    if (seen.status !== 'RUNNING') {
      return seen;
    }
    await pause();
  }
}
