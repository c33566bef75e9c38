/** The phases of a run as seen in the execution's history: when each began, how it stands, what it says. */
import { ERROR_POLICIES } from '../core/error-policies';
import { PHASE_ROWS, PHASES, type PhaseName } from '../core/phases';

/** The part of a GetExecutionHistory event that tells about phases. */
export interface PhaseEvent {
  readonly type?: string | undefined;
  readonly stateEnteredEventDetails?: { readonly name?: string | undefined } | undefined;
  readonly taskSucceededEventDetails?: { readonly output?: string | undefined } | undefined;
  readonly taskFailedEventDetails?: FailureDetails | undefined;
  readonly taskTimedOutEventDetails?: FailureDetails | undefined;
}

interface FailureDetails {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** An event with the time at which it was seen. */
export interface SeenEvent {
  readonly event: PhaseEvent;
  readonly atMs: number;
}

export interface PhaseState {
  readonly name: PhaseName;
  readonly state: 'running' | 'waiting' | 'retrying' | 'done' | 'failed';
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  readonly attempts: number;
  readonly detail: string;
}

const PHASE_OF_STATE = new Map<string, PhaseName>(PHASES.map((phase) => [PHASE_ROWS[phase].sentence, phase]));

/** Folds events, in the order in which they happened, into one entry per phase that was entered. */
export function phaseTimeline(events: readonly SeenEvent[]): PhaseState[] {
  const phases = new Map<PhaseName, PhaseState>();
  let current: PhaseName | undefined;
  for (const { event, atMs } of events) {
    const entered =
      event.type === 'TaskStateEntered' ? PHASE_OF_STATE.get(event.stateEnteredEventDetails?.name ?? '') : undefined;
    current = entered ?? current;
    const before = current && phases.get(current);
    if (entered && !before) {
      phases.set(entered, {
        name: entered,
        state: 'running',
        startedMs: atMs,
        endedMs: undefined,
        attempts: 0,
        detail: '',
      });
    } else if (before) {
      phases.set(before.name, advance(before, event, atMs));
    }
  }
  return [...phases.values()];
}

function advance(phase: PhaseState, event: PhaseEvent, atMs: number): PhaseState {
  switch (event.type) {
    case 'TaskScheduled':
      return { ...phase, state: 'running', endedMs: undefined, attempts: phase.attempts + 1 };
    case 'TaskSucceeded': {
      const { status, detail } = progressOf(event.taskSucceededEventDetails?.output);
      return { ...phase, state: status === 'done' ? 'done' : 'waiting', endedMs: atMs, detail };
    }
    case 'TaskFailed':
    case 'TaskTimedOut': {
      const details = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails;
      return {
        ...phase,
        state: isTriedAgain(details?.error) ? 'retrying' : 'failed',
        endedMs: atMs,
        detail: `${details?.error ?? ''}: ${firstLine(errorMessage(details?.cause))}`,
      };
    }
    default:
      return phase;
  }
}

function isTriedAgain(error: string | undefined): boolean {
  const policies: Readonly<Record<string, string>> = ERROR_POLICIES;
  return policies[error ?? ''] === 'retry';
}

function progressOf(output: string | undefined): { status: string; detail: string } {
  const payload = parseObject(parseObject(output).Payload);
  return { status: String(payload.status ?? ''), detail: String(payload.detail ?? '') };
}

/** The message inside a Lambda function's cause, or the cause itself. */
export function errorMessage(cause: string | undefined): string {
  const { errorMessage: message } = parseObject(cause);
  return typeof message === 'string' ? message : (cause ?? '');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function parseObject(value: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
