/** A small Secrets Manager on 127.0.0.1 over a map of secrets: GetSecretValue and DescribeSecret in AWS JSON 1.1. */
import { createHash, randomUUID } from 'node:crypto';
import { type EndpointRequest, type EndpointResponse, type HttpEndpoint, serveHttp } from '../http/http-endpoint';

export interface LocalSecretsOptions {
  /** Secret strings by ARN or by name. Read at each call, so that changing an entry is rotating the secret. */
  secrets: ReadonlyMap<string, string>;
  /** @default any free port */
  port?: number;
  /** @default us-east-1 */
  region?: string;
  /** @default 123456789012 */
  accountId?: string;
}

interface Secret {
  arn: string;
  name: string;
  value: string;
}

/** @throws PortInUse */
export async function serveSecrets(options: LocalSecretsOptions): Promise<HttpEndpoint> {
  return serveHttp({
    name: 'The local Secrets Manager endpoint',
    ...(options.port === undefined ? {} : { port: options.port }),
    answer: async (request) => answer(request, options),
  });
}

function answer(request: EndpointRequest, options: LocalSecretsOptions): EndpointResponse {
  const operation = (request.headers['x-amz-target'] ?? '').replace(/^secretsmanager\./, '');
  if (operation !== 'GetSecretValue' && operation !== 'DescribeSecret') {
    return fault(
      'UnknownOperationException',
      `${operation || 'A request without X-Amz-Target'} is not implemented by the local endpoint.`,
    );
  }
  const secretId = secretIdIn(request.body);
  if (secretId === undefined)
    return fault('InvalidRequestException', 'The request body must be a JSON object with a SecretId.');
  const secret = findSecret(secretId, options);
  if (!secret) return fault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const { arn: ARN, name: Name, value } = secret;
  const VersionId = versionOf(value);
  if (operation === 'DescribeSecret')
    return success({ ARN, Name, VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] } });
  return success({ ARN, Name, SecretString: value, VersionId, VersionStages: ['AWSCURRENT'] });
}

function secretIdIn(body: string): string | undefined {
  try {
    const { SecretId } = JSON.parse(body) as { SecretId?: unknown };
    return typeof SecretId === 'string' && SecretId !== '' ? SecretId : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Either spelling finds a secret that was put in under the other: plans hold ARNs, people write names. An ARN ends in six
 * random characters that the name does not have.
 */
function findSecret(secretId: string, options: LocalSecretsOptions): Secret | undefined {
  const { secrets, region = 'us-east-1', accountId = '123456789012' } = options;
  for (const [key, value] of secrets) {
    const arn = key.startsWith('arn:') ? key : `arn:aws:secretsmanager:${region}:${accountId}:secret:${key}-LOCAL0`;
    const withoutSuffix = arn.replace(/-[A-Za-z0-9]{6}$/, '');
    const name = withoutSuffix.split(':').slice(6).join(':');
    if ([arn, withoutSuffix, name].includes(secretId)) return { arn, name, value };
  }
  return undefined;
}

/** The same value has the same version, a changed value another one. */
function versionOf(value: string): string {
  const hex = createHash('sha256').update(value).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function success(body: unknown): EndpointResponse {
  return response(200, body);
}

function fault(type: string, message: string): EndpointResponse {
  return response(400, { __type: type, message, Message: message });
}

function response(status: number, body: unknown): EndpointResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: JSON.stringify(body) };
}
