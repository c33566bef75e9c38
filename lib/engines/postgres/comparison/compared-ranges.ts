/** The ranges of a comparison, kept on green: who reads which, and what was read. Many invocations work on them at the same time. */
import type { ComparedTable } from '../../../core/comparison';
import type { PageRange } from '../../../core/ranges';
import type { Moment, RangeProgress } from '../../../ports/comparison';
import { claimSchema, dropTables, isThere, makeTable } from '../run-record/own-schema';
import type { Session } from '../session/session';

export type SideName = 'blue' | 'green';

/** The moment, as it is kept. */
export interface MarkedMoment extends Moment {
  readonly id: string;
  /** Names of the exported snapshots. */
  readonly blue: string;
  readonly green: string;
}

export interface ClaimedShare {
  readonly share: number;
  readonly ranges: readonly (PageRange & { readonly compared: ComparedTable })[];
}

export interface RangeResult {
  readonly table: number;
  readonly from: number;
  readonly rows: string;
  readonly digest: string;
  /** Why it could not be read. */
  readonly problem?: string;
  /** What the table held at the moment is gone. */
  readonly rewritten?: boolean;
}

const TABLES = {
  moment:
    'id uuid primary key, at_ms float8 not null, fence_ms float8 not null, blue text not null, green text not null',
  compared_table: 'number int primary key, facts jsonb not null',
  compared_share: 'side text, number int, worker int, done boolean not null default false, primary key (side, number)',
  compared_range: `side text, share int, table_number int, from_page bigint, to_page bigint,
    rows numeric, digest numeric, problem text, rewritten boolean not null default false, primary key (side, table_number, from_page)`,
};

export async function readMoment(session: Session): Promise<MarkedMoment | undefined> {
  if (!(await isThere(session, 'moment'))) {
    return undefined;
  }
  const [moment] = await session.query<MarkedMoment>(
    'select id::text, at_ms as "atMs", fence_ms as "fenceMs", blue, green from bluegreen.moment',
  );
  return moment;
}

export async function forgetMoment(session: Session): Promise<void> {
  await dropTables(session, Object.keys(TABLES));
}

/** Keeps the moment and what is to be compared, all or nothing; whatever there was of another moment is gone. */
export async function keepMoment(
  session: Session,
  moment: Omit<MarkedMoment, 'id'>,
  tables: readonly ComparedTable[],
  shares: Readonly<Record<SideName, readonly (readonly PageRange[])[]>>,
): Promise<void> {
  await session.transaction(async () => {
    await forgetMoment(session);
    await claimSchema(session);
    for (const [name, columns] of Object.entries(TABLES)) {
      await makeTable(session, name, columns);
    }
    await session.query('create index if not exists compared_range_share on bluegreen.compared_range (side, share)');
    await session.query(
      `insert into bluegreen.compared_table select number - 1, facts from jsonb_array_elements($1) with ordinality t (facts, number)`,
      [JSON.stringify(tables)],
    );
    for (const side of ['blue', 'green'] as const) {
      const ranges = shares[side].flatMap((share, number) => share.map((range) => ({ share: number, ...range })));
      await session.query(
        `insert into bluegreen.compared_range (side, share, table_number, from_page, to_page)
         select $1, share, "table", "from", "to" from jsonb_to_recordset($2) r (share int, "table" int, "from" bigint, "to" bigint)`,
        [side, JSON.stringify(ranges)],
      );
    }
    await session.query(
      'insert into bluegreen.compared_share (side, number) select distinct side, share from bluegreen.compared_range',
    );
    await session.query(
      `insert into bluegreen.moment (id, at_ms, fence_ms, blue, green) values (gen_random_uuid(), $1, $2, $3, $4)`,
      [moment.atMs, moment.fenceMs, moment.blue, moment.green],
    );
  });
}

