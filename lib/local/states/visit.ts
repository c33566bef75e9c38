/** One stay of one branch in one state: what it came with, what it records, how it fails. */
import type { Branch, MapItem } from './branch';
import type { StateBlock, StateDefinition } from './definition';
import type { Engine, ExecutionIdentity } from './engine';
import type { JsonObject, JsonValue } from './json-value';
import { StateFailure } from './state-failure';

/** Runs a block of states inside a state, on a branch of its own. */
export type RunInside = (block: StateBlock, branch: Branch, input: JsonValue) => Promise<JsonValue>;

export interface VisitOptions {
  readonly engine: Engine;
  readonly identity: ExecutionIdentity;
  readonly branch: Branch;
  readonly name: string;
  readonly state: StateDefinition;
  readonly input: JsonValue;
  readonly runInside: RunInside;
}

export class Visit {
  readonly engine: Engine;
  readonly identity: ExecutionIdentity;
  readonly branch: Branch;
  readonly name: string;
  readonly state: StateDefinition;
  readonly input: JsonValue;
  readonly runInside: RunInside;
  /** How often the state has been tried again during this visit. */
  retryCount = 0;
  /** The token of a callback task, new for every attempt. */
  taskToken: string | undefined;
  private readonly enteredEventId: number;
  private readonly enteredTime: string;
  private begun = false;

  /** Enters the state. */
  constructor(options: VisitOptions) {
    this.engine = options.engine;
    this.identity = options.identity;
    this.branch = options.branch;
    this.name = options.name;
    this.state = options.state;
    this.input = options.input;
    this.runInside = options.runInside;
    this.enteredTime = new Date(this.engine.clock.now()).toISOString();
    this.branch.current = this.state.Type;
    this.enteredEventId = this.branch.note(`${this.state.Type}StateEntered`, {
      input: JSON.stringify(this.input),
      inputDetails: { truncated: false },
      name: this.name,
    });
  }

  /** From here on events follow from the state's entry; an evaluation that fails before follows from what came before it. */
  begin(): void {
    if (!this.begun) this.branch.lastEventId = this.enteredEventId;
    this.begun = true;
  }

  record(type: string, details?: JsonObject): number {
    this.begin();
    return this.branch.record(type, details);
  }

  /** `$states.context` as this state sees it. */
  context(mapItem: MapItem | undefined = this.branch.mapItem): JsonObject {
    const { executionArn, name, stateMachineArn, stateMachineName, roleArn, input, startTime } = this.identity;
    const retryable = ['Task', 'Parallel', 'Map'].includes(this.state.Type);
    return {
      Execution: {
        Id: executionArn,
        Input: input,
        StartTime: startTime.toISOString(),
        Name: name,
        RoleArn: roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: stateMachineArn, Name: stateMachineName },
      State: {
        Name: this.name,
        EnteredTime: this.enteredTime,
        ...(retryable ? { RetryCount: this.retryCount } : {}),
      },
      ...(this.taskToken === undefined ? {} : { Task: { Token: this.taskToken } }),
      ...(mapItem ? { Map: { Item: { Index: mapItem.Index, Value: mapItem.Value } } } : {}),
    };
  }

  /** A failed evaluation, recorded as an event of its own. */
  evaluationFailure(message: string, location?: string): StateFailure {
    const failure = new StateFailure({ error: 'States.QueryEvaluationError', cause: this.cause(message) });
    this.branch.record('EvaluationFailed', {
      ...failure.eventDetails,
      ...(location === undefined ? {} : { location }),
      state: this.name,
    });
    this.begun = true;
    return failure;
  }

  /** A failure that the interpreter raises about itself; nothing catches it. */
  runtimeFailure(message: string): StateFailure {
    return new StateFailure({ error: 'States.Runtime', cause: this.cause(message), catchable: false });
  }

  private cause(message: string): string {
    return `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredEventId}). ${message}`;
  }
}
