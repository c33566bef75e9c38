/** What the guard decides: which runs are not over although nothing works on them, and under which names they are recovered. */
import { createHash } from 'node:crypto';
import { OUTCOME_ERRORS } from './outcomes';

/** An execution of the plan's state machine. */
export interface SeenExecution {
  readonly name: string;
  readonly status: string;
  /** JSON text; undefined where nobody tells. */
  readonly input?: string | undefined;
  readonly error?: string | undefined;
  readonly endedMs?: number | undefined;
}

/** A run to recover. */
export interface Unfinished {
  readonly runId: string;
  /** What it is recovered from: the execution that did not end as it should, or a freeze. */
  readonly cause: string;
  readonly why: string;
}

/** A cause is recovered from so often; then somebody has to look. */
export const MOST_RECOVERIES = 3;

const RECOVERY_NAME = /-recovery-[0-9a-f]{12}-\d$/;
const OVER: readonly string[] = Object.values(OUTCOME_ERRORS);

/**
 * Decides by how executions ended, whatever their inputs say. The latest of a run counts. One that is a recovery of ours
 * adds to the recoveries of the execution it was started for, so that recoveries that break off come to an end.
 */
export function unfinished(executions: readonly SeenExecution[]): Unfinished[] {
  const runs = new Map<string, SeenExecution[]>();
  for (const execution of executions) {
    const runId = runIdOf(execution);
    runs.set(runId, [...(runs.get(runId) ?? []), execution]);
  }
  return [...runs].flatMap(([runId, own]) => {
    const [latest, ...before] = [...own].sort((one, other) => (other.endedMs ?? 0) - (one.endedMs ?? 0));
    if (!latest || own.some(isRunning) || isOver(latest)) {
      return [];
    }
    const cause = [latest, ...before].find(({ name }) => !RECOVERY_NAME.test(name)) ?? latest;
    const { name, status, error } = latest;
    const why = `execution ${name} ended with status ${status}${error ? ` (${error})` : ''} before the run was over`;
    return [{ runId, cause: `execution ${cause.name}`, why }];
  });
}

export function isRunning({ status }: SeenExecution): boolean {
  return status === 'RUNNING' || status === 'PENDING_REDRIVE';
}

function isOver({ status, error }: SeenExecution): boolean {
  return status === 'SUCCEEDED' || (status === 'FAILED' && error !== undefined && OVER.includes(error));
}

/** As the state machine reads it: from the input, from that of the execution whose end the input tells, else the execution's name. */
export function runIdOf({ name, input }: SeenExecution): string {
  const given = parsed(input);
  if (typeof given.runId === 'string') {
    return given.runId;
  }
  const ofStopped =
    typeof given.input === 'string' ? /"runId"\s*:\s*"([0-9A-Za-z_-]{1,64})"/.exec(given.input)?.[1] : undefined;
  return ofStopped ?? (given.executionArn !== undefined && given.name !== undefined ? String(given.name) : name);
}

function parsed(input: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(input ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The same for the same: of two guards that start it at the same time one finds it started, and a name is used up by its end. */
export function recoveryName({ runId, cause }: Unfinished, attempt: number): string {
  const hash = createHash('sha256').update(`${runId}\n${cause}`).digest('hex').slice(0, 12);
  return `${runId.replace(/[^0-9A-Za-z_-]/g, '').slice(0, 50)}-recovery-${hash}-${attempt}`;
}
