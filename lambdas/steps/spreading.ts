/** After the endpoint was moved: its new target spreads to the clients while the new side serves; who is late is refused by the old one. */
import type { Memo } from '../../lib/core/progress';
import type { Database } from '../../lib/ports/database';
import type { World } from '../../lib/ports/world';

const LOOK_AGAIN_SECONDS = 15;
/** Route 53 takes "generally" 60 s, and up to 120 s were seen; a run that has moved does not wait for ever. */
const PATIENCE_SECONDS = 180;

interface Swap {
  readonly swapId?: Memo[string] | undefined;
  readonly movedAtMs?: Memo[string] | undefined;
}

export interface Spreading {
  /** After which it is to be looked at again; 0 when it is over. */
  readonly restSeconds: number;
  /** Empty when nothing is known about the swap. */
  readonly detail: string;
  readonly memo: Memo;
}

/**
 * How far it is. When no resolver leads to the side that was left any more, whoever is still there is made to connect anew.
 * Never fails: the application has moved.
 *
 * @param swap by what it is known, and when it was over; unknown when an earlier invocation made it
 * @param memo what the last look gave
 * @param left the databases of the side that was left
 */
export async function spreading(
  world: World,
  { swapId, movedAtMs }: Swap,
  memo: Memo,
  left: () => Promise<readonly Database[]>,
): Promise<Spreading> {
  const { plan, clock } = world;
  const { settledAtMs, spread } = memo;
  if (typeof spread === 'string' || typeof swapId !== 'string') {
    return { restSeconds: 0, detail: String(spread ?? ''), memo: {} };
  }
  const secondsSince = (ms: unknown) => Math.max(0, Math.round((clock.now() - Number(ms)) / 1000));
  const over = (detail: string): Spreading => ({ restSeconds: 0, detail, memo: { spread: detail } });
  if (settledAtMs === undefined) {
    const settled = await isSettled(world, swapId);
    if (settled === true) {
      const detail = `the endpoint's new target has spread, resolvers may know the old one for ${plan.endpoint.ttlSeconds} s more`;
      return { restSeconds: plan.endpoint.ttlSeconds, detail, memo: { settledAtMs: clock.now() } };
    }
    const detail = `the endpoint's new target has not spread in ${secondsSince(movedAtMs)} s${settled}`;
    return secondsSince(movedAtMs) < PATIENCE_SECONDS
      ? { restSeconds: LOOK_AGAIN_SECONDS, detail, memo: {} }
      : over(`${detail}; clients that are led to the old side are refused there`);
  }
  const databases = await left().catch(() => []);
  await Promise.allSettled(databases.map((database) => database.endClientSessions()));
  return over(`the endpoint's new target had spread after ${secondsSince(movedAtMs) - secondsSince(settledAtMs)} s`);
}

/** @returns true, or why it is not known, to be put behind a sentence */
async function isSettled({ endpoint }: World, swapId: string): Promise<true | string> {
  try {
    return (await endpoint.settled(swapId)) || '';
  } catch (error) {
    return `, as far as is known: ${error instanceof Error ? error.message : String(error)}`;
  }
}
