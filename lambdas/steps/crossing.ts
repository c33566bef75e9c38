/** The part of a switchover and of a failback that production waits for: the same steps in either direction. */
import { summed } from '../../lib/core/changed-rows';
import { TemporarilyUnavailable } from '../../lib/core/errors';
import type { Address, Run } from '../../lib/core/run';
import type { Database, Freeze } from '../../lib/ports/database';
import { leadsTo } from '../../lib/ports/endpoint-swap';
import type { World } from '../../lib/ports/world';
import { Budget } from './budget';
import { type Looked, look, lookLast, type Serving, type Watched } from './changed-rows';
import { type Moved, StepWatch } from './moved';
import type { Passage, Way } from './passages';
import { type JudgeDrift, lookAgain, lookAtAll } from './standstill';

export interface Crossing extends Way {
  /** Instant on the run's clock by which it has to be over. */
  readonly deadlineMs: number;
  /** What else has to be done while nobody writes, before `to` opens. */
  readonly whileNobodyWrites: () => Promise<void>;
  /** Whether that changes `to`, so that it cannot go on following, and takes so long that clients should rather connect twice than take values of sequences all the while. */
  readonly takesLong: boolean;
  readonly judgeDrift: JudgeDrift;
  /** What changed, to be compared again until the last write of `from`. */
  readonly watched: readonly Watched[];
  /** The side that `from` is. */
  readonly serving: Serving;
  /** @throws when rows differ */
  readonly judge: (looked: Looked) => void;
  /** Lets `to` accept writes. @throws when it must not any more */
  readonly open: () => Promise<void>;
}

/** `calledOff`: why `from` serves on, as if nothing had been. */
export type Crossed = Required<Moved> | { readonly calledOff: unknown };

/** So much later than the budget's end the server helps itself; until then the run has the first word. */
const DEAD_MAN_GRACE_SECONDS = 5;
/** Between requests to move the endpoint: Route 53 takes five a second for an account (its developer guide, "Quotas"). */
const SWAP_PAUSE_MS = 500;

/**
 * Refuses writes on `from`, waits until `to` has everything, and opens `to`.
 *
 * Until `from` is handed over, everything is undone by {@link callOff}. Afterwards only opening `to` is left to do.
 *
 * @throws whatever happened when `from` was handed over, or when calling off failed, too
 */
export async function cross(run: Run, world: World, crossing: Crossing): Promise<Crossed> {
  const budget = new Budget(world.clock, crossing.deadlineMs);
  const disarms: (() => Promise<void>)[] = [];
  const disarm = () => together(disarms.map((each) => each()));
  await world.endpoint.target(); // one that cannot be asked is found out about before anybody has to wait for it
  try {
    await together(crossing.passages.flatMap(({ from, to }) => [from.planCrossing(), to.planCrossing()]));
    await together(crossing.passages.map(({ counters }) => counters.carryAll()));
    await crossing.passages[0].from.prepareWriteAttempt();
    const seconds = Math.ceil(budget.restMs() / 1000) + DEAD_MAN_GRACE_SECONDS;
    disarms.push(...(await together(crossing.passages.map(({ from }) => from.armDeadMan(run.runId, seconds)))));
    const lookAround = (passage: Passage) => lookAtAll(passage, crossing.judgeDrift);
    await together(crossing.passages.map(lookAround)); // what is new is looked up while nobody waits
    await together(
      crossing.passages.map(async (passage) => arrived(passage, (await passage.from.writeMarker()).token, budget)),
    );
    const looked = await lookUntilFew(world, crossing);
    await together(crossing.passages.map(lookAround));
    await together(crossing.passages.map(({ counters }) => counters.carryUsed()));
    const moved = await takeSteps(run, world, crossing, budget);
    await disarm();
    return { ...moved, changedRows: summed([looked, moved.changedRows]) };
  } catch (error) {
    const calledOff = await callOff(run, world, crossing);
    await disarm(); // only now: when calling off fails, too, the server helps itself
    if (calledOff) {
      return { calledOff: error };
    }
    throw error;
  }
}

