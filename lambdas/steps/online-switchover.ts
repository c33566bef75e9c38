/** The switchover of a run that follows: blue serves until the last moment, and again whenever an attempt does not get through. */
import { countAttempt, isUncounted } from '../../lib/core/attempts';
import { type ChangedRowsResult, summed } from '../../lib/core/changed-rows';
import { pendingChanges } from '../../lib/core/changes';
import { SwitchoverRefused, TemporarilyUnavailable } from '../../lib/core/errors';
import { ValidationFailed } from '../../lib/core/following-errors';
import { type Waiting, waiting } from '../../lib/core/progress';
import type { Run } from '../../lib/core/run';
import type { World } from '../../lib/ports/world';
import { type Looked, listen, look, remembered, toBeRemembered, untilCrossing, type Watched } from './changed-rows';
import { connectedSlot } from './connected-slot';
import { callOff, cross, endThoseMadeInAFreeze, isBrokenOff } from './crossing';
import { checkFollowed } from './followed';
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
import { wayBetween } from './passages';
import { whyNotTheSame } from './same-schema';
import { addressOf, type Pair } from './sides';
import { LONG_TRANSACTION_SECONDS } from './standstill';
import { beginWayBackHere, hasWayBack, nameColumns, prepareWayBack } from './way-back';

/** Pauses between attempts grow by this factor. */
const FIRST_PAUSE_SECONDS = 60;
const PAUSE_GROWTH = 3;
const MIB = 1_048_576;

/** @returns what was done for it once green is open, or what to wait for */
export async function moveOnline(run: Run, world: World, sides: Sides): Promise<Moved | Waiting> {
  const way = wayBetween(run, world, addressOf(sides.blue), addressOf(sides.green));
  if (isUncounted(run.memo, await freezesOf(sides)) || (await isBrokenOff(world, way))) {
    return (await callOff(run, world, way))
      ? tryLater(run, world, sides, 'an attempt was broken off')
      : waiting(1, 'blue has just said its last word', run.memo);
  }
  await endThoseMadeInAFreeze(run, way);
  const notNow = await whyNotNow(run, world, sides);
  if (notNow) {
    return tryLater(run, world, sides, notNow);
  }
  const watched = await listen(world, sides.pairs, 'blue');
  const looked = await look(world, watched, { serving: 'blue', untilFew: true, isOver: untilCrossing(world) });
  judge(looked);
  const compared = summed([remembered(run.memo), looked]);
  if (looked.behind) {
    return tryLater(run, world, sides, looked.behind, compared);
  }
  if (looked.more) {
    return lookOn(run, world, sides, looked.more, compared);
  }
  const deadlineMs = world.clock.now() + world.plan.switchover.timeoutSeconds * 1000;
  let wayBack = await hasWayBack(sides.pairs);
  const contract = pendingChanges(world.plan.changes, await sides.own.green.ledger()).length > 0;
  const crossed = await cross(run, world, {
    ...way,
    deadlineMs,
    judgeDrift: refuseDrift,
    takesLong: contract,
    whileNobodyWrites: async () => {
      if (contract) {
        await contractInTime(run, world, sides.own, deadlineMs);
        await forgetContract(watched);
        wayBack &&= await nameColumns(world.plan, sides.pairs, sides.own);
      }
      if (wayBack) {
        await beginWayBackHere(sides.pairs);
      }
    },
    watched,
    serving: 'blue',
    judge,
    open: () => openGreen(run, sides),
  }).catch(async (error: unknown) => {
    await leadBackIfGivenUp(run, world, sides);
    throw error; // handed over: the next invocation completes it
  });
  if ('steps' in crossed) {
    return { ...crossed, changedRows: summed([compared, crossed.changedRows]) };
  }
  if (crossed.calledOff instanceof TemporarilyUnavailable) {
    return tryLater(run, world, sides, crossed.calledOff.message, compared);
  }
  throw crossed.calledOff;
}

/** No attempt: nobody had to wait for it. It becomes one when it has taken as long as catching up may. */
async function lookOn(
  run: Run,
  world: World,
  sides: Sides,
  why: string,
  compared: ChangedRowsResult,
): Promise<Waiting> {
  const nowMs = world.clock.now();
  const lookingSinceMs = Number(run.memo.lookingSinceMs ?? nowMs);
  if ((nowMs - lookingSinceMs) / 1000 > world.plan.follow.timeoutSeconds) {
    return tryLater(run, world, sides, why, compared);
  }
  return waiting(1, why, { ...run.memo, lookingSinceMs, ...toBeRemembered(compared) });
}

