/** switchover: moves the application to green in one invocation; opening green is its last act and the point of no return. */
import { chainHash, pendingChanges } from '../lib/core/changes';
import { SwitchoverRefused } from '../lib/core/errors';
import { runNames, TAG_DISPOSABLE } from '../lib/core/identifiers';
import { done, waiting } from '../lib/core/progress';
import { readiness } from '../lib/core/readiness';
import type { Run, SwitchoverResult } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { Phase, World } from '../lib/ports/world';
import { phaseHandler } from './handler';
import { addressOf, describeBlue, describeGreen, heldFreeze } from './sides';

export const switchover: Phase<SwitchoverResult> = async (run, world) => {
  const { controlPlane, endpoint, clock, plan } = world;
  const deadline = clock.now() + plan.switchover.timeoutSeconds * 1000;
  const green = await describeGreen(run, world);
  const onGreen = world.database(addressOf(green));
  if ((await onGreen.record())?.greenState === 'open') {
    await onGreen.open(run.runId); // ends what an interrupted invocation left: sessions from before the opening
    return done('green is open for the application', { serving: 'green' });
  }
  const blue = await describeBlue(world);
  const onBlue = world.database(addressOf(blue));

  await checkGuardrails(run, world, onBlue, onGreen);
  if (await onGreen.changeRunning(run.runId)) {
    return waiting(5, 'a contract change begun by an earlier invocation is still being applied by the server');
  }
  await applyContractChanges(run, world, onGreen);
  await onGreen.advanceSequences(await onBlue.sequences());
  // The tag first: from here on no right to delete "what this run created" covers what is about to become production.
  await controlPlane.tag(green.identifier, { [TAG_DISPOSABLE]: 'false' });
  await controlPlane.setDeletionProtection(green.identifier, blue.deletionProtection);
  await endpoint.swap(addressOf(green));
  try {
    await onBlue.endClientSessions();
    if (clock.now() > deadline) {
      throw new SwitchoverRefused([
        `it was not done within switchover.timeoutSeconds (${plan.switchover.timeoutSeconds}); green was not opened`,
      ]);
    }
    if ((await onGreen.open(run.runId)) === 'abandoned') {
      throw new SwitchoverRefused(['a recovery of this run abandoned green; blue serves']);
    }
  } catch (error) {
    if (await wasGivenUp(run, world)) {
      // the recovery may have looked at the endpoint before it was moved here, and does not look again
      await endpoint.swap(addressOf(blue));
    }
    throw error;
  }
  return done('green is open for the application, blue stays frozen', { serving: 'green' });
};

/** Whether a recovery has gone back to blue for good: after a stopped execution nobody waits for this invocation. */
async function wasGivenUp(run: Run, { plan, controlPlane, database }: World): Promise<boolean> {
  try {
    const green = await controlPlane.describe(runNames(plan.name, run.runId).green);
    if (!green || readiness(green.status) === 'deleting') {
      return true;
    }
    return (await database(addressOf(green)).record())?.greenState === 'abandoned';
  } catch {
    return false; // it may have been opened: nobody goes back on a guess
  }
}

async function checkGuardrails(run: Run, { clock }: World, onBlue: Database, onGreen: Database): Promise<void> {
  const freeze = await heldFreeze(run, onBlue, clock.now());
  const reasons = [...(await onBlue.freezeGaps())];
  if (run.results.validate?.pass !== true) {
    reasons.push('there is no verdict that green equals blue');
  }
  const ofGreen = (await onGreen.record())?.freeze?.id;
  if (ofGreen !== freeze.id) {
    reasons.push(`green stems from freeze ${ofGreen ?? 'none'}, blue is in freeze ${freeze.id}`);
  }
  const attempt = await onBlue.attemptWrite({ insist: true });
  if (attempt.accepted) {
    reasons.push(`blue accepts writes: ${attempt.message}`);
  }
  if (reasons.length > 0) {
    throw new SwitchoverRefused(reasons);
  }
}

async function applyContractChanges(run: Run, { plan }: World, onGreen: Database): Promise<void> {
  for (;;) {
    const ledger = await onGreen.ledger();
    const [change] = pendingChanges(plan.changes, ledger);
    if (!change) {
      return;
    }
    await onGreen.applyChange(run.runId, change, chainHash(ledger.at(-1), change));
  }
}

export const handler = phaseHandler(switchover);
