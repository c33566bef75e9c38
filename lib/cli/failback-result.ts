/** What became of a failback, as a document and in words. */

import type { Leftover } from '../core/run';
import { parseEnding, reasonOf } from '../report/ending';
import type { Outcome, RunReport } from '../report/report';
import type { ExecutionSeen } from '../runs/state-machine-executions';

/** What `--json` prints. */
export interface FailbackResult {
  readonly runId: string;
  readonly outcome: Outcome;
  /** `unknown` when the failback broke off and nobody could look. */
  readonly serving: 'blue' | 'green' | 'unknown';
  readonly reason: RunReport['reason'];
  readonly leftovers: readonly Leftover[];
}

export function failbackResult(runId: string, { status, output, error, cause }: ExecutionSeen): FailbackResult {
  const ending = parseEnding({
    output,
    error: error ?? status,
    cause: cause ?? (output === undefined ? `the execution ended with status ${status}` : undefined),
  });
  const { outcome, serving, leftovers = [] } = ending;
  return {
    runId,
    outcome,
    serving: serving === 'blue' || serving === 'green' ? serving : 'unknown',
    reason: reasonOf(ending),
    leftovers,
  };
}

export function failbackLines({ outcome, serving, reason, leftovers }: FailbackResult): string[] {
  const serves =
    serving === 'unknown' ? 'nobody could see who serves the application' : `${serving} serves the application`;
  return [
    '',
    `${outcome}: ${serves}`,
    ...(reason ? [`  ${reason.error}:`, ...reason.message.split('\n').map((line) => `    ${line}`)] : []),
    ...(leftovers.length > 0
      ? ['  left behind:', ...leftovers.flatMap(({ what, command }) => [`    ${what}`, `      ${command}`])]
      : []),
    ...(outcome === 'failed-back' ? [] : ['  what to do: docs/operations.md, "How do I move the application back?"']),
  ];
}
