/** Replays recorded executions of the real service on the local engine and says where the two differ. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { VirtualClock } from '../../lib/local/clock/virtual-clock';
import { HarnessError } from '../../lib/local/states/harness-error';
import type { JsonValue } from '../../lib/local/states/json-value';
import { StatesService } from '../../lib/local/states/states-service';
import { type TaskCall, TaskError, type TaskRunner } from '../../lib/local/states/task-runner';
import { matchesRecorded } from './recorded-value';

export interface RecordedEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

export interface Recording {
  readonly id: string;
  readonly definition: string | object;
  readonly input?: JsonValue;
  readonly events: readonly RecordedEvent[];
}

export function readRecordings(file: string): Recording[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Recording);
}

/** What the recording says and the replay does not, one sentence each; empty if they agree. */
export async function replayDifferences(recording: Recording): Promise<string[]> {
  const replay = await replayed(recording);
  return [...endDifferences(recording.events, replay), ...pathDifferences(recording.events, replay)];
}

async function replayed(recording: Recording): Promise<RecordedEvent[]> {
  const runner = new RecordedTasks(relinked(recording.events));
  const service = new StatesService({ clock: new VirtualClock(), handlers: new Map(), tasks: runner });
  runner.service = service;
  stopAsRecorded(service, recording.events);
  const { stateMachineArn } = service.createStateMachine({ name: 'replay', definition: definitionOf(recording) });
  const { executionArn } = service.startExecution({ stateMachineArn, input: JSON.stringify(inputOf(recording)) });
  await service.result(executionArn);
  return service.history(executionArn) as unknown as RecordedEvent[];
}

/** Definitions may stand as text, and such texts hold what JSON5 allows: comments, trailing commas. */
function definitionOf({ definition }: Recording): object {
  return typeof definition === 'string' ? runInNewContext(`JSON.parse(JSON.stringify(${definition}))`) : definition;
}

function inputOf({ input, events }: Recording): JsonValue {
  if (input !== undefined) return data(input);
  const { input: started } = detailsOf(events[0]);
  return started === undefined ? {} : data(started);
}

/** An execution that was stopped from outside is stopped once it has come as far as it had then. */
function stopAsRecorded(service: StatesService, events: readonly RecordedEvent[]): void {
  const last = events.at(-1);
  if (last?.type !== 'ExecutionAborted') return;
  const isStep = ({ type }: { readonly type: string }) => /State(Entered|Exited)$/.test(type);
  let left = events.filter(isStep).length;
  service.onEvent((event) => {
    if (isStep(event)) left -= 1;
    if (left === 0) setImmediate(() => service.stopExecution(event.executionArn, detailsOf(last)));
  });
}

interface RecordedTask {
  /** Undefined where the recording does not tell. */
  readonly stateName: string | undefined;
  readonly args: unknown;
  /** Whether the service was to give the task up by itself. */
  readonly limited: boolean;
  readonly submitted: RecordedEvent | undefined;
  readonly outcome: RecordedEvent | undefined;
}

/** Gives every Task the outcome that its history records. */
class RecordedTasks implements TaskRunner {
  service: StatesService | undefined;
  private readonly waiting: RecordedTask[];

  constructor(events: readonly RecordedEvent[]) {
    const byId = new Map(events.map((event) => [event.id, event]));
    this.waiting = events
      .filter(({ type }) => SCHEDULED.test(type))
      .map((scheduled) => recordedTask(scheduled, events, byId));
  }

  async run({ stateName, arguments: args, taskToken, signal }: TaskCall): Promise<JsonValue> {
    const task = this.take(stateName, args);
    if (taskToken === undefined) return this.outcome(task, signal);
    if (task.outcome?.type === 'TaskSubmitFailed' || (!task.submitted && task.outcome))
      return this.outcome(task, signal);
    setImmediate(() => this.answer(task, taskToken));
    return data(detailsOf(task.submitted).output);
  }

  private take(stateName: string, args: JsonValue): RecordedTask {
    const ofState = this.waiting.filter((task) => (task.stateName ?? stateName) === stateName);
    const task = ofState.find((candidate) => matchesRecorded(candidate.args, args)) ?? ofState[0];
    if (!task) throw new HarnessError(`the recording holds no further outcome for the task of state '${stateName}'`);
    this.waiting.splice(this.waiting.indexOf(task), 1);
    return task;
  }

