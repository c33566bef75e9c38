/** Runs Tasks by calling Lambda handlers in this process, with the results and errors that Lambda would give. */
import type { Clock } from '../../ports/clock';
import { trackedWork } from '../clock/tracked-work';
import { HarnessError } from './harness-error';
import { isObject, type JsonObject, type JsonValue } from './json-value';
import { uuidFrom } from './random-id';
import { type TaskCall, TaskError, type TaskRunner } from './task-runner';

/** A Lambda handler: what it returns passes through JSON, what it throws becomes the task's error. */
export type TaskHandler = (
  payload: unknown,
  context: { signal: AbortSignal; functionName: string },
) => Promise<unknown>;

export interface LambdaTaskRunnerOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Keyed by function ARN or name; a service integration other than Lambda by its Resource. */
  readonly handlers: ReadonlyMap<string, TaskHandler>;
}

const INVOKE = /:lambda:invoke(\.waitForTaskToken)?$/;
const INVOKE_ARGUMENTS = ['FunctionName', 'Payload', 'InvocationType', 'Qualifier', 'ClientContext', 'LogType'];

export class LambdaTaskRunner implements TaskRunner {
  constructor(private readonly options: LambdaTaskRunnerOptions) {}

  async run(call: TaskCall): Promise<JsonValue> {
    const { resource } = call;
    if (resource.kind === 'function') return this.invoke(resource.arn, call.arguments, call);
    if (!INVOKE.test(resource.arn)) return this.invoke(resource.arn, call.arguments, call);
    const { functionName, payload } = invocationOf(call);
    return this.response(await this.invoke(functionName, payload, call));
  }

  private async invoke(functionName: string, payload: JsonValue, { stateName, signal }: TaskCall): Promise<JsonValue> {
    const handler = this.handlerFor(functionName);
    if (!handler) {
      const known = [...this.options.handlers.keys()].join(', ') || 'none';
      throw new HarnessError(
        `state '${stateName}' calls '${functionName}', for which there is no handler (there are: ${known}); register one under the function's ARN or name`,
      );
    }
    try {
      const result = await trackedWork(this.options.clock, async () => handler(payload, { signal, functionName }));
      const text: string | undefined = JSON.stringify(result);
      return text === undefined ? null : (JSON.parse(text) as JsonValue);
    } catch (thrown) {
      throw thrown instanceof HarnessError || thrown instanceof TaskError ? thrown : lambdaError(thrown);
    }
  }

  /** Accepts a name, a full ARN, a partial ARN, each with or without version or alias, as Lambda does. */
  private handlerFor(functionName: string): TaskHandler | undefined {
    const { handlers } = this.options;
    const exact = handlers.get(functionName);
    if (exact) return exact;
    const name = bareName(functionName);
    return [...handlers].find(([key]) => bareName(key) === name)?.[1];
  }

  private response(payload: JsonValue): JsonObject {
    return {
      ExecutedVersion: '$LATEST',
      Payload: payload,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: uuidFrom(this.options.random) },
      StatusCode: 200,
    };
  }
}

function bareName(functionName: string): string {
  const afterFunction = functionName.split(':function:');
  if (afterFunction.length === 2) return afterFunction[1]?.split(':')[0] ?? functionName;
  return functionName.startsWith('arn:') ? functionName : (functionName.split(':')[0] ?? functionName);
}

function invocationOf({ arguments: args, stateName }: TaskCall): { functionName: string; payload: JsonValue } {
  const given = isObject(args) ? args : {};
  const unknown = Object.keys(given).filter((key) => !INVOKE_ARGUMENTS.includes(key));
  if (typeof given.FunctionName !== 'string' || unknown.length > 0) {
    const wrong =
      unknown.length > 0
        ? `the unknown arguments ${unknown.join(', ')}`
        : `FunctionName ${JSON.stringify(given.FunctionName)}`;
    throw new HarnessError(
      `state '${stateName}' calls lambda:invoke with ${wrong}; allowed are ${INVOKE_ARGUMENTS.join(', ')}`,
    );
  }
  if (given.InvocationType !== undefined && given.InvocationType !== 'RequestResponse') {
    throw new HarnessError(
      `state '${stateName}' asks for InvocationType ${JSON.stringify(given.InvocationType)}; the local engine offers RequestResponse only`,
    );
  }
  return { functionName: given.FunctionName, payload: given.Payload ?? {} };
}

/** What Lambda's Node.js runtime reports for whatever a handler threw. */
function lambdaError(thrown: unknown): TaskError {
  const error = thrown instanceof Error ? thrown : undefined;
  const errorType = error ? error.name : typeof thrown;
  const errorMessage = error ? error.message : String(thrown);
  const trace = error?.stack?.split('\n') ?? [];
  return new TaskError(errorType, JSON.stringify({ errorType, errorMessage, trace }));
}
