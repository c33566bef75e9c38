/** One state from entry to exit: its work, tried again as Retry says, its failure caught as Catch says. */
import type { Retrier } from './definition';
import { flowFor } from './flow/flow-for';
import { byteSize, type JsonObject } from './json-value';
import type { Outcome } from './outcome';
import { DATA_LIMIT_BYTES, dataLimitFailure, StateFailure } from './state-failure';
import type { Visit } from './visit';

export type Behaviour = (visit: Visit) => Promise<Outcome>;

/** Runs the state and records that it was left. A failure that nothing catches is thrown. */
export async function runState(visit: Visit, behaviour: Behaviour): Promise<Outcome> {
  const outcome = await attempts(visit, behaviour);
  const assigned = outcome.assigned ?? {};
  visit.branch.scope.assign(assigned);
  visit.record(`${visit.state.Type}StateExited`, {
    name: visit.name,
    output: JSON.stringify(outcome.output),
    outputDetails: { truncated: false },
    ...assignedDetails(assigned),
  });
  return outcome;
}

/** Retry counters belong to one visit, so they start anew when the state is entered again. */
async function attempts(visit: Visit, behaviour: Behaviour): Promise<Outcome> {
  const used = new Map<Retrier, number>();
  for (;;) {
    try {
      return withinDataLimit(visit, await behaviour(visit));
    } catch (thrown) {
      if (!(thrown instanceof StateFailure)) throw thrown;
      visit.begin();
      const retrier = retrierFor(visit, thrown);
      const tries = retrier ? (used.get(retrier) ?? 0) : 0;
      if (!retrier || tries >= (retrier.MaxAttempts ?? 3)) return await caught(visit, thrown);
      used.set(retrier, tries + 1);
      visit.retryCount += 1;
      await visit.engine.clock.sleep(retryDelayMs(retrier, tries, visit.engine.random), visit.branch.signal);
    }
  }
}

function withinDataLimit(visit: Visit, outcome: Outcome): Outcome {
  if (byteSize(outcome.output) > DATA_LIMIT_BYTES || byteSize(outcome.assigned ?? {}) > DATA_LIMIT_BYTES) {
    throw dataLimitFailure(visit.name);
  }
  return outcome;
}

/** The first retrier that names the failure decides, even when it is used up. */
function retrierFor(visit: Visit, failure: StateFailure): Retrier | undefined {
  return visit.state.Retry?.find(({ ErrorEquals }) => ErrorEquals.some((name) => failure.matches(name)));
}

function retryDelayMs(retrier: Retrier, tries: number, random: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY, JitterStrategy } = retrier;
  const delayMs = Math.min(IntervalSeconds * BackoffRate ** tries, MaxDelaySeconds) * 1000;
  return JitterStrategy === 'FULL' ? random() * delayMs : delayMs;
}

async function caught(visit: Visit, failure: StateFailure): Promise<Outcome> {
  noteStateFailed(visit, failure);
  const index =
    visit.state.Catch?.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => failure.matches(name))) ?? -1;
  const catcher = visit.state.Catch?.[index];
  if (!catcher) throw failure;
  try {
    const { errorOutput } = failure;
    const yielded = await flowFor(visit).caught(visit, catcher, { index, errorOutput });
    return withinDataLimit(visit, { ...yielded, next: catcher.Next });
  } catch (thrown) {
    // A catcher that fails itself fails the state a second time.
    if (thrown instanceof StateFailure) noteStateFailed(visit, thrown);
    throw thrown;
  }
}

function noteStateFailed(visit: Visit, failure: StateFailure): void {
  const { Type } = visit.state;
  if (failure.catchable && (Type === 'Map' || Type === 'Parallel')) visit.record(`${Type}StateFailed`);
}

function assignedDetails(assigned: JsonObject): JsonObject {
  const names = Object.keys(assigned).sort();
  if (names.length === 0) return {};
  const assignedVariables = Object.fromEntries(names.map((name) => [name, JSON.stringify(assigned[name])]));
  return { assignedVariables, assignedVariablesDetails: { truncated: false } };
}