/** @throws ValidationFailed: what the verdict said of both sides does not hold any more */
function judge({ mismatches }: Looked): void {
  if (mismatches.length > 0) {
    throw new ValidationFailed(mismatches);
  }
}

/** What contract changes write to green is no write that blue lacks. */
async function forgetContract(watched: readonly Watched[]): Promise<void> {
  await Promise.all(watched.map(({ rows }) => rows.close()));
  await Promise.all(watched.map(({ rows }) => rows.passOverGreens()));
}

/** Production waits: a contract change that takes too long is undone, so that green can go on following. */
async function contractInTime(run: Run, world: World, { green }: Pair, deadlineMs: number): Promise<void> {
  const restMs = () => Math.min(world.remainingMs(), deadlineMs - world.clock.now());
  const running = await applyContractChanges(run, world, green, restMs);
  if (running) {
    await green.endChange(run.runId);
    throw new TemporarilyUnavailable('the switchover', { cause: new Error(`its budget is used up: ${running}`) });
  }
}

/** Until their sessions are ended somebody may have changed blue's schema. */
function refuseDrift(drifted: readonly string[], database: string): void {
  refuse(drifted.map((table) => `blue's schema was changed in database "${database}": ${table}`));
}

/** What production need not wait for, done before it has to wait at all. @returns why this attempt must not begin */
async function whyNotNow(run: Run, world: World, sides: Sides): Promise<string | undefined> {
  const { plan } = world;
  refuse(whyUnproved(run));
  for (const pair of sides.pairs) {
    await checkFollowed(run, world, pair);
    if (!(await pair.green.subscription(pair.forward))?.enabled) {
      await pair.green.follow(pair.forward, addressOf(sides.blue)); // an attempt was broken off when it had just ended that
    }
    const slot = await connectedSlot(world, pair.blue, pair.forward);
    if (!slot?.active) {
      return `green is not connected to blue's slot ${pair.forward}`;
    }
    if (slot.lagBytes > plan.switchover.maxLagMiB * MIB) {
      return `green is ${Math.ceil(slot.lagBytes / MIB)} MiB behind blue, allowed are ${plan.switchover.maxLagMiB} MiB (switchover.maxLagMiB)`;
    }
    const open = await pair.blue.longTransactions(LONG_TRANSACTION_SECONDS);
    if (open.length > 0) {
      return `blue is in the middle of ${open.join('; ')}`;
    }
  }
  const running = await sides.own.green.runningChange();
  if (running) {
    return running;
  }
  refuse(await whyNotTheSame(world, sides.pairs));
  refuse(await whyNotCarried(sides.pairs));
  if (!(await sides.own.green.moveGreen(run.runId, ['closed'], 'closed'))) {
    return 'green does not take a write of the run';
  }
  if (!(await prepareWayBack(plan, sides.pairs, addressOf(sides.green)))) {
    return 'transactions on green do not let the way back be prepared';
  }
  await protectGreen(world, sides);
  // no client belongs on a side that is closed; whoever was led there by an attempt would stay
  await Promise.all(sides.pairs.map(({ green }) => green.endClientSessions()));
  await Promise.all(sides.pairs.map(({ blue }) => blue.arm()));
  return undefined;
}

async function freezesOf({ own }: Sides): Promise<number> {
  return (await own.blue.record())?.freezes ?? 0;
}

/** @param compared rows that need not be compared again */
async function tryLater(
  run: Run,
  { plan }: World,
  sides: Sides,
  why: string,
  compared = remembered(run.memo),
): Promise<Waiting> {
  const { own } = sides;
  const applied = new Set((await own.green.ledger()).map(({ number }) => number));
  if (plan.changes.some(({ kind, number }) => kind === 'contract' && applied.has(number))) {
    throw new SwitchoverRefused([`${why}; contract changes are applied on green, so it cannot follow blue any more`]);
  }
  const counted = countAttempt(run.memo, await freezesOf(sides));
  const { attempts } = counted;
  if (attempts >= plan.switchover.attempts) {
    throw new SwitchoverRefused([
      `it was tried ${attempts} times (switchover.attempts), and blue serves as before; the last time: ${why}`,
    ]);
  }
  const pauseSeconds = FIRST_PAUSE_SECONDS * PAUSE_GROWTH ** (attempts - 1);
  return waiting(
    pauseSeconds,
    `attempt ${attempts} of ${plan.switchover.attempts} did not get through, blue serves on and green follows: ${why}`,
    { ...counted, ...toBeRemembered(compared) },
  );
}
