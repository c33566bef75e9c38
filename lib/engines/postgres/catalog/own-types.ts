/** Reads what the types of columns hold: domains are taken for what they restrict, arrays for their elements. */

import type { Session } from '../session/session';
import { type ColumnType, columnType } from '../way-back/column-type';
import type { OwnTypes } from '../way-back/resolved-types';

export interface ContentRow {
  readonly content: string;
  /** The type has labels. */
  readonly labelled: boolean;
}

/** An array's modifier is that of its elements, a domain has one of its own. */
export function contentOf(type: string, modifier: string): string {
  return `
    with recursive down (type, modifier, elements) as (
      select ${type}, ${modifier}, false
      union all
      select case when t.typtype = 'd' then t.typbasetype else t.typelem end,
             case when t.typtype = 'd' and d.modifier < 0 then t.typtypmod else d.modifier end, d.elements or t.typtype <> 'd'
        from down d join pg_type t on t.oid = d.type
       where t.typtype = 'd' or exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid))
    select format_type(d.type, d.modifier) || case when d.elements then '[]' else '' end as content, t.typtype = 'e' as labelled
      from down d join pg_type t on t.oid = d.type
     where t.typtype <> 'd' and not exists (select from pg_type e where e.oid = t.typelem and e.typarray = t.oid)`;
}

export function contentFrom({ content, labelled }: ContentRow): ColumnType {
  return columnType(content, { enumerated: labelled });
}

const TYPES = `
  select n.nspname as schema, y.typname as name, content.*
    from pg_type y join pg_namespace n on n.oid = y.typnamespace
    cross join lateral (${contentOf('y.oid', '-1')}) content
   where y.typtype in ('e', 'd') and n.nspname not in ('pg_catalog', 'information_schema')`;

/** Types that the server brings along have low numbers, and so have its casts; one that goes by text reads as replication does. */
const CASTS = `
  select regexp_replace(s.content, '\\(.*\\)', '') as source, s.labelled as "sourceLabelled", regexp_replace(t.content, '\\(.*\\)', '') as target, t.labelled as "targetLabelled"
    from pg_cast c cross join lateral (${contentOf('c.castsource', '-1')}) s cross join lateral (${contentOf('c.casttarget', '-1')}) t
   where c.oid >= 16384 and c.castmethod <> 'i'`;

interface CastRow {
  source: string;
  sourceLabelled: boolean;
  target: string;
  targetLabelled: boolean;
}

export async function readOwnTypes(session: Session): Promise<OwnTypes> {
  return session.transaction(async () => {
    await session.query('set local search_path = pg_catalog');
    const types = await session.query<ContentRow & { schema: string; name: string }>(TYPES);
    const casts = await session.query<CastRow>(CASTS);
    return {
      types: types.map(({ schema, name, ...row }) => ({ schema, name, content: contentFrom(row) })),
      casts: casts.map(({ source, sourceLabelled, target, targetLabelled }) => ({
        from: contentFrom({ content: source, labelled: sourceLabelled }).base,
        to: contentFrom({ content: target, labelled: targetLabelled }).base,
      })),
    };
  }, 'isolation level repeatable read read only');
}
