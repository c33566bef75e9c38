/** The endpoint front against real sockets: where connections go, and that nothing of it outlives its parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { EndpointFront, type FrontTarget } from '../../lib/local/front/endpoint-front';
import { EndpointFrontPortInUse } from '../../lib/local/front/endpoint-front-port-in-use';
import { ResolverCache } from '../../lib/local/front/resolver-cache';
import { childOfTest } from '../support/lifetime/of-test';

const fronts: EndpointFront[] = [];
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.stop()));
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function frontTo(target?: FrontTarget, dnsTtlMs?: number): Promise<EndpointFront> {
  const front = await EndpointFront.start({ ...(target && { target }), ...(dnsTtlMs !== undefined && { dnsTtlMs }) });
  fronts.push(front);
  return front;
}

async function serve(onConnection: (socket: Socket) => void): Promise<FrontTarget> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Answers each line with its own name and the line. */
const named = (name: string) => serve((socket) => socket.on('data', (data) => socket.write(`${name}:${data}`)));

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return String(answer);
}

/** Resolves with how the connection ended. */
function end(socket: Socket): Promise<'closed' | string> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('closed'));
    socket.resume();
  });
}

describe('the endpoint front', () => {
  it('forwards both ways and runs in a process of its own', async () => {
    const front = await frontTo(await named('blue'));
    expect(await ask(await dial(front.port), 'hello')).toBe('blue:hello');
    expect(front.pid).not.toBe(process.pid);
  });

  it('sends new connections to the new target and leaves old ones where they are', async () => {
    const front = await frontTo(await named('blue'));
    const early = await dial(front.port);
    expect(await ask(early, '1')).toBe('blue:1');
    const green = await named('green');
    await front.setTarget(green);
    expect(front.target()).toEqual(green);
    expect(await ask(await dial(front.port), '2')).toBe('green:2');
    expect(await ask(early, '3')).toBe('blue:3');
  });

  it('leads clients to the old target until the TTL is over, while the truth has changed at once', async () => {
    const blue = await named('blue');
    const front = await frontTo(blue, 10_000_000);
    expect(await ask(await dial(front.port), '1')).toBe('blue:1');
    const green = await named('green');
    await front.setTarget(green);
    expect(front.target()).toEqual(green);
    expect(await ask(await dial(front.port), '2')).toBe('blue:2');
    const startedLater = await frontTo(green, 10_000_000);
    expect(await ask(await dial(startedLater.port), '3')).toBe('green:3');
  });

  it('leads clients to the new target when nobody had asked for the old one', async () => {
    const front = await frontTo(await named('blue'), 10_000_000);
    await front.setTarget(await named('green'));
    expect(await ask(await dial(front.port), '1')).toBe('green:1');
  });

  it('turns clients away as long as the old target does, until the TTL is over', async () => {
    const blue = await named('blue');
    const front = await frontTo(blue, 10_000_000);
    const early = await dial(front.port);
    await ask(early, '1');
    servers.pop()?.close();
    await front.setTarget(await named('green'));
    const socket = connect(front.port, '127.0.0.1');
    sockets.push(socket);
    expect(['ECONNRESET', 'closed']).toContain(await end(socket));
  });

  it('refuses clients while it has no target', async () => {
    const front = await frontTo();
    expect(front.target()).toBeUndefined();
    const socket = connect(front.port, '127.0.0.1');
    sockets.push(socket);
    expect(['ECONNRESET', 'closed']).toContain(await end(socket));
  });

  it('refuses clients when nothing listens at its target, and serves again when something does', async () => {
    const gone = await named('gone');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const front = await frontTo(gone);
    const socket = connect(front.port, '127.0.0.1');
    sockets.push(socket);
    expect(['ECONNRESET', 'closed']).toContain(await end(socket));
    await front.setTarget(await named('blue'));
    expect(await ask(await dial(front.port), 'x')).toBe('blue:x');
  });

  it('delivers the answer to a client that has closed its own half', async () => {
    const target = await serve((socket) => socket.resume().on('end', () => socket.end('all heard')));
    const socket = await dial((await frontTo(target)).port);
    const answer = once(socket, 'data');
    socket.end('last words');
    expect(String((await answer)[0])).toBe('all heard');
  });

  it('carries megabytes in both directions unchanged', async () => {
    const target = await serve((socket) => socket.pipe(socket));
    const socket = await dial((await frontTo(target)).port);
    const sent = Buffer.alloc(8_000_000, 'blue green ');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.end(sent);
    await once(socket, 'end');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it('closes the client when the target breaks off, and the target when the client does', async () => {
    const accepted: Socket[] = [];
    const front = await frontTo(await serve((socket) => accepted.push(socket.resume()) && socket.write('ready')));
    const first = await dial(front.port);
    await once(first, 'data');
    accepted[0]?.resetAndDestroy();
    expect(['ECONNRESET', 'closed']).toContain(await end(first));
    const second = await dial(front.port);
    await once(second, 'data');
    const ended = end(accepted[1] as Socket);
    second.resetAndDestroy();
    expect(['ECONNRESET', 'closed']).toContain(await ended);
  });

  it('refuses a port that this user may not use, and says so', () => {
    const { message } = new EndpointFrontPortInUse(80, { code: 'EACCES' });
    expect(message).toBe(
      'the endpoint front cannot listen on 127.0.0.1:80: this user may not use the port; choose one from 1024 on',
    );
  });

  it('refuses a port that is in use, and says what to do', async () => {
    const { port } = await named('somebody else');
    const refusal = await EndpointFront.start({ port }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EndpointFrontPortInUse);
    expect((refusal as EndpointFrontPortInUse).port).toBe(port);
    expect((refusal as Error).message).toBe(
      `the endpoint front cannot listen on 127.0.0.1:${port}: the port is in use; choose another port, or stop the ` +
        `process that holds this one ("lsof -i :${port}" names it)`,
    );
  });

  it('ignores Ctrl-C, which the parent decides about', async () => {
    const front = await frontTo(await named('blue'));
    process.kill(front.pid, 'SIGINT');
    process.kill(front.pid, 'SIGTERM');
    await front.setTarget(await named('green'));
    expect(await ask(await dial(front.port), 'still')).toBe('green:still');
  });

  it('is gone after stop, which may be called twice', async () => {
    const front = await frontTo();
    await front.stop();
    await front.stop();
    expect(isAlive(front.pid)).toBe(false);
  });

  it('says so when it is asked after it was killed', async () => {
    const front = await frontTo();
    process.kill(front.pid, 'SIGKILL');
    await expect(front.setTarget({ host: '127.0.0.1', port: 1 })).rejects.toThrow(
      `front-process (process ${front.pid}) is gone: ended by SIGKILL; start it again`,
    );
  });

  it('ends when its parent is killed', async () => {
    const parent = await parentOfAFront();
    parent.process.kill('SIGKILL');
    // The port closes when the front ends; until then clients are answered, if only by a reset.
    while ((await dialling(parent.port)) !== 'ECONNREFUSED') await new Promise(setImmediate);
  });
});

describe("a resolver's cache", () => {
  const [blue, green] = [1, 2].map((port) => ({ host: '127.0.0.1', port }));
  let nowMs = 0;

  it('holds on to an answer until its TTL is over, counted from when it was given', () => {
    const cache = new ResolverCache(blue, 100, () => nowMs);
    nowMs = 50;
    expect(cache.resolve()).toBe(blue);
    cache.target = green;
    nowMs = 149.9;
    expect(cache.resolve()).toBe(blue);
    nowMs = 150;
    expect(cache.resolve()).toBe(green);
    cache.target = blue;
    nowMs = 249;
    expect(cache.resolve()).toBe(green);
    nowMs = 250;
    expect(cache.resolve()).toBe(blue);
  });

  it('holds on to nothing without a TTL, nor to there being no target', () => {
    const cache = new ResolverCache(blue, 0, () => nowMs);
    expect(cache.resolve()).toBe(blue);
    cache.target = green;
    expect(cache.resolve()).toBe(green);
    const empty = new ResolverCache(undefined, 100, () => nowMs);
    expect(empty.resolve()).toBeUndefined();
    empty.target = green;
    expect(empty.resolve()).toBe(green);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function parentOfAFront(): Promise<{ process: ChildProcess; port: number }> {
  const module = join(__dirname, '../../lib/local/front/endpoint-front');
  const program = `require(${JSON.stringify(module)}).EndpointFront.start({}).then((front) => process.stdout.write(front.port + '\\n'))`;
  const parent = childOfTest(spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', program]));
  const [line] = await once(parent.stdout, 'data');
  return { process: parent, port: Number(line) };
}

function dialling(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('connect', () => resolve('connected'));
    sockets.push(socket);
  });
}
