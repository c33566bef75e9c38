/** A small HTTP server on 127.0.0.1 for the local AWS endpoints: reads a whole request, hands it to one function, writes its answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortInUse } from './port-in-use';

/** Far above any request of the AWS APIs served here, far below what could hurt the process. */
const MAX_BODY_BYTES = 1024 * 1024;

export interface EndpointRequest {
  method: string;
  /** Path and query string as received. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface EndpointResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface HttpEndpointOptions {
  /** What listens, in words, for error messages. */
  name: string;
  /** @default any free port */
  port?: number;
  /** Answers one request; what it throws becomes a plain 500. */
  answer(request: EndpointRequest): Promise<EndpointResponse>;
}

export interface HttpEndpoint {
  url: string;
  port: number;
  /** Stops listening and ends every open connection. */
  close(): Promise<void>;
}

/** @throws PortInUse when the port is taken. */
export async function serveHttp(options: HttpEndpointOptions): Promise<HttpEndpoint> {
  const server = createServer((request, response) => {
    void respond(request, response, options);
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, close: () => close(server) };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: HttpEndpointOptions) {
  try {
    const body = await readBody(request);
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end(`A request may have at most ${MAX_BODY_BYTES} bytes.`);
      return;
    }
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const answer = await options.answer({ method: request.method ?? '', path: request.url ?? '/', headers, body });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { 'content-type': 'text/plain' }).end(`${options.name} failed: ${String(error)}`);
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listen(server: Server, { name, port = 0 }: HttpEndpointOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? new PortInUse(port, name, { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