/** So that few rows are left to be compared while nobody writes. @throws when they are not, or cannot be told */
async function lookUntilFew(world: World, { serving, watched, deadlineMs, judge }: Crossing): Promise<Looked> {
  const latestMs = (world.clock.now() + deadlineMs) / 2;
  const looked = await look(world, watched, {
    serving,
    untilFew: true,
    isOver: () => world.clock.now() > latestMs,
  });
  judge(looked);
  const why = looked.behind ?? looked.more;
  if (why !== undefined) {
    throw new TemporarilyUnavailable('the switchover', { cause: new Error(why) });
  }
  return looked;
}

async function takeSteps(run: Run, world: World, crossing: Crossing, budget: Budget): Promise<Required<Moved>> {
  const { passages, toAddress, watched } = crossing;
  const watch = new StepWatch();
  const until = new Date(crossing.deadlineMs);
  const freezes = await together(passages.map(({ from }) => from.freeze(run.runId, until, { marking: true })));
  watch.lap('freeze');
  const reading = underWay(together(watched.map(({ rows }) => rows.read())));
  const refusing = underWay(proveRefusal(passages[0].from));
  const readUsed = () => together(passages.map(({ counters }) => counters.readUsed()));
  const moving = crossing.takesLong ? undefined : underWay(readUsed());
  const lookAround = async (passage: Passage) => {
    await moving; // by then the end of what changed is written, too, which is no standstill
    await lookAtAll(passage, crossing.judgeDrift);
  };
  const looking = underWay(together(passages.map(lookAround)));
  await Promise.all([
    ...(crossing.takesLong ? [refusing, looking] : []),
    ...passages.map((passage, at) => arrived(passage, freezes[at]?.marker ?? '', budget)),
  ]);
  const prove = async () => {
    const looked = await lookLast(world, watched, reading);
    crossing.judge(looked);
    return looked;
  };
  // contract changes alter what is compared
  const proved = crossing.takesLong ? await budget.over(prove()) : undefined;
  if (crossing.takesLong) {
    await together(passages.map(({ from }) => from.endClientSessions()));
  }
  await (moving ?? readUsed()); // where sessions are ended already, nobody takes any value after it
  await together(passages.map(({ counters }) => counters.carryLast()));
  await refusing;
  watch.lap('drain');
  const preparing = underWay(prepareTheOtherSide(crossing));
  if (crossing.takesLong) {
    await preparing;
    await together(passages.map(carryAnew));
  }
  watch.lap('prepare the other side');
  // sessions are better not ended before, or clients have to connect twice
  const swapping = crossing.takesLong
    ? insistingSwap(world, toAddress, budget)
    : world.endpoint.swap(toAddress, { onceWithinMs: budget.restMs() });
  const proving = underWay(preparing.then(() => proved ?? prove())); // what is asked for the swap goes first
  await together<unknown>([swapping, preparing]);
  watch.lap('swap');
  await together(passages.map(({ from }) => from.endClientSessions()));
  watch.lap('end sessions');
  await looking;
  await together(passages.map((passage) => lookAgain(passage, crossing.judgeDrift)));
  watch.lap('look again');
  const { compared, skipped } = await budget.over(proving);
  watch.lap('last rows');
  budget.restMs();
  // the plan's own database last: as long as it is not handed over, nothing is
  for (const [index, { from }] of [...passages.entries()].toReversed()) {
    if (!(await from.handOver(run.runId, freezes[index]?.id ?? ''))) {
      throw new TemporarilyUnavailable('the switchover', { cause: new Error('its freeze was lifted meanwhile') });
    }
  }
  watch.lap('hand over');
  await crossing.open();
  watch.lap('open');
  return { steps: watch.steps, swapId: await swapping, changedRows: { compared, skipped } };
}

/** Columns of `to` may have been given other counters. */
async function carryAnew({ name, counters }: Passage): Promise<void> {
  const obstacles = await counters.carryAnew();
  if (obstacles.length > 0) {
    throw new TemporarilyUnavailable(`database "${name}"`, { cause: new Error(obstacles.join('; ')) });
  }
}

