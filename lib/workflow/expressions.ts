/** The JSONata expressions of the state machine; each is total, because an evaluation that fails in a state without Catch ends the run unrecovered. */
import type { PhaseName } from '../core/phases';

export function jsonata(expression: string): string {
  return `{% ${expression.replace(/\s*\n\s*/g, ' ').trim()} %}`;
}

/** A recovery gets either `{"runId": …, "recover": true}` by hand, or the event of the stopped execution from the guard. */
const IS_EVENT = '$exists($states.input.executionArn)';
export const IS_RECOVERY = `$states.input.recover = true or ${IS_EVENT}`;

/**
 * The run id the input names; else the one the stopped execution was started with; else the name of the execution.
 *
 * The input of the stopped execution comes as text inside the event. It is searched and not parsed: parsing can fail.
 */
export const RUN_ID = `(
  $given := $states.input.runId;
  $ofStopped := $type($states.input.input) = 'string'
    ? $match($states.input.input, /"runId"\\s*:\\s*"([0-9A-Za-z_-]{1,64})"/)[0].groups[0];
  $type($given) = 'string' ? $given
    : $exists($ofStopped) ? $ofStopped
    : ${IS_EVENT} and $exists($states.input.name) ? $string($states.input.name)
    : $states.context.Execution.Name
)`;

/** `{"runId": …, "failback": true}`: the application is to move back to blue. */
export const IS_FAILBACK = `$states.input.failback = true or $states.input.failback = 'true'`;

export const ABORT_MESSAGE = `$type($states.input.why) = 'string' ? $states.input.why
  : ${IS_EVENT} ? 'execution ' & $string($states.input.name) & ' ended with status ' & $string($states.input.status)
    & ($exists($states.input.error) ? ' (' & $string($states.input.error) & ')' : '') & ' before the run was over'
  : 'the recovery was started by hand'`;

export const IS_DONE = `$states.input.status = 'done'`;

/** Several invocations are to work on it before it is looked at again. */
export const HAS_WORKERS = `$type($states.input.workers) = 'number' and $states.input.workers > 0`;
/** Their numbers; no more than a Map state runs at the same time. */
export const WORKERS = `[1..$min([40, $ceil($states.input.workers)])]`;

/** Between a second and a day; a phase that does not say is asked again after a second. */
export const WAIT_SECONDS = `$type($states.input.retryAfterSeconds) = 'number'
  ? $max([1, $min([86400, $ceil($states.input.retryAfterSeconds)])])
  : 1`;

/** When the state was entered, in milliseconds. */
const NOW = '$toMillis($states.context.State.EnteredTime)';
/** Since when the phase has been waiting: from its first wait on. */
export const WAITING_SINCE = `$waitingSince > 0 ? $waitingSince : ${NOW}`;
/**
 * At least an eighth of the time the phase has been waiting already, up to two hours: an execution has 25,000 history events, a
 * look costs nine of them, and what is looked for was there for an eighth of its time at most.
 */
export const PACED_WAIT_SECONDS = `(
  $asked := ${WAIT_SECONDS};
  $waited := $waitingSince > 0 ? (${NOW} - $waitingSince) / 1000 : 0;
  $max([$asked, $min([7200, $floor($waited / 8)])])
)`;

export const MEMO = `$type($states.input.memo) = 'object' ? $states.input.memo : {}`;

export const TASK_OUTPUT = `$exists($states.result.Payload) ? $states.result.Payload : {}`;

export function resultsWith(phase: PhaseName): string {
  return `$merge([$results, {'${phase}': $states.input.result}])`;
}

export const HAS_MOVED_ALREADY = `$results.prepare.switchedOver = true`;
/** The error name under which a rehearsal is undone; nothing failed. */
export const REHEARSED = 'Rehearsed';
/** `{"rehearse": true}` in the input: everything up to the verdict, then back. */
export const IS_REHEARSAL = `$states.input.rehearse = true`;
export const IS_PROVED = `$results.validate.pass = true`;
export const IS_TO_REHEARSE = `$rehearse = true`;

