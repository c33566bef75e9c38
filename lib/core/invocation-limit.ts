/** How long one invocation of a phase may take, on Lambda and in the local runtime. */
import { PHASE_ROWS, type PhaseName } from './phases';
import type { PlanSettings } from './plan';

/** The most Lambda gives; a phase that needs longer answers "waiting" and is invoked again. */
const LONGEST_SECONDS = 900;
/** What the switchover may need before and after its budget: a cold start, connecting, and putting things back. */
const SWITCHOVER_SLACK_SECONDS = 60;
/** And to compare what has changed, before anybody has to wait for it; what is left then another invocation goes on with. */
const COMPARING_SECONDS = 180;

export function invocationLimitSeconds(
  phase: PhaseName | 'guard',
  { switchover }: Pick<PlanSettings, 'switchover'>,
): number {
  return phase !== 'guard' && PHASE_ROWS[phase].limit === 'move'
    ? switchover.timeoutSeconds + SWITCHOVER_SLACK_SECONDS + COMPARING_SECONDS
    : LONGEST_SECONDS;
}