export async function rangeProgress(session: Session): Promise<RangeProgress> {
  const [progress] = await session.query<RangeProgress>(
    `select count(*)::int as ranges, count(*) filter (where s.done)::int as compared,
            (select count(*)::int from bluegreen.compared_share where not done) as "sharesLeft"
       from bluegreen.compared_range r join bluegreen.compared_share s on (s.side, s.number) = (r.side, r.share)`,
  );
  return progress ?? { ranges: 0, compared: 0, sharesLeft: 0 };
}

export async function freeClaims(session: Session): Promise<void> {
  await session.query('update bluegreen.compared_share set worker = null where not done and worker is not null');
}

/**
 * A share of this side nobody else is at. What a worker took and did not finish it takes again: an invocation that came to
 * nothing is followed by another one with its number.
 */
export async function claimShare(
  session: Session,
  moment: MarkedMoment,
  side: SideName,
  worker: number,
): Promise<ClaimedShare | undefined> {
  const [claimed] = await session.query<{ number: number }>(
    `update bluegreen.compared_share set worker = $2
      where side = $1 and exists (select from bluegreen.moment where id = $3) and number = (
        select number from bluegreen.compared_share
         where side = $1 and not done and (worker is null or worker = $2)
         order by worker nulls last, number limit 1 for update skip locked)
     returning number`,
    [side, worker, moment.id],
  );
  if (!claimed) {
    return undefined;
  }
  const ranges = await session.query<PageRange & { compared: ComparedTable }>(
    `select r.table_number as "table", r.from_page::float8 as "from", r.to_page::float8 as "to", t.facts as compared
       from bluegreen.compared_range r join bluegreen.compared_table t on t.number = r.table_number
      where r.side = $1 and r.share = $2 order by 1, 2`,
    [side, claimed.number],
  );
  return { share: claimed.number, ranges };
}

/** Keeps what was read of a share; of another moment nothing is kept. */
export async function finishShare(
  session: Session,
  moment: MarkedMoment,
  { side, share }: { readonly side: SideName; readonly share: number },
  results: readonly RangeResult[],
): Promise<void> {
  await session.query(
    `with finished as (
       update bluegreen.compared_share set done = true
        where side = $1 and number = $2 and exists (select from bluegreen.moment where id = $3) returning number)
     update bluegreen.compared_range r
        set rows = v.rows, digest = v.digest, problem = v.problem, rewritten = coalesce(v.rewritten, false)
       from jsonb_to_recordset($4) v ("table" int, "from" bigint, rows numeric, digest numeric, problem text, rewritten boolean), finished
      where r.side = $1 and r.table_number = v."table" and r.from_page = v."from"`,
    [side, share, moment.id, JSON.stringify(results)],
  );
}

export interface TotalsRow {
  readonly facts: ComparedTable;
  readonly blue_rows: string;
  readonly blue_digest: string;
  readonly green_rows: string;
  readonly green_digest: string;
  readonly problem: string | null;
  readonly rewritten: boolean;
}

const TOTALS = `
  select table_number, coalesce(bool_or(rewritten), false) as rewritten, min(problem) as problem,
         sum(rows) filter (where side = 'blue') as blue_rows, sum(digest) filter (where side = 'blue') as blue_digest,
         sum(rows) filter (where side = 'green') as green_rows, sum(digest) filter (where side = 'green') as green_digest
    from bluegreen.compared_range group by table_number`;

/** Tables whose sums over all ranges are not the same on both sides. */
export function differingTotals(session: Session): Promise<TotalsRow[]> {
  return session.query<TotalsRow>(
    `select t.facts, blue_rows::text, blue_digest::text, green_rows::text, green_digest::text, problem, rewritten
       from (${TOTALS}) s join bluegreen.compared_table t on t.number = s.table_number
      where rewritten or problem is not null or (blue_rows, blue_digest) is distinct from (green_rows, green_digest)
      order by t.number`,
  );
}

export async function comparedRows(session: Session): Promise<number> {
  const [sum] = await session.query<{ rows: number }>(
    `select coalesce(sum(rows), 0)::float8 as rows from bluegreen.compared_range where side = 'blue'`,
  );
  return sum?.rows ?? 0;
}
