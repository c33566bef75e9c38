/** What a Task's Resource asks for: which service, which call, and how to wait for its result. */

export type WaitPattern = 'response' | 'sync' | 'taskToken';

export interface TaskResource {
  readonly arn: string;
  /** A Lambda function named by its ARN, with its own family of history events, or an integration with a service. */
  readonly kind: 'function' | 'integration';
  /** As history events say it: `lambda` and `invoke`, `aws-sdk:rds` and `describeDBInstances`. */
  readonly resourceType: string;
  readonly resource: string;
  readonly pattern: WaitPattern;
}

const FUNCTION_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:.+$/;
const INTEGRATION_ARN =
  /^arn:[^:]+:states:[^:]*:[^:]*:((?:aws-sdk:)?[A-Za-z0-9-]+):([A-Za-z0-9]+(?:\.(sync(?::\d)?|waitForTaskToken))?)$/;

/** Reads a Resource, or returns undefined when it is none that the engine knows. */
export function parseTaskResource(arn: string): TaskResource | undefined {
  if (FUNCTION_ARN.test(arn))
    return { arn, kind: 'function', resourceType: 'lambda', resource: arn, pattern: 'response' };
  const [, resourceType, resource, suffix] = INTEGRATION_ARN.exec(arn) ?? [];
  if (!resourceType || !resource || resourceType === 'activity') return undefined;
  const pattern = suffix === undefined ? 'response' : suffix === 'waitForTaskToken' ? 'taskToken' : 'sync';
  return { arn, kind: 'integration', resourceType, resource, pattern };
}