/** What the verdict says, as the message of the failure it is. */
export function verdictMessage(head: number, tail: number): string {
  return `(
    $summary := $type($results.validate.summary) = 'string' ? $results.validate.summary : 'validate gave no verdict';
    ${shortened('$summary', head, tail)}
  )`;
}

export const IS_REHEARSED = `$states.input.result.outcome = 'rolled-back' and $failure.error = '${REHEARSED}'`;
export const IS_MIGRATED = `$states.input.result.outcome = 'migrated'`;
export const IS_TO_FAIL_BACK = `$states.input.result.outcome = 'fail-back'`;
export const IS_FAILED_BACK = `$states.input.result.outcome = 'failed-back'`;
export const IS_WITHOUT_BLUE = `$states.input.result.outcome = 'needs-attention' and $states.input.result.serving = 'unknown'`;
export const IS_ROLLED_BACK = `$states.input.result.outcome = 'rolled-back'`;

/** No two executions of a state machine have the same name, so one whose name is the run id has none before it. */
export const IS_FIRST_EXECUTION = '$states.context.Execution.Name = $runId';

export const CAUGHT_ERROR = `$exists($states.errorOutput.Error) ? $string($states.errorOutput.Error) : 'Unknown'`;

/** One JSON string literal, and nothing that is not one, so that parsing it cannot fail. `\x5c` is the backslash, which JSONata's own scanner trips over. */
const JSON_STRING = String.raw`"[^\x5c"\x00-\x1f]*(?:\x5c(?:["\x5c\x2fbfnrt]|u[0-9a-fA-F]{4})[^\x5c"\x00-\x1f]*)*"`;

/** The text, or its beginning and end where it is too long to travel with the run. */
function shortened(text: string, head: number, tail: number): string {
  return `($length(${text}) <= ${head + tail} ? ${text} : $substring(${text}, 0, ${head}) & ' [...] ' & $substring(${text}, -${tail}))`;
}

/**
 * The message of the error a task failed with. Lambda reports `{"errorType", "errorMessage", "trace"}` as text; a
 * timeout has an empty cause, a crashed runtime one in prose.
 *
 * @param head how many characters to keep of the beginning of a message that is too long
 * @param tail how many to keep of its end
 */
export function caughtMessage(head: number, tail: number): string {
  return String.raw`(
    $cause := $exists($states.errorOutput.Cause) ? $string($states.errorOutput.Cause) : '';
    $literal := $match($cause, /"errorMessage"\s*:\s*(${JSON_STRING})/)[0].groups[0];
    $message := $exists($literal) ? $parse($literal) : $cause;
    $length($message) = 0 ? 'it gave no message; see the history of the execution' : ${shortened('$message', head, tail)}
  )`;
}

/** Step Functions takes 32,768 characters of cause; what is left leaves room for how it counts them. */
const CAUSE_LIMIT = 30_000;

/** The cause as text: complete, or without the results, or without everything that can be long. */
function causeWithin(rest: string): string {
  return `(
    $rest := ${rest};
    $head := {'version': 1, 'runId': $runId};
    $full := $string($merge([$head, $rest, {'reason': $failure, 'results': $results}]));
    $lean := $string($merge([$head, $rest, {'reason': $failure}]));
    $bare := $string($merge([$head, {
      'outcome': $rest.outcome, 'serving': $rest.serving, 'reason': $failure,
      'reasons': ['the details are too long for a cause; they are in the history of the execution'], 'leftovers': []
    }]));
    $length($full) <= ${CAUSE_LIMIT} ? $full : $length($lean) <= ${CAUSE_LIMIT} ? $lean : $substring($bare, 0, ${CAUSE_LIMIT})
  )`;
}

export const ROLLBACK_CAUSE = causeWithin(`$type($states.input.result) = 'object' ? $states.input.result : {}`);

export const RECOVERY_FAILED_CAUSE = causeWithin(`{
  'outcome': 'needs-attention', 'serving': 'unknown', 'leftovers': [],
  'reasons': ['the recovery failed with ' & $recoveryFailure.error & ': ' & $recoveryFailure.message]
}`);
