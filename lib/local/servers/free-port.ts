/** Finds ports on 127.0.0.1 that nobody listens on. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { PortInUse } from '../http/port-in-use';

/** Below every system's range for outgoing connections, so that a port kept over a restart is not taken by one of those. */
const LOWEST = 15_000;
const HIGHEST = 30_000;

/** A free port outside `taken`: the ports of servers that are down at the moment but will want theirs back. */
export async function findFreePort(taken: readonly number[] = []): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
}

/** @throws PortInUse */
export async function requireFreePort(port: number, what: string): Promise<void> {
  if (!(await isFree(port))) throw new PortInUse(port, what);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