async function prepareTheOtherSide({ passages, whileNobodyWrites }: Crossing): Promise<void> {
  await together(passages.map(({ to, channel }) => to.stopFollowing(channel)));
  await whileNobodyWrites();
}

/** What was done on `to` cannot be done again: a refusal that may pass is waited for as long as the budget lasts. */
async function insistingSwap({ endpoint, clock }: World, to: Address, budget: Budget): Promise<string> {
  for (;;) {
    try {
      return await endpoint.swap(to, { onceWithinMs: budget.restMs() });
    } catch (error) {
      if (!(error instanceof TemporarilyUnavailable) || budget.restMs() <= SWAP_PAUSE_MS) {
        throw error;
      }
    }
    await clock.sleep(SWAP_PAUSE_MS);
  }
}

/** Goes on by itself; whoever waits for it gets to know. */
function underWay<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}

/** Does not give up before all are over: what is undone after one has failed must not be done again by another. */
async function together<Result>(works: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** From here on `to` has every row. */
async function arrived({ name, to }: Passage, token: string, budget: Budget): Promise<void> {
  if (!(await to.markerArrives(token, budget.restMs()))) {
    throw new TemporarilyUnavailable(`database "${name}"`, {
      cause: new Error('the last write did not arrive on the other side within the budget'),
    });
  }
}

/** As the application would, and insisting. */
async function proveRefusal(from: Database): Promise<void> {
  const attempt = await from.attemptWrite({ insist: true });
  if (attempt.accepted) {
    throw new TemporarilyUnavailable('the freeze', { cause: new Error(attempt.message) });
  }
}

/** Whether nobody is at it any more who still says so: the time of the freeze is over, or the server has lifted it and no more. */
export async function isGivenUp(
  { endpoint, clock }: World,
  freeze: Freeze | undefined,
  toAddress: Address,
): Promise<boolean> {
  return freeze ? freeze.until.getTime() < clock.now() : leadsTo(await endpoint.target(), toAddress);
}

/** Whether an earlier invocation was interrupted in the middle of it. */
export async function isBrokenOff({ endpoint }: World, { passages, toAddress }: Way): Promise<boolean> {
  const records = await Promise.all(passages.map(({ from }) => from.record()));
  return records.some((record) => record?.freeze !== undefined) || leadsTo(await endpoint.target(), toAddress);
}

/** Where the server lifted a freeze, sessions made in it are still read-only. */
export async function endThoseMadeInAFreeze(run: Run, { passages }: Way): Promise<void> {
  await together(passages.map(({ from }) => from.unfreeze(run.runId, { handedOver: false })));
}

/**
 * Lets `from` serve on as if nothing had been.
 *
 * @returns false when `from` was handed over, so that `to` may be open: then the crossing must be finished
 */
export async function callOff(run: Run, world: World, way: Way): Promise<boolean> {
  const { passages, fromAddress } = way;
  const [own, ...others] = passages;
  if (!(await own.from.unfreeze(run.runId, { handedOver: false }))) {
    return false;
  }
  await together(others.map(({ from }) => from.unfreeze(run.runId, { handedOver: true })));
  await leadBack(world, way);
  await together(passages.map(({ to, channel }) => to.follow(channel, fromAddress)));
  await together(passages.map(({ to }) => to.endClientSessions()));
  return true;
}

/** Makes the endpoint lead to `from`; whoever was led to `to` may have taken values of sequences there. */
export async function leadBack({ endpoint }: World, { passages, fromAddress, toAddress }: Way): Promise<void> {
  if (!leadsTo(await endpoint.target(), toAddress)) {
    return;
  }
  await together(passages.map(({ counters }) => counters.carryBack()));
  await endpoint.swap(fromAddress);
  await together(passages.map(endThoseLedThere));
  await together(passages.map(({ counters }) => counters.carryBack()));
}

async function endThoseLedThere({ to }: Passage): Promise<void> {
  await to.endClientSessions().catch(() => undefined); // what has failed has no sessions
}
