/** Answers one HTTP request of the RDS Query API: finds the action, runs it, and turns its outcome into XML. */
import type { EndpointRequest, EndpointResponse } from '../http/http-endpoint';
import { PortInUse } from '../http/port-in-use';
import { ACTIONS } from './actions/action-table';
import type { Service } from './actions/service';
import { faultResponse, successResponse } from './protocol/envelope';
import { QueryRequest } from './protocol/query-request';
import { RdsFault } from './protocol/rds-fault';

export async function answerQuery(
  request: EndpointRequest,
  service: Service,
  requestId: string,
): Promise<EndpointResponse> {
  try {
    const query = QueryRequest.parse(request.method === 'GET' ? (request.path.split('?')[1] ?? '') : request.body);
    const name = query.action;
    const action = ACTIONS.get(name);
    if (!action) {
      throw new RdsFault(
        'InvalidAction',
        `The action ${name} is not implemented by the local RDS endpoint. It has: ${[...ACTIONS.keys()].join(', ')}.`,
      );
    }
    return successResponse(name, await action(query, service), requestId);
  } catch (error) {
    return faultResponse(asFault(error), requestId);
  }
}

function asFault(error: unknown): RdsFault {
  if (error instanceof RdsFault) return error;
  if (error instanceof PortInUse) return new RdsFault('InvalidParameterValue', error.message, { cause: error });
  return new RdsFault('InternalFailure', String(error instanceof Error ? error.stack : error), { cause: error });
}
