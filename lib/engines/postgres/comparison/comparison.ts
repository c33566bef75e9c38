/** The Comparison port on PostgreSQL: a moment kept by exported snapshots, tables read by ranges of pages, sums of row hashes. */
import { alteredTypes, type ComparedTable, planComparison } from '../../../core/comparison';
import { DatabaseRefused, TemporarilyUnavailable } from '../../../core/errors';
import { cutIntoShares, type PageRange, type TableSize } from '../../../core/ranges';
import type { Schema } from '../../../core/schema';
import type * as port from '../../../ports/comparison';
import type { ComparedAlike } from '../../../ports/database';
import { readSchema, readTables } from '../catalog/catalog';
import { PostgresReader } from '../reader/reader';
import { readAlike } from '../reader/text-form';
import { Session, type SessionOptions } from '../session/session';
import { barrier, quietMoment } from './barrier';
import * as kept from './compared-ranges';
import { differingRows } from './differing-rows';
import { digestStatement, relation } from './digest';
import { endKeptSnapshots, keepsSnapshot, readAt, SnapshotKeeper } from './kept-snapshot';
import { readableTypes } from './readable-types';

export interface ComparisonOptions extends ComparedAlike {
  readonly blue: SessionOptions;
  readonly green: SessionOptions;
}

const SIDES: readonly kept.SideName[] = ['blue', 'green'];

interface Both<Part> {
  readonly blue: Part;
  readonly green: Part;
}

async function both<Part>(
  [blue, green]: readonly [Session, Session],
  read: (session: Session) => Promise<Part>,
): Promise<Both<Part>> {
  const [ofBlue, ofGreen] = await Promise.all([read(blue), read(green)]);
  return { blue: ofBlue, green: ofGreen };
}

/** SQLSTATEs that say a value or type cannot be read as the type it is compared as, or that there is no such type. */
const UNREADABLE = /^(22...|42846|42804|42704)$/;
/** The table, or a column of it, is not there any more. */
const GONE = /^(42P01|42703|3F000)$/;

export class PostgresComparison implements port.Comparison {
  /** @param green the session in which the ranges are kept */
  constructor(
    private readonly blue: Session,
    private readonly green: Session,
    private readonly options: ComparisonOptions,
  ) {}

  async moment(): Promise<port.Moment | undefined> {
    const moment = await kept.readMoment(this.green);
    const keeps = await Promise.all([this.blue, this.green].map(keepsSnapshot));
    return keeps.every((keepsIt) => keepsIt) ? moment : undefined;
  }

  async mark({ atMs, following, lockTimeoutMs, seconds }: port.MarkOptions): Promise<void> {
    const { blue, green } = this.options;
    await this.end(); // before anything of the new one is there: what is kept belongs to what is remembered
    const keepers = { followed: new SnapshotKeeper(blue), follower: new SnapshotKeeper(green) };
    try {
      const taken = following ? await barrier(keepers, blue, green, lockTimeoutMs) : await quietMoment(keepers);
      const moment = { atMs, fenceMs: taken.fenceMs, blue: taken.followed, green: taken.follower };
      const [{ tables, shares }] = await Promise.all([
        this.at(moment, async (sides) => {
          const { tables } = await this.plan(sides, await both(sides, readTables));
          const [onBlue, onGreen] = await Promise.all(sides.map((session) => readSizes(session, tables)));
          return { tables, shares: { blue: cutIntoShares(onBlue ?? []), green: cutIntoShares(onGreen ?? []) } };
        }),
        keepers.followed.leave(seconds, this.blue),
        keepers.follower.leave(seconds, this.green),
      ]);
      await kept.keepMoment(this.green, moment, tables, shares);
    } catch (error) {
      await this.end().catch(() => undefined); // the first error is the one that matters
      throw error;
    } finally {
      await Promise.all([keepers.followed.close(), keepers.follower.close()]);
    }
  }

  progress = () => kept.rangeProgress(this.green);
  freeClaims = () => kept.freeClaims(this.green);

