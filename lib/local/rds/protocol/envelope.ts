/** Puts results and faults into the envelopes of the RDS Query API. */
import type { EndpointResponse } from '../../http/http-endpoint';
import type { RdsFault } from './rds-fault';
import { renderXml, type XmlTree } from './xml';

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';

export function successResponse(action: string, result: XmlTree, requestId: string): EndpointResponse {
  const body = renderXml({ [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } });
  return response(200, `<${action}Response xmlns="${NAMESPACE}">${body}</${action}Response>`, requestId);
}

export function faultResponse(fault: RdsFault, requestId: string): EndpointResponse {
  const error = { Type: fault.type, Code: fault.code, Message: fault.message };
  const body = renderXml({ Error: error, RequestId: requestId });
  return response(fault.httpStatus, `<ErrorResponse xmlns="${NAMESPACE}">${body}</ErrorResponse>`, requestId);
}

function response(status: number, xml: string, requestId: string): EndpointResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}
