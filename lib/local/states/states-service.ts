/** Step Functions in this process: state machines, their executions, and the tokens their tasks wait for. */
import type { Clock } from '../../ports/clock';
import type { Engine } from './engine';
import { Execution } from './execution';
import type { ExecutionResult, ExecutionStatus } from './execution-result';
import type { HistoryEvent } from './history-event';
import { byteSize, type JsonValue } from './json-value';
import { JsonataEvaluator } from './jsonata-evaluator';
import { LambdaTaskRunner, type TaskHandler } from './lambda-task-runner';
import { uuidFrom } from './random-id';
import { DATA_LIMIT_BYTES } from './state-failure';
import { StateMachine } from './state-machine';
import { demandExecutionArn, demandName, demandStateMachineArn, executionArn, stateMachineArn } from './states-arns';
import { StatesServiceError } from './states-service-error';
import type { TaskRunner } from './task-runner';
import { TaskTokens } from './task-tokens';

export type { TaskHandler } from './lambda-task-runner';

export interface StatesServiceOptions {
  readonly clock: Clock;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /** Uniform in [0, 1); jitter, names and tokens are made from it. @default Math.random */
  readonly random?: () => number;
  /** Keyed by Lambda function ARN or name; a service integration other than Lambda by its Resource. */
  readonly handlers: ReadonlyMap<string, TaskHandler>;
  /** Does the work of Tasks instead of the handlers. @default - tasks call the handlers as Lambda functions */
  readonly tasks?: TaskRunner;
}

export interface StartExecutionOptions {
  readonly stateMachineArn: string;
  /** @default - a new UUID */
  readonly name?: string;
  /** JSON text, or data. @default '{}' */
  readonly input?: string | JsonValue;
}

export interface StateMachineDescription {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly definition: string;
  readonly roleArn: string;
  readonly creationDate: Date;
}

export interface ExecutionDescription {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: Date;
  readonly stopDate?: Date;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export type ExecutionEvent = HistoryEvent & { readonly executionArn: string };

interface Machine extends StateMachineDescription {
  readonly machine: StateMachine;
}

export class StatesService {
  private readonly engine: Engine;
  private readonly accountId: string;
  private readonly machines = new Map<string, Machine>();
  private readonly executions = new Map<string, Execution>();
  private readonly listeners = new Set<(event: ExecutionEvent) => void>();

  constructor(options: StatesServiceOptions) {
    const { clock, handlers, region = 'us-east-1', accountId = '123456789012', random = Math.random } = options;
    this.accountId = accountId;
    this.engine = {
      clock,
      random,
      region,
      tasks: options.tasks ?? new LambdaTaskRunner({ clock, random, handlers }),
      tokens: new TaskTokens(random),
      evaluator: new JsonataEvaluator(clock, random),
    };
  }

  /**
   * Makes a state machine, or replaces the one of that name; executions under way keep the definition they started with.
   *
   * @throws InvalidDefinitionError with everything that is wrong with the definition.
   */
  createStateMachine({ name, definition }: { name: string; definition: string | object }): { stateMachineArn: string } {
    const { region } = this.engine;
    const arn = stateMachineArn({ region, accountId: this.accountId }, demandName(name));
    const machine = StateMachine.parse(definition);
    this.machines.set(arn, {
      machine,
      stateMachineArn: arn,
      name,
      definition: machine.definition,
      roleArn: `arn:aws:iam::${this.accountId}:role/${name}`,
      creationDate: this.now(),
    });
    return { stateMachineArn: arn };
  }

