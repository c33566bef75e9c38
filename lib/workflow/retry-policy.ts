/** Retry lists of the phases' tasks, generated from the policy every error class declares. */
import { Duration } from 'aws-cdk-lib';
import { Errors, JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { errorNames, INVOCATION_FAILURES } from '../core/error-policies';
import { AlarmFired, FollowingBroken, LineageLost, TooMuchWalKept, WayBackDiffers } from '../core/following-errors';
import { PHASE_ROWS, type PhaseName } from '../core/phases';

/** Waits 2, 4, 8, 16, 32 s and five times 60 s: 362 s at most, half of it on average because of the full jitter. Blue may be frozen meanwhile. */
const SHORTLY: RetryProps = {
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxDelay: Duration.seconds(60),
  maxAttempts: 10,
  jitterStrategy: JitterType.FULL,
};

/** Waits 5, 10, 20, 40, 80, 160 s and six times 300 s: 2,115 s (35 minutes) at most. Green serves meanwhile. */
const LONG: RetryProps = {
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxDelay: Duration.seconds(300),
  maxAttempts: 12,
  jitterStrategy: JitterType.FULL,
};

/** Waits 5, 10, 20, 40, 80, 160 s and 24 times 300 s: 7,515 s (a bit over two hours) at most. Nobody comes after the rollback. */
const PATIENTLY: RetryProps = { ...LONG, maxAttempts: 30 };

/** What a look at green or at the way back can find. */
const FINDINGS = [AlarmFired, FollowingBroken, LineageLost, TooMuchWalKept, WayBackDiffers].map(({ name }) => name);

/**
 * The Retry list of a phase's task.
 *
 * Before the point of no return a failure that trying again cannot change leads to the rollback at once; its names are
 * listed with no attempts, so that no broader retrier ever takes them. Afterwards, and in the rollback itself, the run
 * can only go forward: everything is tried again.
 */
export function retriers(phase: PhaseName): RetryProps[] {
  switch (PHASE_ROWS[phase].onFailure) {
    case 'recover':
      return [{ errors: [Errors.ALL], ...PATIENTLY }];
    case 'look':
      // what is found out by looking is not going to be untrue a moment later
      return [
        { errors: FINDINGS, maxAttempts: 0 },
        { errors: [Errors.ALL], ...LONG },
      ];
    case 'undo':
      return [
        { errors: [...errorNames('refuse'), ...errorNames('stop')], maxAttempts: 0 },
        { errors: [...errorNames('retry'), ...INVOCATION_FAILURES], ...SHORTLY },
      ];
  }
}
