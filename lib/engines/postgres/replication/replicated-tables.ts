/** Reads the tables of a database as logical replication sees them. */
import type { TableName } from '../../../core/declarations';
import { type ContentRow, contentFrom, contentOf } from '../catalog/own-types';
import { TABLES } from '../guardrails/guardrail';
import type { Session } from '../session/session';
import type { RelationKind, ReplicaIdentity, ReplicatedColumn, ReplicatedTable, RowRule } from './replicated-table';

const READ = `${TABLES} and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'`;

const RELATIONS = `
  select c.oid::text as id, c.relkind as kind, n.nspname as schema, c.relname as name, c.relispartition as partition,
         c.relreplident as identity, (select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
                                       where i.indrelid = c.oid and i.indisreplident) as identity_index,
         (with recursive up (oid) as (
            select inhparent from pg_inherits where inhrelid = c.oid
            union select i.inhparent from up join pg_inherits i on i.inhrelid = up.oid)
          select coalesce(jsonb_agg(jsonb_build_object('schema', an.nspname, 'name', a.relname)), '[]')
            from up join pg_class a on a.oid = up.oid join pg_namespace an on an.oid = a.relnamespace) as ancestors
    from ${READ}
   order by n.nspname, c.relname`;

/** What a row that comes without the column gets is the column's default, or else its type's. */
const COLUMNS = `
  select c.oid::text as id, a.attnum as number, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, content.*,
         exists (select from pg_collation l where l.oid = a.attcollation and not l.collisdeterministic) as folds, a.attnotnull as "notNull",
         a.attgenerated <> '' as generated, a.attgenerated = '' and (a.atthasdef or a.attidentity <> '' or t.typdefault is not null) as filled,
         (select jsonb_build_object('schema', tn.nspname, 'name', t.typname, 'labels', jsonb_agg(e.enumlabel order by e.enumsortorder))
            from pg_enum e join pg_namespace tn on tn.oid = t.typnamespace where e.enumtypid = t.oid group by tn.nspname) as enumerated
    from (select c.oid from ${TABLES} and c.relkind in ('r', 'p') and c.relpersistence <> 't') c
    join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
    cross join lateral (${contentOf('a.atttypid', 'a.atttypmod')}) content
   where a.attnum > 0 and not a.attisdropped
   order by a.attnum`;

const columnsOf = (keys: string, relation: string) => `
  coalesce((select jsonb_agg(a.attname order by part.position) from unnest(${keys}) with ordinality part (attnum, position)
             join pg_attribute a on a.attrelid = ${relation} and a.attnum = part.attnum), '[]')`;

/** Checked when a row is applied: CHECK and EXCLUDE constraints, those of domains, a partition's bounds, and unique indexes. To write out those of the catalog itself would take longer than all the rest. */
const RULES = `
  with read as materialized (select c.oid from ${READ})
  select k.conrelid::text as id, k.conname as name, pg_get_constraintdef(k.oid) as definition, ${columnsOf('k.conkey', 'k.conrelid')} as columns, null as key
    from read join pg_constraint k on k.conrelid = read.oid where k.contype in ('c', 'x')
  union all
  select a.attrelid::text, k.conname, pg_get_constraintdef(k.oid), jsonb_build_array(a.attname), null
    from read join pg_attribute a on a.attrelid = read.oid join pg_constraint k on k.contypid = a.atttypid
   where k.contypid <> 0 and k.contype = 'c' and a.attnum > 0 and not a.attisdropped
  union all
  select c.oid::text, 'partition bounds', pg_get_expr(c.relpartbound, c.oid), '[]', null
    from read join pg_class c on c.oid = read.oid where c.relispartition and c.relkind = 'r'
  union all
  select i.indrelid::text, x.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE UNIQUE INDEX .* USING ', 'unique '),
         ${columnsOf('(i.indkey::int2[])[0:i.indnkeyatts - 1]', 'i.indrelid')},
         case when i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
              then case when i.indisprimary then 'primary' else 'unique' end end
    from read join pg_index i on i.indrelid = read.oid join pg_class x on x.oid = i.indexrelid where i.indisunique`;

interface RelationRow {
  id: string;
  kind: string;
  schema: string;
  name: string;
  partition: boolean;
  identity: string;
  identity_index: string | null;
  ancestors: TableName[];
}

interface ColumnRow extends Omit<ReplicatedColumn, 'enumerated' | 'content' | 'folds'>, ContentRow {
  id: string;
  folds: boolean;
  enumerated: ReplicatedColumn['enumerated'] | null;
}

interface RuleRow extends Omit<RowRule, 'key'> {
  id: string;
  key: RowRule['key'] | null;
}

const KINDS: Readonly<Record<string, RelationKind>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
};

/** Both sides are read with the same search path, so that the server writes types and definitions in the same way. */
export async function readReplicatedTables(session: Session): Promise<ReplicatedTable[]> {
  return session.transaction(async () => {
    await session.query('set local search_path = pg_catalog');
    const columns = byTable((await session.query<ColumnRow>(COLUMNS)).map(columnFrom));
    const rules = byTable((await session.query<RuleRow>(RULES)).map(ruleFrom));
    return (await session.query<RelationRow>(RELATIONS)).map(({ identity, identity_index, kind, ...relation }) => ({
      ...relation,
      kind: KINDS[kind] ?? 'table',
      identity: identityFrom(identity, identity_index),
      columns: columns.get(relation.id) ?? [],
      rules: rules.get(relation.id) ?? [],
    }));
  }, 'isolation level repeatable read read only');
}

function columnFrom({ id, enumerated, content, labelled, folds, ...column }: ColumnRow): [string, ReplicatedColumn] {
  const holds = {
    content: contentFrom({ content, labelled }),
    ...(folds && { folds }),
    ...(enumerated && { enumerated }),
  };
  return [id, { ...column, ...holds }];
}

function ruleFrom({ id, key, ...rule }: RuleRow): [string, RowRule] {
  return [id, { ...rule, ...(key && { key }) }];
}

function byTable<Part>(parts: readonly [string, Part][]): ReadonlyMap<string, Part[]> {
  const tables = new Map<string, Part[]>();
  for (const [id, part] of parts) {
    const ofTable = tables.get(id) ?? [];
    tables.set(id, ofTable);
    ofTable.push(part);
  }
  return tables;
}

function identityFrom(identity: string, index: string | null): ReplicaIdentity {
  switch (identity) {
    case 'f':
      return 'full';
    case 'n':
      return 'nothing';
    case 'i':
      return index === null ? 'nothing' : { index };
    default:
      return 'default';
  }
}