  describeStateMachine(arn: string): StateMachineDescription {
    const found = this.machines.get(demandStateMachineArn(arn));
    if (found) return found;
    throw new StatesServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  listStateMachines(): StateMachineDescription[] {
    return [...this.machines.values()];
  }

  /** Starting again under the same name with the same input returns the execution that is under way. */
  startExecution(options: StartExecutionOptions): { executionArn: string; startDate: Date } {
    const {
      stateMachineArn: machineArn,
      roleArn,
      name: stateMachineName,
    } = this.describeStateMachine(options.stateMachineArn);
    const machine = (this.machines.get(machineArn) as Machine).machine;
    const name = demandName(options.name ?? uuidFrom(this.engine.random));
    const input = inputOf(options.input ?? {});
    const arn = executionArn(machineArn, name);
    const existing = this.executions.get(arn);
    if (existing) return this.sameAgain(existing, input);
    const startTime = this.now();
    const identity = {
      executionArn: arn,
      name,
      stateMachineArn: machineArn,
      stateMachineName,
      roleArn,
      input,
      startTime,
    };
    const onEvent = (event: HistoryEvent) => {
      for (const listener of this.listeners) listener({ ...event, executionArn: arn });
    };
    const execution = new Execution({ engine: this.engine, identity, machine, onEvent });
    this.executions.set(arn, execution);
    execution.start();
    return { executionArn: arn, startDate: startTime };
  }

  describeExecution(arn: string): ExecutionDescription {
    const { identity, outcome, status, stopDate } = this.execution(arn);
    return {
      executionArn: arn,
      stateMachineArn: identity.stateMachineArn,
      name: identity.name,
      status,
      startDate: identity.startTime,
      ...(stopDate ? { stopDate } : {}),
      input: JSON.stringify(identity.input),
      ...(outcome ? outcomeDetails(outcome) : {}),
    };
  }

  /** The executions of a state machine, the latest first. */
  listExecutions(machineArn: string): ExecutionDescription[] {
    const { stateMachineArn: arn } = this.describeStateMachine(machineArn);
    const own = [...this.executions.values()].filter(({ identity }) => identity.stateMachineArn === arn);
    return own.reverse().map(({ identity }) => this.describeExecution(identity.executionArn));
  }

  /** Ends an execution as ABORTED; handlers under way see their signal aborted. */
  stopExecution(arn: string, reason: { error?: string; cause?: string } = {}): { stopDate: Date } {
    const execution = this.execution(arn);
    execution.stop(reason);
    return { stopDate: execution.stopDate ?? this.now() };
  }

  history(arn: string): readonly HistoryEvent[] {
    return this.execution(arn).events;
  }

  /** Resolves when the execution has ended; rejects with a HarnessError when the engine itself failed. */
  result(arn: string): Promise<ExecutionResult> {
    return this.execution(arn).result;
  }

  sendTaskSuccess(taskToken: string, output: string): void {
    const parsed = parseJson(output);
    if (parsed === undefined) throw new StatesServiceError('InvalidOutput', `Invalid Output: '${output}'`);
    this.demandWaiting(taskToken);
    this.engine.tokens.succeed(taskToken, parsed);
  }

  sendTaskFailure(
    taskToken: string,
    { error, cause }: { error?: string | undefined; cause?: string | undefined } = {},
  ): void {
    this.demandWaiting(taskToken);
    this.engine.tokens.fail(taskToken, error, cause);
  }

  sendTaskHeartbeat(taskToken: string): void {
    this.demandWaiting(taskToken);
    this.engine.tokens.heartbeat(taskToken);
  }

  /** Calls `listener` with every event of every execution as it happens; the returned function ends that. */
  onEvent(listener: (event: ExecutionEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private now(): Date {
    return new Date(this.engine.clock.now());
  }

  private execution(arn: string): Execution {
    const found = this.executions.get(demandExecutionArn(arn));
    if (found) return found;
    throw new StatesServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  private sameAgain(existing: Execution, input: JsonValue): { executionArn: string; startDate: Date } {
    const { identity, status } = existing;
    if (status === 'RUNNING' && JSON.stringify(identity.input) === JSON.stringify(input)) {
      return { executionArn: identity.executionArn, startDate: identity.startTime };
    }
    throw new StatesServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${identity.executionArn}'`);
  }

  private demandWaiting(taskToken: string): void {
    const state = this.engine.tokens.state(taskToken);
    if (state === 'closed')
      throw new StatesServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    if (state === 'unknown')
      throw new StatesServiceError('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
    if (state === 'malformed') throw new StatesServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
}

function inputOf(input: string | JsonValue): JsonValue {
  const parsed = typeof input === 'string' ? parseJson(input) : input;
  if (parsed === undefined) {
    throw new StatesServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${input}' is not JSON`,
    );
  }
  if (byteSize(parsed) > DATA_LIMIT_BYTES) {
    throw new StatesServiceError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: longer than ${DATA_LIMIT_BYTES} bytes`,
    );
  }
  return structuredClone(parsed);
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function outcomeDetails(outcome: ExecutionResult): { output?: string; error?: string; cause?: string } {
  if (outcome.status === 'SUCCEEDED') return { output: JSON.stringify(outcome.output) };
  const { error, cause } = outcome;
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
