/** The switchover of a run that froze blue before the snapshot: there is nothing to drain, and no way back. */
import { SwitchoverRefused } from '../../lib/core/errors';
import { type Waiting, waiting } from '../../lib/core/progress';
import type { Run } from '../../lib/core/run';
import type { World } from '../../lib/ports/world';
import type { Moved } from './moved';
import {
  applyContractChanges,
  leadBackIfGivenUp,
  openGreen,
  protectGreen,
  refuse,
  type Sides,
  whyNotCarried,
  whyUnproved,
} from './moving';
import { whyNotTheSame } from './same-schema';
import { addressOf, heldFreeze } from './sides';

/** @returns how green was opened, or what to wait for */
export async function moveFrozen(run: Run, world: World, sides: Sides, deadlineMs: number): Promise<Moved | Waiting> {
  const { plan, clock } = world;
  const { pairs, own } = sides;
  const freezes = await Promise.all(pairs.map(({ blue }) => heldFreeze(run, blue, clock.now())));
  const reasons = [...whyUnproved(run)];
  for (const [index, pair] of pairs.entries()) {
    reasons.push(...(await pair.blue.freezeGaps()));
    const ofGreen = (await pair.green.record())?.freeze?.id;
    if (ofGreen !== freezes[index]?.id) {
      reasons.push(`green stems from freeze ${ofGreen ?? 'none'}, blue is in freeze ${freezes[index]?.id}`);
    }
  }
  const attempt = await own.blue.attemptWrite({ insist: true });
  if (attempt.accepted) {
    reasons.push(`blue accepts writes: ${attempt.message}`);
  }
  refuse(reasons);
  const begun = await own.green.runningChange();
  if (begun === undefined) {
    refuse(await whyNotTheSame(world, pairs));
  }
  const running = begun ?? (await applyContractChanges(run, world, own.green, () => world.remainingMs()));
  if (running) {
    return waiting(5, running); // nobody can write anyway
  }
  refuse(await whyNotCarried(pairs));
  for (const { blue, green } of pairs) {
    await blue.countersTo(green).carryFrozen();
  }
  await protectGreen(world, sides);
  const swapId = await world.endpoint.swap(addressOf(sides.green));
  for (const { blue } of pairs) {
    await blue.endClientSessions();
  }
  try {
    if (clock.now() > deadlineMs) {
      throw new SwitchoverRefused([
        `it was not done within switchover.timeoutSeconds (${plan.switchover.timeoutSeconds}); green was not opened`,
      ]);
    }
    for (const [index, { blue }] of [...pairs.entries()].toReversed()) {
      if (!(await blue.handOver(run.runId, freezes[index]?.id ?? ''))) {
        throw new SwitchoverRefused(['the freeze of blue was lifted meanwhile']);
      }
    }
    await openGreen(run, sides);
  } catch (error) {
    await leadBackIfGivenUp(run, world, sides);
    throw error;
  }
  return { swapId };
}
