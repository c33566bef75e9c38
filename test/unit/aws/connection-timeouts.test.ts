/** What happens where nobody answers: every way out of a function ends in seconds, not when the operating system gives up. */
import { createServer, type Server } from 'node:net';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { CLIENT_OPTIONS } from '../../../lib/aws/client-options';
import { Session } from '../../../lib/engines/postgres/session/session';
import { type SilentPort, silentPort } from '../../support/silent-port';

const CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'any' };

let silent: SilentPort;
beforeAll(async () => {
  silent = await silentPort();
});
afterAll(() => silent.close());

function rds(port: number, options: object = CLIENT_OPTIONS): RDSClient {
  const endpoint = `http://127.0.0.1:${port}`;
  return new RDSClient({ ...options, endpoint, region: 'eu-central-1', credentials: CREDENTIALS, maxAttempts: 1 });
}

test('an API to which there is no way is given up because no connection was made', async () => {
  await expect(rds(silent.port).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
    name: 'TimeoutError',
    message: expect.stringContaining(
      'did not establish a connection with the server within the configured timeout of 3000 ms',
    ),
  });
});

test('an API that takes the connection and never answers is given up, too', async () => {
  const server: Server = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const requestHandler = { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 200 };
  try {
    await expect(rds(port, { requestHandler }).send(new DescribeDBInstancesCommand({}))).rejects.toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('requestTimeout'),
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a database to which there is no way is given up because no connection was made', async () => {
  const session = new Session({
    address: { host: '127.0.0.1', port: silent.port },
    database: 'orders',
    credentials: async () => ({ username: 'app', password: 'not-a-secret' }),
    tls: false,
    applicationName: 'test',
  });
  await expect(session.query('select 1')).rejects.toMatchObject({
    name: 'TemporarilyUnavailable',
    message: `database "orders" at 127.0.0.1:${silent.port} is not available right now: no connection was made within 3000 ms`,
  });
});
