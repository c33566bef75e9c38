/** bake: lets the bake time pass while green serves and blue is kept. */
import { done, waiting } from '../lib/core/progress';
import type { Phase } from '../lib/ports/world';
import { phaseHandler } from './handler';

/** Long bakes are looked at hourly: an execution has 25,000 history events, and a look costs nine of them. */
const LOOK_EVERY_SECONDS = 3_600;

export const bake: Phase<Record<string, never>> = async (run, { plan, clock }) => {
  const since = typeof run.memo.bakingSinceMs === 'number' ? run.memo.bakingSinceMs : clock.now();
  const restSeconds = plan.bake.seconds - (clock.now() - since) / 1000;
  if (restSeconds > 0) {
    const seconds = Math.ceil(restSeconds);
    return waiting(Math.min(seconds, LOOK_EVERY_SECONDS), `${seconds} s of the bake time are left`, {
      bakingSinceMs: since,
    });
  }
  return done(`the bake time of ${plan.bake.seconds} s is over`, {});
};

export const handler = phaseHandler(bake);
