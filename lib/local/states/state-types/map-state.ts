/** Map: runs its processor for every item, in the state's own history or, distributed, in one of its own. */
import type { Branch } from '../branch';
import { flowFor } from '../flow/flow-for';
import { History } from '../history';
import type { JsonObject, JsonValue } from '../json-value';
import type { Outcome } from '../outcome';
import { uuidFrom } from '../random-id';
import { StateFailure } from '../state-failure';
import type { Visit } from '../visit';
import { type MapLimits, MapRun } from './map-run';

/** How many iterations the service runs at once when the state does not say. */
const DEFAULT_CONCURRENCY = { INLINE: 40, DISTRIBUTED: 10_000 };

export async function runMap(visit: Visit): Promise<Outcome> {
  const items = await itemsOf(visit);
  const limits = await limitsOf(visit);
  visit.record('MapStateStarted', { length: items.length });
  const distributed = visit.state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const result = distributed
    ? await distributedRun(visit, items, limits)
    : await new MapRun({ visit, items, limits, root: visit.branch }).results();
  visit.branch.note('MapStateSucceeded');
  return { ...(await flowFor(visit).yielded(visit, { result })), next: visit.state.Next };
}

async function itemsOf(visit: Visit): Promise<JsonValue[]> {
  const items = await flowFor(visit).items(visit);
  if (Array.isArray(items)) return items;
  const message = `Map state input must be an array but was: ${JSON.stringify(items)}`;
  throw visit.state.QueryLanguage === 'JSONata' ? visit.evaluationFailure(message) : visit.runtimeFailure(message);
}

async function limitsOf(visit: Visit): Promise<MapLimits> {
  const flow = flowFor(visit);
  const numberOf = async (name: 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage') =>
    (await flow.field(visit, name, 'number')) as number | undefined;
  const mode = visit.state.ItemProcessor?.ProcessorConfig?.Mode ?? 'INLINE';
  const toleratedCount = await numberOf('ToleratedFailureCount');
  const toleratedPercentage = await numberOf('ToleratedFailurePercentage');
  return {
    concurrency: (await numberOf('MaxConcurrency')) || DEFAULT_CONCURRENCY[mode],
    toleratedCount,
    toleratedPercentage,
    ownError: mode === 'DISTRIBUTED' || toleratedCount !== undefined || toleratedPercentage !== undefined,
  };
}

/** The iterations of a distributed Map are executions of their own: the history tells of the run as a whole only. */
async function distributedRun(visit: Visit, items: readonly JsonValue[], limits: MapLimits): Promise<JsonValue[]> {
  const { clock, random } = visit.engine;
  const mapRunArn = `${visit.identity.stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${visit.name}:${uuidFrom(random)}`;
  visit.record('MapRunStarted', { mapRunArn });
  const root: Branch = visit.branch.detached(new History(clock, () => {}));
  try {
    const results = await new MapRun({ visit, items, limits, root }).results();
    visit.branch.note('MapRunSucceeded');
    return results;
  } catch (thrown) {
    if (thrown instanceof StateFailure) visit.record('MapRunFailed', thrown.eventDetails as JsonObject);
    throw thrown;
  } finally {
    visit.branch.leave(root);
  }
}
