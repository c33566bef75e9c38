/** A socket that gives up when no connection is made in time; what the connection is used for takes as long as it takes. */
import { Socket } from 'node:net';

/** Enough for the first packet to be sent twice. */
export const CONNECTION_TIMEOUT_MS = 3_000;

export function boundedSocket(timeoutMs = CONNECTION_TIMEOUT_MS): Socket {
  const socket = new Socket();
  const timer = setTimeout(() => {
    const error = new Error(`no connection was made within ${timeoutMs} ms`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  }, timeoutMs);
  const settled = () => clearTimeout(timer);
  return socket.once('connect', settled).once('close', settled);
}
