/** Puts results and faults into the documents of the Route 53 API. */
import type { EndpointResponse } from '../http/http-endpoint';
import { renderXml, type XmlTree } from '../rds/protocol/xml';
import type { Route53Fault } from './route53-fault';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

export function successResponse(operation: string, result: XmlTree, requestId: string): EndpointResponse {
  return response(
    200,
    `<${operation}Response xmlns="${NAMESPACE}">${renderXml(result)}</${operation}Response>`,
    requestId,
  );
}

export function faultResponse({ code, message, httpStatus }: Route53Fault, requestId: string): EndpointResponse {
  const error = { Type: httpStatus >= 500 ? 'Receiver' : 'Sender', Code: code, Message: message };
  const body = renderXml({ Error: error, RequestId: requestId });
  return response(httpStatus, `<ErrorResponse xmlns="${NAMESPACE}">${body}</ErrorResponse>`, requestId);
}

function response(status: number, xml: string, requestId: string): EndpointResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}
