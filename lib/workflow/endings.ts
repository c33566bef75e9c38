/** The states in which an execution ends, and what each leaves behind for CI, alarms and the report. */
import { Fail, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { OUTCOME_ERRORS } from '../core/outcomes';
import { jsonata, RECOVERY_FAILED_CAUSE, ROLLBACK_CAUSE } from './expressions';
import { FAILED_BACK, MIGRATED, NEEDS_ATTENTION, NO_BLUE, REHEARSED, ROLLED_BACK } from './state-names';

export function migrated(scope: Construct): Succeed {
  return Succeed.jsonata(scope, MIGRATED, {
    outputs: {
      version: 1,
      runId: jsonata('$runId'),
      outcome: 'migrated',
      serving: 'green',
      results: jsonata('$results'),
    },
  });
}

/** A rehearsal is undone like a failure; what it found out stays. */
export function rehearsed(scope: Construct): Succeed {
  return Succeed.jsonata(scope, REHEARSED, {
    outputs: {
      version: 1,
      runId: jsonata('$runId'),
      outcome: 'rehearsed',
      serving: 'blue',
      leftovers: jsonata('$states.input.result.leftovers'),
      results: jsonata('$results'),
    },
  });
}

export function rolledBack(scope: Construct): Fail {
  return Fail.jsonata(scope, ROLLED_BACK, { error: OUTCOME_ERRORS.rolledBack, cause: jsonata(ROLLBACK_CAUSE) });
}

export function failedBack(scope: Construct): Fail {
  return Fail.jsonata(scope, FAILED_BACK, { error: OUTCOME_ERRORS.failedBack, cause: jsonata(ROLLBACK_CAUSE) });
}

export function needsAttention(scope: Construct): Fail {
  return Fail.jsonata(scope, NEEDS_ATTENTION, { error: OUTCOME_ERRORS.needsAttention, cause: jsonata(ROLLBACK_CAUSE) });
}

/** Blue was not there to be given back, so who serves is not for the run to say. */
export function noBlue(scope: Construct): Fail {
  return Fail.jsonata(scope, NO_BLUE, { error: OUTCOME_ERRORS.needsAttention, cause: jsonata(ROLLBACK_CAUSE) });
}

/** @param name of the state, which says what did not get through */
export function recoveryFailed(scope: Construct, name: string): Fail {
  return Fail.jsonata(scope, name, {
    error: OUTCOME_ERRORS.needsAttention,
    cause: jsonata(RECOVERY_FAILED_CAUSE),
  });
}
