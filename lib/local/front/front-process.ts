/** The process behind EndpointFront: forwards TCP connections to where the endpoint resolves to when they are made. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { serveParent } from '../parent-process';
import type { FrontTarget } from './endpoint-front';
import { ResolverCache } from './resolver-cache';

const CONNECT_TIMEOUT_MS = 5_000;

class Front {
  private readonly server: Server;

  constructor(private readonly resolver: ResolverCache) {
    // Half-open, so that a side which has said its last word still hears the other one's.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.forward(client));
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  setTarget(target: FrontTarget): void {
    this.resolver.target = target;
  }

  private forward(client: Socket): void {
    client.on('error', () => undefined);
    const target = this.resolver.resolve();
    if (target === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const timeout = setTimeout(() => upstream.destroy(new Error('no answer')), CONNECT_TIMEOUT_MS);
    upstream.once('connect', () => clearTimeout(timeout));
    upstream.once('close', () => clearTimeout(timeout));
    // destroySoon and not destroy: what one side said before it broke off is still delivered.
    upstream.on('error', () => client.destroySoon());
    client.on('error', () => upstream.destroySoon());
    client.pipe(upstream).pipe(client);
  }
}

let front: Front | undefined;

serveParent<{ start: { port: number; target?: FrontTarget; dnsTtlMs: number }; setTarget: FrontTarget }>({
  start: async ({ port, target, dnsTtlMs }) => {
    front = new Front(new ResolverCache(target, dnsTtlMs, () => performance.now()));
    return { port: await front.listen(port) };
  },
  setTarget: (target) => front?.setTarget(target),
});
