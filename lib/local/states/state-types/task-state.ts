/** Task: hands its arguments to whoever does the work and waits for the result, within the state's time limits. */
import { flowFor } from '../flow/flow-for';
import { HarnessError } from '../harness-error';
import { byteSize, copyOf, type JsonValue } from '../json-value';
import type { Outcome } from '../outcome';
import { secondsField } from '../seconds-field';
import { DATA_LIMIT_BYTES, dataLimitFailure, StateFailure } from '../state-failure';
import { TaskEvents, type TaskLimits } from '../task-events';
import { parseTaskResource, type TaskResource } from '../task-resource';
import { TaskError } from '../task-runner';
import type { IssuedToken } from '../task-tokens';
import type { Visit } from '../visit';
import { withinLimits } from './task-deadline';

/** Everything one attempt of a Task works with. */
interface Attempt {
  readonly visit: Visit;
  readonly resource: TaskResource;
  readonly args: JsonValue;
  readonly limits: TaskLimits;
  readonly events: TaskEvents;
  readonly token: IssuedToken | undefined;
}

export async function runTask(visit: Visit): Promise<Outcome> {
  const resource = parseTaskResource(visit.state.Resource ?? '');
  if (!resource)
    throw new HarnessError(`the Resource of state '${visit.name}' is unknown, which loading should have refused`);
  const token = resource.pattern === 'taskToken' ? visit.engine.tokens.issue() : undefined;
  visit.taskToken = token?.token;
  try {
    const args = await flowFor(visit).arguments(visit);
    const limits = {
      timeoutSeconds: await secondsField(visit, 'TimeoutSeconds'),
      heartbeatSeconds: await secondsField(visit, 'HeartbeatSeconds'),
    };
    const attempt = { visit, resource, args, limits, events: new TaskEvents(visit, resource), token };
    return { ...(await flowFor(visit).yielded(visit, { result: await resultOf(attempt) })), next: visit.state.Next };
  } finally {
    token?.close();
  }
}

/** The result of the work, with the events that tell how it came about. */
async function resultOf(attempt: Attempt): Promise<JsonValue> {
  const { events, args, limits, resource } = attempt;
  events.started(args, limits);
  try {
    const result = await withinLimits(attempt, (signal) => work(attempt, signal));
    if (byteSize(result) > DATA_LIMIT_BYTES) {
      throw dataLimitFailure(resource.kind === 'function' ? resource.arn : resource.resourceType, true);
    }
    events.succeeded(result);
    return result;
  } catch (thrown) {
    const failure = thrown instanceof TaskError ? failureOf(thrown) : thrown;
    if (!(failure instanceof StateFailure)) throw failure;
    if (failure.error === 'States.Timeout' && !(thrown instanceof TaskError)) events.timedOut(failure);
    else if (thrown instanceof SubmitError) events.submitFailed(failure);
    else events.failed(failure);
    throw failure;
  }
}

/** The work never got as far as being waited for. */
class SubmitError extends TaskError {}

async function work({ visit, resource, args, events, token }: Attempt, signal: AbortSignal): Promise<JsonValue> {
  const call = { resource, arguments: copyOf(args), stateName: visit.name, taskToken: token?.token, signal };
  if (!token) {
    const result = await visit.engine.tasks.run(call);
    if (resource.pattern === 'sync') events.submitted(result);
    return result;
  }
  let response: JsonValue;
  try {
    response = await visit.engine.tasks.run(call);
  } catch (thrown) {
    throw thrown instanceof TaskError ? new SubmitError(thrown.error, thrown.causeText) : thrown;
  }
  events.submitted(response);
  return token.answer;
}

function failureOf({ error, causeText }: TaskError): StateFailure {
  return new StateFailure({
    ...(error === undefined ? {} : { error }),
    ...(causeText === undefined ? {} : { cause: causeText }),
    fromTask: true,
  });
}
