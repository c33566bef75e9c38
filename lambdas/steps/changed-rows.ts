/** Comparing what changed since the verdict's moment until nothing is left but what is just being written, and in the end that, too. */
import { type ChangedRowsResult, summed } from '../../lib/core/changed-rows';
import { type Difference, mismatchesOf } from '../../lib/core/differences';
import { LineageLost } from '../../lib/core/following-errors';
import type { Memo } from '../../lib/core/progress';
import { inDatabase, type Mismatch } from '../../lib/core/verdict';
import type { ChangedRows, ComparedRows } from '../../lib/ports/changed-rows';
import type { World } from '../../lib/ports/world';
import { changesBetween, declaredBy, unseenBy } from './changes-between';
import type { Pair } from './sides';

/** How long a look waits for the side that follows. */
const ARRIVAL_PATIENCE_MS = 5_000;
/** A look at so few rows is over in milliseconds: what is written meanwhile is left to the crossing. */
const FEW_ROWS = 500;
/** The one that finds a row different and the one that proves it; rows that change all the time are left to the next time. */
const ENOUGH_LOOKS = 2;
/** Where more is written than can be compared, it never gets few. */
const MOST_LOOKS = 20;
/** So many take a second or so: longer than writers should wait for it. */
const MANY_ROWS = 20_000;
/** An invocation that has begun a crossing has to live to see its end. */
const CROSSING_MARGIN_MS = 30_000;
/** Kept between invocations; the rest is counted. */
const TABLES_NAMED = 20;

export type Serving = 'blue' | 'green';

/** What is known of the rows that changed in one database. */
export interface Watched {
  readonly pair: Pair;
  readonly rows: ChangedRows;
}

/** What changed rows of a database have to be compared with. */
export async function changedRowsOf(world: World, pair: Pair, serving: Serving): Promise<ChangedRows> {
  const { validation, report } = world.plan;
  // what green accepts comes to blue as it is, also where a change rewrote what had been there
  const changes = serving === 'blue' ? await changesBetween(world, pair) : [];
  return pair.blue.changedRowsWith(pair.green, pair.rows, {
    declared: declaredBy(changes),
    unseen: serving === 'green' || unseenBy(changes),
    timeZone: validation.timeZone,
    rowsNamed: report.rowsNamed,
  });
}

/** Why it is not known what changed in one of the databases; undefined when it is. */
export async function gapOf(world: World, pairs: readonly Pair[], serving: Serving): Promise<LineageLost | undefined> {
  for (const pair of pairs) {
    const gap = await (await changedRowsOf(world, pair, serving)).gap();
    if (gap !== undefined) {
      return new LineageLost(pair.name, gap);
    }
  }
  return undefined;
}

/** Begins to read what changed in every database. @throws LineageLost when that is not known any more */
export async function listen(world: World, pairs: readonly Pair[], serving: Serving): Promise<Watched[]> {
  const gap = await gapOf(world, pairs, serving);
  if (gap) {
    throw gap;
  }
  const watched = await Promise.all(
    pairs.map(async (pair) => ({ pair, rows: await changedRowsOf(world, pair, serving) })),
  );
  const listening = await Promise.allSettled(watched.map(({ rows }) => rows.listen()));
  const failed = listening.find((one) => one.status === 'rejected');
  if (failed) {
    await Promise.all(watched.map(({ rows }) => rows.close()));
    throw failed.reason;
  }
  return watched;
}

export interface Looked extends ChangedRowsResult {
  /** What is proved to differ. */
  readonly mismatches: readonly Mismatch[];
  /** Why not everything that changed could be looked at. */
  readonly behind?: string;
  /** That there is more, and looking again gets on with it. */
  readonly more?: string;
}

export interface LookOptions {
  readonly serving: Serving;
  /** Until little is left, since writers are about to wait for the rest; else what has changed by now is compared, and what differs once more. */
  readonly untilFew: boolean;
  readonly isOver: () => boolean;
}

/** Compares what changed. */
export async function look(world: World, watched: readonly Watched[], options: LookOptions): Promise<Looked> {
  const looks: Looked[] = [];
  for (const one of watched) {
    looks.push(...(await lookAt(world, one, options)));
  }
  return together(looks);
}

