/** The application under load, measured from outside: writers in a process of their own that remember every acknowledgement. */
import { join } from 'node:path';
import { ChildProcess } from '../child-process';
import type { WriteVerdict } from './verify-writes';
import type { Workload } from './workload';
import type { ProberCounts, WriteWindow } from './write-history';
import type { Pace } from './writer';

export interface ProberOptions {
  /** The endpoint front's port on 127.0.0.1. */
  port: number;
  database: string;
  user: string;
  password: string;
  workload: Workload;
  /** Keeps the outcome of every write; a prober started again on the same folder answers for all of them. */
  stateFolder: string;
  /** @default 4 writers, with one connection each */
  writers?: number;
  /** @default 5 milliseconds between two operations of one writer, 20 after a refused one */
  pace?: Partial<Pace>;
  /** @default a connection or write that takes longer than 5,000 milliseconds counts as refused or unknown */
  timeoutMs?: number;
}

/** What the child needs to know: the options with every default filled in. */
export type ProberSettings = Omit<Required<ProberOptions>, 'pace'> & { pace: Pace };

/**
 * @example
 * const prober = await Prober.start({ port: front.port, database: 'app', user: 'app', password, workload, stateFolder });
 * await prober.stop();
 * const { lost, duplicated } = await prober.verify();
 * await prober.close();
 */
export class Prober {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when the writers have begun, whether or not they are served. */
  static async start(options: ProberOptions): Promise<Prober> {
    const settings: ProberSettings = {
      writers: 4,
      timeoutMs: 5_000,
      ...options,
      pace: { thinkTimeMs: 5, refusalPauseMs: 20, ...options.pace },
    };
    const child = ChildProcess.start(join(__dirname, 'prober-process'));
    try {
      // Over the channel, because arguments and environment can be read by others.
      await child.request('start', settings);
      return new Prober(child);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  counts(): Promise<ProberCounts> {
    return this.child.request('counts');
  }

  /**
   * What writers felt since the previous call, or since the start.
   *
   * An outage or a gap that was going on at the previous call counts again, and from its own beginning.
   */
  window(): Promise<WriteWindow> {
    return this.child.request('window');
  }

  /** Lets each writer finish the operation it has in flight and start no other. */
  stop(): Promise<ProberCounts> {
    return this.child.request('stop');
  }

  /**
   * Reads what is stored and compares it with what was acknowledged by all starts on this state folder.
   *
   * @param target default: through the endpoint front, like the application
   */
  verify(target?: { host: string; port: number }): Promise<WriteVerdict> {
    return this.child.request('verify', { target });
  }

  /** Ends the process; may be called more than once. */
  close(): Promise<void> {
    return this.child.stop();
  }
}
