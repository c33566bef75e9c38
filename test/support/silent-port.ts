/** A port of this machine that never answers: who connects waits, as in a subnet from which no packet gets out. */
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Listens, and never accepts again. */
const LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
/** More than the kernel keeps for such a listener; the next first packet is dropped, and so is every repetition. */
const WAITING = 8;

export interface SilentPort {
  readonly port: number;
  close(): Promise<void>;
}

export async function silentPort(): Promise<SilentPort> {
  const worker = new Worker(LISTENER, { eval: true });
  const port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const sockets = Array.from({ length: WAITING }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  return {
    port,
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      await worker.terminate();
    },
  };
}
