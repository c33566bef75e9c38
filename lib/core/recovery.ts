/** What to do after a failure: go back to blue, or stay on green because it may hold writes that blue does not have. */
import type { Failure } from './run';

/** What recovery sees of green. `unknown`: green exists and cannot be asked. */
export type SeenGreen = 'absent' | 'closed' | 'abandoned' | 'open' | 'failing-back' | 'retiring' | 'unknown';

export interface RecoveryObservation {
  readonly green: SeenGreen;
  /** Whether blue has said its last word, after which green may have opened; undefined when blue cannot be asked. */
  readonly blueHandedOver: boolean | undefined;
  /** Whether blue follows green, so that going back loses nothing. */
  readonly wayBack: boolean;
  readonly failure: Pick<Failure, 'phase' | 'error'>;
}

export type Recovery =
  | { readonly action: 'roll-back'; readonly reason: string }
  | { readonly action: 'fail-back'; readonly reason: string }
  | { readonly action: 'stay-on-green'; readonly reason: string }
  | { readonly action: 'wait'; readonly reason: string };

/** Phases whose failures say that green should not serve. One while blue is being retired says nothing of the kind, nor does a run that was stopped. */
const AGAINST_GREEN: readonly Failure['phase'][] = ['switchover', 'bake', 'failback'];

/** Errors that say something about the way back, and nothing against green. */
const AGAINST_WAY_BACK: readonly string[] = ['FollowingBroken', 'WayBackDiffers', 'LineageLost', 'TooMuchWalKept'];

/**
 * Green is opened by one transaction on green, and abandoned by another; whichever comes first wins. So whether the
 * application could have written to green is a fact that green itself holds, and never a guess.
 */
export function decideRecovery({ green, blueHandedOver, wayBack, failure }: RecoveryObservation): Recovery {
  switch (green) {
    case 'absent':
      return { action: 'roll-back', reason: 'green does not exist' };
    case 'closed':
    case 'abandoned':
      return { action: 'roll-back', reason: 'green never accepted a write of the application' };
    case 'failing-back':
      return { action: 'fail-back', reason: 'the application is on its way back to blue' };
    case 'retiring':
      return { action: 'stay-on-green', reason: 'green serves, and blue was given up' };
    case 'open':
      if (wayBack && AGAINST_GREEN.includes(failure.phase) && !AGAINST_WAY_BACK.includes(failure.error)) {
        return { action: 'fail-back', reason: 'green was opened, and blue follows it' };
      }
      return {
        action: 'stay-on-green',
        reason: wayBack
          ? 'green serves, and nothing that failed speaks against it'
          : 'green was opened and may hold writes that blue does not have',
      };
    case 'unknown':
      return blueHandedOver === false
        ? { action: 'roll-back', reason: 'green cannot be reached, and blue never handed the application over' }
        : { action: 'wait', reason: 'green cannot be reached, and the application may have written to it' };
  }
}
