/** Serves the Step Functions API (AWS JSON 1.0) on this machine, so that stock clients can talk to the local engine. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RequestFields } from './request-fields';
import { STATES_OPERATIONS } from './states-operations';
import type { StatesService } from './states-service';
import { StatesServiceError } from './states-service-error';

export interface StatesEndpoint {
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const TARGET = /^AWSStepFunctions\.(\w+)$/;

/** @param options.port - 0 or absent picks a free one. */
export async function serveStates(service: StatesService, options: { port?: number } = {}): Promise<StatesEndpoint> {
  const server = createServer((request, response) => {
    void answer(service, request, response);
  });
  await listening(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${HOST}:${port}`, port, close: () => closed(server) };
}

async function answer(service: StatesService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await bodyOf(request);
    send(response, 200, perform(service, String(request.headers['x-amz-target'] ?? ''), body));
  } catch (thrown) {
    if (thrown instanceof StatesServiceError) send(response, 400, { __type: thrown.code, message: thrown.message });
    else send(response, 500, { __type: 'InternalServerError', message: String(thrown) });
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(body));
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
