/** The history events of one attempt of a Task: one family for functions named by ARN, one for service integrations. */
import type { JsonObject, JsonValue } from './json-value';
import type { StateFailure } from './state-failure';
import type { TaskResource } from './task-resource';
import type { Visit } from './visit';

export interface TaskLimits {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

export class TaskEvents {
  private readonly family: 'LambdaFunction' | 'Task';
  private readonly origin: JsonObject;

  constructor(
    private readonly visit: Visit,
    private readonly resource: TaskResource,
  ) {
    this.family = resource.kind === 'function' ? 'LambdaFunction' : 'Task';
    this.origin =
      resource.kind === 'function' ? {} : { resource: resource.resource, resourceType: resource.resourceType };
  }

  started(args: JsonValue, limits: TaskLimits): void {
    const { resource, visit } = this;
    visit.record(`${this.family}Scheduled`, {
      ...(resource.kind === 'function'
        ? { input: JSON.stringify(args), inputDetails: { truncated: false }, resource: resource.arn }
        : { ...this.origin, parameters: JSON.stringify(args), region: visit.engine.region }),
      ...(limits.timeoutSeconds === undefined ? {} : { timeoutInSeconds: limits.timeoutSeconds }),
      ...(limits.heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: limits.heartbeatSeconds }),
    });
    visit.record(`${this.family}Started`, resource.kind === 'function' ? undefined : this.origin);
  }

  /** The work was handed over; its result is still to come. */
  submitted(response: JsonValue): void {
    this.visit.record('TaskSubmitted', this.withOutput(response));
  }

  succeeded(result: JsonValue): void {
    this.visit.record(`${this.family}Succeeded`, this.withOutput(result));
  }

  failed(failure: StateFailure): void {
    this.visit.record(`${this.family}Failed`, { ...failure.eventDetails, ...this.origin });
  }

  submitFailed(failure: StateFailure): void {
    this.visit.record('TaskSubmitFailed', { ...failure.eventDetails, ...this.origin });
  }

  timedOut(failure: StateFailure): void {
    this.visit.record(`${this.family}TimedOut`, { ...failure.eventDetails, ...this.origin });
  }

  private withOutput(output: JsonValue): JsonObject {
    return { output: JSON.stringify(output), outputDetails: { truncated: false }, ...this.origin };
  }
}
