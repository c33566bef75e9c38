/** Tries whether a connection to a host can be made at all, without asking anything of it. */
import { connect as connectTls } from 'node:tls';
import type { Address } from '../core/run';
import type { Obstruction } from '../core/ways';
import { boundedSocket, CONNECTION_TIMEOUT_MS } from './bounded-socket';

/** The other end, or its host, has answered: there is a way, and whether it serves is another question. */
const ANSWERED = new Set(['ECONNREFUSED', 'ECONNRESET']);
const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL']);

/** @param tls whether the way is open only once both ends agree on a key: a firewall that filters by name lets the connection itself through */
export async function obstructionTo({ host, port }: Address, tls: boolean): Promise<Obstruction | undefined> {
  const socket = boundedSocket();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).once('connect', resolve).connect(port, host);
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return ANSWERED.has(code) ? undefined : { kind: UNRESOLVED.has(code) ? 'name' : 'way', message };
  }
  try {
    return tls ? await whyNoTls(socket, host) : undefined;
  } finally {
    socket.destroy();
  }
}

function whyNoTls(socket: ReturnType<typeof boundedSocket>, servername: string): Promise<Obstruction | undefined> {
  return new Promise((resolve) => {
    const failed = (why: string) => resolve({ kind: 'way', message: `connected, but TLS failed: ${why}` });
    const timer = setTimeout(() => failed(`nothing came within ${CONNECTION_TIMEOUT_MS} ms`), CONNECTION_TIMEOUT_MS);
    connectTls({ socket, servername })
      .once('secureConnect', () => resolve(undefined))
      .once('error', ({ message }) => failed(message))
      .once('close', () => failed('the connection was closed'))
      .once('close', () => clearTimeout(timer))
      .once('secureConnect', () => clearTimeout(timer));
  });
}
