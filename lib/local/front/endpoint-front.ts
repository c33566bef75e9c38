/** The fixed local address of the database: forwards each new connection to where the endpoint resolves to at that moment. */
import { join } from 'node:path';
import { ChildProcess, ChildRequestRefused } from '../child-process';
import { EndpointFrontPortInUse } from './endpoint-front-port-in-use';

export interface FrontTarget {
  host: string;
  port: number;
}

/**
 * Stands where DNS stands in production: a connection keeps the target it had when it was made, and with a TTL new
 * connections may be led to the old target for a while.
 *
 * It forwards in a process of its own, because applications measured through an event loop that is shared with the
 * workflow would be slowed down by the workflow's own work.
 *
 * @example
 * const front = await EndpointFront.start({ port: 5432, target: { host: '127.0.0.1', port: 50123 } });
 * await front.setTarget({ host: '127.0.0.1', port: 50124 }); // the swap
 * await front.stop();
 */
export class EndpointFront {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly pid: number,
    private current: FrontTarget | undefined,
  ) {}

  /**
   * @param options.port the fixed port on 127.0.0.1; default: one the system chooses
   * @param options.target default: clients are refused until {@link setTarget}
   * @param options.dnsTtlMs how long a target that clients were led to is held on to; default: not at all
   * @throws EndpointFrontPortInUse
   */
  static async start(options: { port?: number; target?: FrontTarget; dnsTtlMs?: number }): Promise<EndpointFront> {
    const child = ChildProcess.start(join(__dirname, 'front-process'));
    try {
      const { port } = await child.request<{ port: number }>('start', {
        port: options.port ?? 0,
        target: options.target,
        dnsTtlMs: options.dnsTtlMs ?? 0,
      });
      return new EndpointFront(child, port, child.pid ?? 0, options.target);
    } catch (error) {
      await child.stop();
      if (error instanceof ChildRequestRefused && ['EADDRINUSE', 'EACCES'].includes(error.code ?? '')) {
        throw new EndpointFrontPortInUse(options.port ?? 0, error);
      }
      throw error;
    }
  }

  /** The truth, whatever clients are still led to. */
  target(): FrontTarget | undefined {
    return this.current;
  }

  /** Resolves when every connection made from now on goes to `target`, or once the TTL of the old one is over. */
  async setTarget(target: FrontTarget): Promise<void> {
    await this.child.request('setTarget', target);
    this.current = target;
  }

  /** Closes the port and every connection through it; may be called more than once. */
  stop(): Promise<void> {
    return this.child.stop();
  }
}
