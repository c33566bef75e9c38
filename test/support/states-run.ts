/** Runs a state machine on virtual time and tells what came of it. */
import { VirtualClock } from '../../lib/local/clock/virtual-clock';
import type { ExecutionResult } from '../../lib/local/states/execution-result';
import type { HistoryEvent } from '../../lib/local/states/history-event';
import type { JsonValue } from '../../lib/local/states/json-value';
import { StatesService, type TaskHandler } from '../../lib/local/states/states-service';

export interface StatesRunOptions {
  readonly input?: JsonValue;
  readonly handlers?: Readonly<Record<string, TaskHandler>>;
  readonly random?: () => number;
  readonly clock?: VirtualClock;
}

export interface StatesRun {
  readonly service: StatesService;
  readonly clock: VirtualClock;
  readonly executionArn: string;
  /** Virtual seconds since the execution started. */
  elapsedSeconds(): number;
  result(): Promise<ExecutionResult>;
  events(): readonly HistoryEvent[];
  types(): string[];
}

/** A machine in JSONata with these states, the first of which is the entry. */
export function jsonata(states: Readonly<Record<string, object>>, more: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...more };
}

/** A Task that calls the handler `name` with the state's input. */
export function call(name: string, more: object = {}): object {
  return { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`, End: true, ...more };
}

/** Starts an execution. */
export function start(definition: object, options: StatesRunOptions = {}): StatesRun {
  const clock = options.clock ?? new VirtualClock();
  const begun = clock.now();
  const handlers = new Map(Object.entries(options.handlers ?? {}));
  const service = new StatesService({ clock, handlers, ...(options.random ? { random: options.random } : {}) });
  const { stateMachineArn } = service.createStateMachine({ name: 'machine', definition });
  const { executionArn } = service.startExecution({
    stateMachineArn,
    name: 'run',
    input: JSON.stringify(options.input ?? {}),
  });
  return {
    service,
    clock,
    executionArn,
    elapsedSeconds: () => (clock.now() - begun) / 1000,
    result: () => service.result(executionArn),
    events: () => service.history(executionArn),
    types: () => service.history(executionArn).map(({ type }) => type),
  };
}

/** The result of an execution from start to end. */
export function resultOf(definition: object, options: StatesRunOptions = {}): Promise<ExecutionResult> {
  return start(definition, options).result();
}

/** An error with a name, as Lambda handlers throw it. */
export function named(name: string, message = 'no reason'): Error {
  return Object.assign(new Error(message), { name });
}
