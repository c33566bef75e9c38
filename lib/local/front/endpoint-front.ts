/** The fixed local address of the database: forwards each new connection to where the endpoint points at that moment. */
import { join } from 'node:path';
import { ChildProcess, ChildRequestRefused } from '../child-process';
import { EndpointFrontPortInUse } from './endpoint-front-port-in-use';

export interface FrontTarget {
  host: string;
  port: number;
}

/**
 * Stands where DNS stands in production: a connection keeps the target it had when it was made.
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
   * @throws EndpointFrontPortInUse
   */
  static async start(options: { port?: number; target?: FrontTarget }): Promise<EndpointFront> {
    const child = ChildProcess.start(join(__dirname, 'front-process'));
    try {
      const { port } = await child.request<{ port: number }>('start', {
        port: options.port ?? 0,
        target: options.target,
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

  target(): FrontTarget | undefined {
    return this.current;
  }

  /** Resolves when every connection made from now on goes to `target`. */
  async setTarget(target: FrontTarget): Promise<void> {
    await this.child.request('setTarget', target);
    this.current = target;
  }

  /** Closes the port and every connection through it; may be called more than once. */
  stop(): Promise<void> {
    return this.child.stop();
  }
}