  async compareRanges(worker: number, timeIsOver: () => boolean): Promise<void> {
    const moment = await kept.readMoment(this.green);
    const sessions = moment && (await this.openBoth(moment));
    if (!sessions) {
      return; // whoever looks at the result marks another moment
    }
    try {
      const [blue, green] = sessions;
      await Promise.all(sessions.map((session) => session.query(WITHOUT_JIT)));
      const work = { moment, worker, timeIsOver };
      const lanes = [this.compareSide('blue', blue, work), this.compareSide('green', green, work)];
      for (const lane of await Promise.allSettled(lanes)) {
        if (lane.status === 'rejected') {
          throw lane.reason;
        }
      }
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  }

  async result(): Promise<port.ComparedRanges> {
    const totals = await kept.differingTotals(this.green);
    return {
      rows: await kept.comparedRows(this.green),
      rewritten: totals.filter(({ rewritten }) => rewritten).map(({ facts }) => `${facts.schema}.${facts.name}`),
      differing: totals
        .filter(({ rewritten }) => !rewritten)
        .map((row) => ({
          table: row.facts,
          blue: { rows: row.blue_rows, digest: row.blue_digest },
          green: { rows: row.green_rows, digest: row.green_digest },
          ...(row.problem !== null && { problem: row.problem }),
        })),
    };
  }

  async atMoment<Result>(work: (sides: port.SidesAtMoment) => Promise<Result>): Promise<Result> {
    return this.at(await this.requireMoment(), async (sessions) => {
      const [blue, green] = sessions;
      const schemas = await both(sessions, readSchema);
      const plan = await this.plan(sessions, schemas);
      return work({ blue: new PostgresReader(blue), green: new PostgresReader(green), schemas, ...plan });
    });
  }

  async differences({ table, blue: { rows } }: port.DifferingTable, limit: number) {
    return this.at(await this.requireMoment(), ([blue, green]) =>
      differingRows({ blue, green }, table, { rows: Number(rows), limit }),
    );
  }

  async end(): Promise<void> {
    await kept.forgetMoment(this.green);
    await Promise.all([endKeptSnapshots(this.blue), endKeptSnapshots(this.green)]);
  }

  private async requireMoment(): Promise<kept.MarkedMoment> {
    const moment = await kept.readMoment(this.green);
    if (!moment) {
      throw gone();
    }
    return moment;
  }

  private async plan([blue, green]: readonly [Session, Session], tables: Both<Pick<Schema, 'tables'>>) {
    const readable = await readableTypes(blue, green, alteredTypes(tables.blue, tables.green));
    return planComparison(tables.blue, tables.green, this.options, readable);
  }

  private async compareSide(
    side: kept.SideName,
    session: Session,
    { moment, worker, timeIsOver }: { moment: kept.MarkedMoment; worker: number; timeIsOver: () => boolean },
  ): Promise<void> {
    do {
      const claimed = await kept.claimShare(this.green, moment, side, worker);
      if (!claimed) {
        return;
      }
      const results: kept.RangeResult[] = [];
      for (const range of claimed.ranges) {
        results.push(await readRange(session, range.compared, range));
      }
      await kept.finishShare(this.green, moment, { side, share: claimed.share }, results);
    } while (!timeIsOver());
  }

  /** @throws TemporarilyUnavailable when the moment is gone */
  private async at<Result>(
    moment: Pick<kept.MarkedMoment, 'blue' | 'green'>,
    work: (sides: readonly [Session, Session]) => Promise<Result>,
  ): Promise<Result> {
    const sessions = await this.openBoth(moment);
    if (!sessions) {
      throw gone();
    }
    try {
      return await work(sessions);
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  }

  private async openBoth(moment: Pick<kept.MarkedMoment, 'blue' | 'green'>): Promise<[Session, Session] | undefined> {
    const [blue, green] = await Promise.all(SIDES.map((side) => this.openAt(side, moment[side])));
    if (blue && green) {
      return [blue, green];
    }
    await Promise.all([blue?.close(), green?.close()]);
    return undefined;
  }

  private async openAt(side: kept.SideName, snapshot: string): Promise<Session | undefined> {
    const session = new Session(this.options[side]);
    try {
      await readAlike(session, this.options.timeZone);
      if (await readAt(session, snapshot)) {
        return session;
      }
      await session.close();
      return undefined;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

/** Compiling a statement pays for none of these. How many processes help a reader is for the server to say. */
const WITHOUT_JIT = `select set_config('jit', 'off', false)`;

function gone(): TemporarilyUnavailable {
  return new TemporarilyUnavailable('the moment at which both sides are compared', {
    cause: new Error('a side was restarted, or validation.timeoutSeconds are over'),
  });
}

async function readSizes(session: Session, tables: readonly ComparedTable[]): Promise<TableSize[]> {
  return session
    .query<TableSize>(
      `select t.number::int as "table", coalesce(pg_relation_size(c.oid) / current_setting('block_size')::int, 0)::float8 as pages,
            coalesce(pg_table_size(c.oid), 0)::float8 as bytes
       from unnest($1::text[]) with ordinality t (name, number) left join pg_class c on c.oid = to_regclass(t.name)`,
      [tables.map(relation)],
    )
    .then((sizes) => sizes.map((size) => ({ ...size, table: size.table - 1 })));
}

/**
 * The lock that a read takes is let go after each range. As long as it is held nothing can put other rows in the place of
 * those of the moment; whether something did before shows in where they are stored.
 */
async function readRange(session: Session, table: ComparedTable, range: PageRange): Promise<kept.RangeResult> {
  const at = { table: range.table, from: range.from };
  try {
    const [row] = await session.transaction(() =>
      session.query<{ rows: string; digest: string; kept: boolean }>(
        `${digestStatement(table, STILL_THERE)}${within(range)}`,
        [relation(table)],
      ),
    );
    const { rows = '0', digest = '0', kept = false } = row ?? {};
    return { ...at, rows, digest, ...(!kept && { rewritten: true }) };
  } catch (error) {
    if (error instanceof DatabaseRefused && UNREADABLE.test(error.sqlState)) {
      return { ...at, rows: '0', digest: '0', problem: withoutValue(error.serverMessage) };
    }
    if ((error instanceof DatabaseRefused && GONE.test(error.sqlState)) || isLockedUp(error)) {
      return { ...at, rows: '0', digest: '0', rewritten: true };
    }
    throw error;
  }
}

/** A table that was not cut is read without a condition: reading by pages is what the server's parallel workers cannot help with. */
function within({ from, to }: PageRange): string {
  const conditions = [...(from === 0 ? [] : [`ctid >= '(${from},0)'`]), ...(to === null ? [] : [`ctid < '(${to},0)'`])];
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}

/** Somebody has the table for himself for long, as who rewrites it has. */
function isLockedUp(error: unknown): boolean {
  return error instanceof TemporarilyUnavailable && (error.cause as { code?: string } | undefined)?.code === '55P03';
}

/** The server quotes what it could not read. */
function withoutValue(message: string): string {
  return message.replace(/".*"/s, '"…"');
}

/** The catalog as it was at the moment against the file of now. */
const STILL_THERE = `(select pg_relation_filenode(c.oid) = c.relfilenode from pg_class c where c.oid = to_regclass($1)) as kept`;
