/** The part of a switchover and of a failback that production waits for: the same steps in either direction. */
import { TemporarilyUnavailable } from '../lib/core/errors';
import type { Address, Run } from '../lib/core/run';
import type { Database } from '../lib/ports/database';
import type { SlotState } from '../lib/ports/replication';
import type { World } from '../lib/ports/world';

/** One database on the side that serves and on the side that is to. */
export interface Passage {
  readonly name: string;
  readonly from: Database;
  readonly to: Database;
  /** By which `to` follows `from`. */
  readonly channel: string;
}

export interface Crossing {
  /** The plan's own database first: what is decided there is decided. */
  readonly passages: readonly [Passage, ...Passage[]];
  readonly fromAddress: Address;
  readonly toAddress: Address;
  /** Instant on the run's clock by which it has to be over. */
  readonly deadlineMs: number;
  /** What else has to be done while nobody writes. */
  readonly whileNobodyWrites: () => Promise<void>;
  /** What has to be true when the sessions of clients are gone. @throws when `from` must go on */
  readonly beforeTheLastWord: () => Promise<unknown>;
  /** Lets `to` accept writes. @throws when it must not any more */
  readonly open: () => Promise<void>;
}

/** Milliseconds each step took, by its name. */
export type Steps = Readonly<Record<string, number>>;

/** So much later than the budget's end the server helps itself; until then the run has the first word. */
const DEAD_MAN_GRACE_SECONDS = 5;

/**
 * Refuses writes on `from`, waits until `to` has everything, and opens `to`.
 *
 * Until `from` is handed over, everything is undone by {@link callOff}. Afterwards only opening `to` is left to do.
 */
export async function cross(run: Run, world: World, crossing: Crossing): Promise<Steps> {
  const budget = new Budget(world.clock, crossing.deadlineMs);
  const seconds = Math.ceil(budget.restMs() / 1000) + DEAD_MAN_GRACE_SECONDS;
  await crossing.passages[0].from.prepareWriteAttempt();
  const disarms = await Promise.all(crossing.passages.map(({ from }) => from.armDeadMan(run.runId, seconds)));
  try {
    return await takeSteps(run, world, crossing, budget);
  } finally {
    await Promise.all(disarms.map((disarm) => disarm()));
  }
}

async function takeSteps(run: Run, world: World, crossing: Crossing, budget: Budget): Promise<Steps> {
  const { passages, toAddress } = crossing;
  const watch = new StepWatch();
  const until = new Date(crossing.deadlineMs);
  const freezes = await Promise.all(passages.map(({ from }) => from.freeze(run.runId, until)));
  watch.lap('freeze');
  await Promise.all([proveRefusal(passages[0].from), ...passages.map((passage) => drain(passage, budget))]);
  watch.lap('drain');
  await crossing.whileNobodyWrites();
  watch.lap('prepare the other side');
  budget.restMs();
  await world.endpoint.swap(toAddress);
  watch.lap('swap');
  // not before, or clients would have to connect twice; while they do, what their sessions could still do is carried over
  await Promise.all(passages.map(({ from }) => from.endClientSessions()));
  await Promise.all([crossing.beforeTheLastWord(), ...passages.map(carrySequences)]);
  watch.lap('end sessions');
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
  return watch.steps;
}

/** A server that was restarted, or a worker, is back within seconds: waiting for it costs production nothing. */
const CONNECTION_PATIENCE_MS = 10_000;
const CONNECTION_POLL_MS = 250;

/** The slot once the other side is connected to it, or as it is when that takes too long. */
export async function connectedSlot(
  { clock }: Pick<World, 'clock'>,
  from: Database,
  channel: string,
): Promise<SlotState | undefined> {
  const giveUpMs = clock.now() + CONNECTION_PATIENCE_MS;
  for (;;) {
    const slot = await from.slot(channel);
    if (!slot || slot.lost || slot.active || clock.now() > giveUpMs) {
      return slot;
    }
    await clock.sleep(CONNECTION_POLL_MS);
  }
}

/** From here on `to` has every row, and follows no more. */
async function drain({ name, from, to, channel }: Passage, budget: Budget): Promise<void> {
  const { token } = await from.writeMarker();
  if (!(await to.markerArrives(token, budget.restMs()))) {
    throw new TemporarilyUnavailable(`database "${name}"`, {
      cause: new Error('the last write did not arrive on the other side within the budget'),
    });
  }
  await to.stopFollowing(channel);
}

/** Once no session of a client takes values from them any more, none is handed out a second time. */
export async function carrySequences({ from, to }: Pick<Passage, 'from' | 'to'>): Promise<void> {
  await to.advanceSequences(await from.sequences());
}

/** As the application would, and insisting. */
async function proveRefusal(from: Database): Promise<void> {
  const attempt = await from.attemptWrite({ insist: true });
  if (attempt.accepted) {
    throw new TemporarilyUnavailable('the freeze', { cause: new Error(attempt.message) });
  }
}

/**
 * Lets `from` serve on as if nothing had been.
 *
 * @returns false when `from` was handed over, so that `to` may be open: then the crossing must be finished
 */
export async function callOff(
  run: Run,
  { endpoint }: World,
  { passages, fromAddress }: Pick<Crossing, 'passages' | 'fromAddress'>,
): Promise<boolean> {
  const [own, ...others] = passages;
  if (!(await own.from.unfreeze(run.runId, { handedOver: false }))) {
    return false;
  }
  await Promise.all(others.map(({ from }) => from.unfreeze(run.runId, { handedOver: true })));
  await endpoint.swap(fromAddress);
  await Promise.all(passages.map(({ to }) => to.endClientSessions()));
  await Promise.all(passages.map(({ to, channel }) => to.follow(channel, fromAddress)));
  return true;
}

class Budget {
  constructor(
    private readonly clock: World['clock'],
    private readonly deadlineMs: number,
  ) {}

  /** @throws TemporarilyUnavailable when it is used up */
  restMs(): number {
    const rest = this.deadlineMs - this.clock.now();
    if (rest <= 0) {
      throw new TemporarilyUnavailable('the switchover', { cause: new Error('its budget is used up') });
    }
    return rest;
  }
}

class StepWatch {
  readonly steps: Record<string, number> = {};
  private last = performance.now();

  lap(name: string): void {
    const now = performance.now();
    this.steps[name] = Math.round((now - this.last) * 10) / 10;
    this.last = now;
  }
}
