/** Runs the synthesized state machine on virtual time, with phases that answer as a script says. */
import { synthesizeDefinition } from '../../lib/constructs/synthesized-definition';
import type { PhaseName } from '../../lib/core/phases';
import type { JsonValue } from '../../lib/local/states/json-value';
import { planFixture } from './plan-fixture';
import { start } from './states-run';

const { definition, functions } = synthesizeDefinition(planFixture());

/** What a phase answers when its script says nothing. */
export const RESULTS: Record<PhaseName, unknown> = {
  prepare: { switchedOver: false },
  snapshot: { snapshot: 's' },
  clone: { green: { identifier: 'g' } },
  migrate: { applied: ['0001_a.sql'] },
  follow: { lagMs: 1 },
  validate: { pass: true, summary: 'equal' },
  switchover: { serving: 'green' },
  bake: {},
  retire: { leftovers: [] },
  rollback: { outcome: 'rolled-back', serving: 'blue', reasons: ['green does not exist'], leftovers: [] },
  failback: { outcome: 'failed-back', serving: 'blue', reasons: [], leftovers: [] },
};
export const FORWARD = [
  'prepare',
  'snapshot',
  'clone',
  'migrate',
  'follow',
  'validate',
  'switchover',
  'bake',
  'retire',
] as const;

export interface Call {
  readonly phase: string;
  readonly run: { runId: string; results: Record<string, unknown>; memo: unknown; failure?: unknown };
}

/** What a phase answers at its n-th invocation, counted from 0. An error is thrown. */
export type Script = Partial<Record<PhaseName, (invocation: number) => unknown>>;

export async function execute(script: Script = {}, input: JsonValue = {}) {
  const calls: Call[] = [];
  const handlers = Object.entries(functions).map(([phase, name]) => [
    name,
    async (payload: unknown) => {
      const invocation = calls.filter((call) => call.phase === phase).length;
      calls.push({ phase, run: payload as Call['run'] });
      const answer = script[phase as PhaseName]?.(invocation);
      if (answer instanceof Error) {
        throw answer;
      }
      return answer ?? { status: 'done', detail: '', result: RESULTS[phase as PhaseName] };
    },
  ]);
  // The longest jitter, so that elapsed times are exact.
  const execution = start(definition, { input, handlers: Object.fromEntries(handlers), random: () => 0.999999 });
  const result = await execution.result();
  const { error, cause } = { error: undefined, cause: undefined, ...result };
  return {
    status: result.status,
    error,
    cause: cause === undefined ? undefined : JSON.parse(cause),
    output: 'output' in result ? result.output : undefined,
    calls,
    phases: calls.map(({ phase }) => phase),
    seconds: execution.elapsedSeconds(),
    events: execution.events().length,
  };
}

export const waits = (retryAfterSeconds: number, memo: object = {}) => ({
  status: 'waiting',
  retryAfterSeconds,
  detail: '',
  memo,
});
