/** What a fault can kill: this program, a side's server, or the workers that apply one side's changes to the other. */
import { runNames } from '../core/identifiers';
import type { Plan } from '../core/plan';
import type { Run } from '../core/run';
import type { LocalRds } from './rds/local-rds';

export type Victim = 'kill' | 'blue' | 'green' | 'worker';

/** Lets the victim die; resolves when it is dead. RDS brings its servers back by itself, and the servers their workers. */
export type Kill = (victim: Victim, run: Run) => Promise<void>;

export function killer(rds: LocalRds, plan: Plan): Kill {
  return async (victim, { runId }) => {
    const blue = plan.blue.identifier;
    const { green } = runNames(plan.name, runId);
    switch (victim) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        return;
      case 'blue':
        return rds.crash(blue);
      case 'green':
        return rds.crash(green);
      case 'worker':
        await Promise.all([blue, green].map((side) => rds.serverOf(side)?.endAppliers()));
    }
  };
}