async function lookAt(world: World, { pair, rows }: Watched, options: LookOptions): Promise<Looked[]> {
  const nothing = { compared: 0, skipped: [], mismatches: [] };
  const [from, to] = options.serving === 'blue' ? [pair.blue, pair.green] : [pair.green, pair.blue];
  const looks: Looked[] = [];
  let completes = 0;
  for (let count = 1; ; count += 1) {
    const complete = await rows.read();
    const { token } = await from.writeMarker();
    if (!(await to.markerArrives(token, ARRIVAL_PATIENCE_MS))) {
      return [...looks, { ...nothing, behind: `what changed in "${pair.name}" has not arrived` }];
    }
    const found = await rows.compare({ last: false });
    looks.push({ compared: found.rows, skipped: found.skipped, mismatches: named(world, pair, found.differences) });
    completes += complete ? 1 : 0;
    if (found.differences.length > 0 || (complete && isSettled(found, completes, options))) {
      return looks;
    }
    const enough = complete && count >= MOST_LOOKS;
    if (enough && found.rows <= MANY_ROWS) {
      return looks;
    }
    if (enough || options.isOver()) {
      const more = `more rows change in database "${pair.name}" than have been compared yet`;
      return [...looks, { ...nothing, more }];
    }
  }
}

/** @param completes how often everything was looked at that had changed by then */
function isSettled({ rows, suspected }: ComparedRows, completes: number, { untilFew }: LookOptions): boolean {
  return untilFew ? suspected === 0 && rows <= FEW_ROWS : suspected === 0 || completes >= ENOUGH_LOOKS;
}

/** Looking may take as long as the invocation lasts, but for the crossing itself. */
export function untilCrossing({ plan, remainingMs }: World): () => boolean {
  return () => remainingMs() < plan.switchover.timeoutSeconds * 1000 + CROSSING_MARGIN_MS;
}

/** What was written last: nothing is on its way any more, so what differs differs. @param reading what a first look reads */
export async function lookLast(
  world: World,
  watched: readonly Watched[],
  reading: Promise<boolean[]>,
): Promise<Looked> {
  const complete = await reading;
  const looks = await Promise.all(
    watched.map(async ({ pair, rows }, at) => {
      const parts: Looked[] = [];
      for (let last = complete[at] === true; ; last = await rows.read()) {
        const found = await rows.compare({ last });
        parts.push({ compared: found.rows, skipped: found.skipped, mismatches: named(world, pair, found.differences) });
        if (last) {
          return together(parts);
        }
      }
    }),
  );
  return together(looks);
}

function named({ plan }: World, pair: Pair, differences: readonly Difference[]): Mismatch[] {
  return inDatabase(
    plan,
    pair.name,
    differences.flatMap((difference) => mismatchesOf(difference, plan.report)),
  );
}

function together(looks: readonly Looked[]): Looked {
  const behind = looks.find((one) => one.behind !== undefined)?.behind;
  const more = looks.find((one) => one.more !== undefined)?.more;
  return {
    ...summed(looks),
    mismatches: looks.flatMap(({ mismatches }) => mismatches),
    ...(behind !== undefined && { behind }),
    ...(more !== undefined && { more }),
  };
}

/** From now on nobody keeps which rows change. */
export async function forgetChangedRows({ blue, green, rows }: Pair): Promise<void> {
  await blue.closeChannel(rows);
  await green.closeChannel(rows);
}

const COMPARED = 'changed rows';
const SKIPPED = 'changed tables';

/** What earlier invocations of the phase compared. */
export function remembered(memo: Memo): ChangedRowsResult {
  const skipped = memo[SKIPPED];
  return {
    compared: Number(memo[COMPARED] ?? 0),
    skipped: typeof skipped === 'string' && skipped !== '' ? skipped.split('\n') : [],
  };
}

export function toBeRemembered({ compared, skipped }: ChangedRowsResult): Memo {
  return { [COMPARED]: compared, [SKIPPED]: skipped.slice(0, TABLES_NAMED).join('\n') };
}
