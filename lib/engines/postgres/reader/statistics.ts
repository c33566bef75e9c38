/** What the server's own statistics say of the application's columns. */
import type { ColumnName, ColumnStatistics } from '../../../core/data-drift';
import { DatabaseRefused } from '../../../core/errors';
import { PUBLISHED_TABLES } from '../guardrails/guardrail';
import type { Session } from '../session/session';
import { fixTextForm } from './text-form';

/**
 * Of every table that holds rows of its own: partitions, and not the tables above them, which autovacuum does not analyze.
 * A number of distinct values below zero is a share of the rows, zero means unknown.
 */
const STATISTICS = `
  select c.schema, c.name as "table", a.attname as name, s.attname is not null as known,
         round(s.null_frac::numeric, 4)::float8 as "nullShare",
         case when s.n_distinct > 0 then s.n_distinct::float8
              when s.n_distinct < 0 and c.reltuples >= 0 then round(-s.n_distinct * c.reltuples)::float8 end as "distinct",
         case when t.typlen < 0 then s.avg_width end as "averageLength"
    from (select c.oid, n.nspname as schema, c.relname as name, c.reltuples from ${PUBLISHED_TABLES}) c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_stats s on s.schemaname = c.schema and s.tablename = c.name and s.attname = a.attname and not s.inherited
   order by c.schema, c.name, a.attnum`;

interface StatisticsRow extends ColumnName {
  known: boolean;
  nullShare: number;
  distinct: number | null;
  averageLength: number | null;
}

export async function readStatistics(session: Session): Promise<ColumnStatistics[]> {
  const rows = await session.query<StatisticsRow>(STATISTICS);
  return rows.map(({ known, nullShare, distinct, averageLength, ...name }) => ({
    ...name,
    figures: known ? { nullShare, distinct, averageLength } : null,
  }));
}

export interface Extremes {
  readonly min: string;
  readonly max: string;
}

/** The smallest and the largest value the statistics know, in the order of the column's type; undefined where it has none. */
export async function readExtremes(
  session: Session,
  { schema, table, name }: ColumnName,
): Promise<Extremes | undefined> {
  try {
    return await session.transaction(async () => {
      await fixTextForm(session);
      const [known] = await session.query<{ type: string; common: string | null; bounds: string | null }>(
        `select format_type(a.atttypid, -1) as type, s.most_common_vals::text as common, s.histogram_bounds::text as bounds
           from pg_stats s join pg_attribute a
             on a.attrelid = format('%I.%I', $1::text, $2::text)::regclass and a.attname = s.attname
          where s.schemaname = $1 and s.tablename = $2 and s.attname = $3 and not s.inherited`,
        [schema, table, name],
      );
      const [extremes] = known
        ? await session.query<Extremes>(
            `select (array_agg(v order by v))[1]::text as min, (array_agg(v order by v desc))[1]::text as max
               from unnest($1::${known.type}[] || $2::${known.type}[]) v
             having count(v) > 0`,
            [known.common, known.bounds],
          )
        : [];
      return extremes;
    }, 'read only');
  } catch (error) {
    if (error instanceof DatabaseRefused) {
      return undefined; // arrays of arrays, and types without an order
    }
    throw error;
  }
}