  private outcome({ outcome, limited }: RecordedTask, signal: AbortSignal): Promise<JsonValue> {
    if (!outcome || (limited && outcome.type.endsWith('TimedOut'))) {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
    const { output, error, cause } = detailsOf(outcome);
    if (outcome.type.endsWith('Succeeded')) return Promise.resolve(data(output));
    return Promise.reject(new TaskError(error as string | undefined, cause === undefined ? undefined : text(cause)));
  }

  private answer({ outcome }: RecordedTask, taskToken: string): void {
    if (!outcome || outcome.type.endsWith('TimedOut')) return;
    const { output, error, cause } = detailsOf(outcome);
    if (outcome.type.endsWith('Succeeded')) this.service?.sendTaskSuccess(taskToken, JSON.stringify(data(output)));
    else
      this.service?.sendTaskFailure(taskToken, {
        error: error as string,
        cause: cause === undefined ? undefined : text(cause),
      });
  }
}

function recordedTask(
  scheduled: RecordedEvent,
  events: readonly RecordedEvent[],
  byId: ReadonlyMap<unknown, RecordedEvent>,
): RecordedTask {
  let entered: RecordedEvent | undefined = scheduled;
  while (entered && entered.type !== 'TaskStateEntered') entered = byId.get(entered.previousEventId);
  const follows = (event: RecordedEvent, types: RegExp) =>
    events.find((e) => e.previousEventId === event.id && types.test(e.type));
  const started = follows(scheduled, STARTED) ?? scheduled;
  const submitted = follows(started, SUBMITTED);
  const { parameters, input, timeoutInSeconds, heartbeatInSeconds } = detailsOf(scheduled);
  return {
    stateName: entered && String(detailsOf(entered).name),
    args: data(parameters ?? input),
    limited: (timeoutInSeconds ?? heartbeatInSeconds) !== undefined,
    submitted,
    outcome: scheduled.type.endsWith('ScheduleFailed') ? scheduled : follows(submitted ?? started, OUTCOME),
  };
}

const SCHEDULED = /^(Task|LambdaFunction|Activity)Schedule(d|Failed)$/;
const STARTED = /^(Task|LambdaFunction|Activity)Started$/;
const SUBMITTED = /^TaskSubmitted$/;
const OUTCOME = /^(Task|LambdaFunction|Activity)(Start|Submit)?(Succeeded|Failed|TimedOut)$/;

/** The events, those inside a Parallel numbered again: they may have been sorted by content, their numbers struck out. */
function relinked(events: readonly RecordedEvent[]): RecordedEvent[] {
  const linked: RecordedEvent[] = [];
  let unnumbered: RecordedEvent[] = [];
  for (const event of events) {
    if (typeof event.id !== 'number') {
      unnumbered.push({ ...event, id: -1 - linked.length - unnumbered.length, previousEventId: 0 });
      continue;
    }
    linked.push(...chained(unnumbered), event);
    unnumbered = [];
  }
  return [...linked, ...chained(unnumbered)];
}

/** Links the events of tasks step by step, in the order in which they stand; to a state only if there is but one. */
function chained(events: readonly RecordedEvent[]): RecordedEvent[] {
  const entered = events.filter(({ type }) => type === 'TaskStateEntered');
  const states = new Set(entered.map((event) => detailsOf(event).name));
  const before = new Map<RecordedEvent, RecordedEvent | undefined>();
  let nearest: (RecordedEvent | undefined)[] = states.size === 1 ? events.map(() => entered[0]) : [];
  for (const step of [SCHEDULED, STARTED, SUBMITTED, OUTCOME]) {
    const found = events.filter(({ type }) => step.test(type));
    for (const [nth, event] of found.entries()) before.set(event, nearest[nth]);
    nearest = [...found, ...nearest.slice(found.length)];
  }
  return events.map((event) => ({ ...event, previousEventId: before.get(event)?.id ?? 0 }));
}

function detailsOf(event: RecordedEvent | undefined): Record<string, unknown> {
  const entry = Object.entries(event ?? {}).find(([key]) => key.endsWith('EventDetails'));
  return (entry?.[1] ?? {}) as Record<string, unknown>;
}

/** JSON strings may stand where the service had a string holding JSON, and the data itself where they were unpacked. */
function data(value: unknown): JsonValue {
  if (typeof value !== 'string') return (value ?? null) as JsonValue;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function endDifferences(recorded: readonly RecordedEvent[], replay: readonly RecordedEvent[]): string[] {
  const [expected, actual] = [recorded.at(-1), replay.at(-1)];
  const differences =
    expected?.type === actual?.type ? [] : [`ended with ${actual?.type}, recorded is ${expected?.type}`];
  for (const key of ['output', 'error', 'cause']) {
    const [want, got] = [detailsOf(expected)[key], detailsOf(actual)[key]];
    if (!matchesRecorded(want, got))
      differences.push(`${key} is ${JSON.stringify(got)}, recorded is ${JSON.stringify(want)}`);
  }
  return differences;
}

function pathDifferences(recorded: readonly RecordedEvent[], replay: readonly RecordedEvent[]): string[] {
  const [expected, actual] = [statePath(recorded), statePath(replay)];
  const length = Math.max(expected.length, actual.length);
  const first = Array.from({ length }, (_, index) => index).find((index) => !sameStep(expected[index], actual[index]));
  if (first === undefined) return [];
  return [`step ${first + 1} is ${said(actual[first])}, recorded is ${said(expected[first])}`];
}

interface Step {
  readonly key: string;
  /** Input or output; left out where branches run side by side and steps of the same name may come in any order. */
  readonly data?: unknown;
}

/** The states entered and exited in order; what happens inside a Parallel or Map is sorted by name. */
function statePath(events: readonly RecordedEvent[]): Step[] {
  const path: Step[] = [];
  let inside: Step[] = [];
  let around: string | undefined;
  for (const event of events) {
    if (!/State(Entered|Exited)$/.test(event.type)) continue;
    const { name, input, output } = detailsOf(event);
    const key = `${event.type} ${String(name)}`;
    if (around !== undefined && key !== around) {
      inside.push({ key });
      continue;
    }
    path.push(...sorted(inside), { key, data: input ?? output });
    inside = [];
    around = /^(Map|Parallel)StateEntered$/.test(event.type) ? key.replace('Entered', 'Exited') : undefined;
  }
  return [...path, ...sorted(inside)];
}

function sorted(steps: readonly Step[]): Step[] {
  const byName = ({ key }: Step) => key.split(' ').reverse().join(' ');
  return [...steps].sort((a, b) => (byName(a) < byName(b) ? -1 : 1));
}

function sameStep(expected: Step | undefined, actual: Step | undefined): boolean {
  return expected?.key === actual?.key && matchesRecorded(expected?.data, actual?.data);
}

function said(step: Step | undefined): string {
  return step ? `${step.key} ${JSON.stringify(step.data)}` : 'nothing';
}
