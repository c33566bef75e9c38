/** Serves the Step Functions API (AWS JSON 1.0) on this machine, so that stock clients can talk to the local engine. */
import { randomUUID } from 'node:crypto';
import { type EndpointResponse, type HttpEndpoint, serveHttp } from '../http/http-endpoint';
import { RequestFields } from './request-fields';
import { STATES_OPERATIONS } from './states-operations';
import type { StatesService } from './states-service';
import { StatesServiceError } from './states-service-error';

const TARGET = /^AWSStepFunctions\.(\w+)$/;

/**
 * @param options.port - 0 or absent picks a free one.
 * @throws PortInUse
 */
export function serveStates(service: StatesService, options: { port?: number } = {}): Promise<HttpEndpoint> {
  return serveHttp({
    ...options,
    name: 'The local Step Functions endpoint',
    answer: async ({ headers, body }) => answer(service, headers['x-amz-target'] ?? '', body),
  });
}

function answer(service: StatesService, target: string, body: string): EndpointResponse {
  try {
    return response(200, perform(service, target, body));
  } catch (thrown) {
    return thrown instanceof StatesServiceError
      ? response(400, { __type: thrown.code, message: thrown.message })
      : response(500, { __type: 'InternalServerError', message: String(thrown) });
  }
}

function perform(service: StatesService, target: string, body: string): object {
  const name = TARGET.exec(target)?.[1] ?? '';
  const operation = Object.hasOwn(STATES_OPERATIONS, name) ? STATES_OPERATIONS[name] : undefined;
  if (!operation) {
    throw new StatesServiceError(
      'UnknownOperationException',
      `the local Step Functions endpoint does not offer '${target}'; it offers ${Object.keys(STATES_OPERATIONS).join(', ')}`,
    );
  }
  return operation(service, RequestFields.parse(body));
}

function response(status: number, body: object): EndpointResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: JSON.stringify(body) };
}
