/** Reads which columns take their values from which sequences, and which from what cannot be read. */
import { createHash } from 'node:crypto';
import { escapeLiteral } from 'pg';
import { notOfExtension, OURS } from '../catalog/catalog-words';
import type { Session } from '../session/session';
import type { Feed, FeedingSequence, Feeds } from './feeding';
import { AS_DRAWN } from './feeding';

/** Smaller tables are read while nobody writes, with or without an index. */
const QUICK_BYTES = 8 * 1_048_576;

const SEQUENCES = `
  select c.oid::text as id, n.nspname as schema, c.relname as name, q.seqincrement > 0 as ascending, q.seqcycle as cycles,
         (case when q.seqincrement > 0 then q.seqmax else q.seqmin end)::text as end,
         has_schema_privilege(n.oid, 'USAGE') and has_sequence_privilege(c.oid, 'SELECT') and has_sequence_privilege(c.oid, 'UPDATE') as movable
    from pg_sequence q join pg_class c on c.oid = q.seqrelid join pg_namespace n on n.oid = c.relnamespace
   where c.relpersistence <> 't' and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`;

/** A sequence as the text of an expression or function names it. */
const NAMED = escapeLiteral(String.raw`\mnextval\M"?\s*\(+\s*'((?:[^']|'')+)'`);
/** Of a name that the server can look up without refusing it. */
const NAME = escapeLiteral(String.raw`^("([^"]|"")+"|\w+)(\.("([^"]|"")+"|\w+))?$`);
const DRAWS = escapeLiteral(String.raw`\mnextval\M`);
/** As it stands in a pattern. */
const COLUMN = String.raw`regexp_replace(a.attname, '(\W)', '\\\1', 'g')`;
const OF_THE_ROW = String.raw`('\mnew\."?' || ${COLUMN} || '"?(?!\w)')`;
const FILLS = String.raw`('\mnew\."?' || ${COLUMN} || '"?\s*:?=|\minto\M[^;]*\mnew\."?' || ${COLUMN} || '"?(?!\w)')`;
/** BEFORE INSERT FOR EACH ROW, as pg_trigger keeps it. */
const BEFORE_INSERT = 't.tgtype & 7 = 7';

/**
 * Functions that draw, themselves or by others they call, as far as their text tells. A column draws by its own default or
 * its domain's, and what it owns is drawn for it by those who ask for its sequence.
 */
const FEEDS = `
  with recursive routines as materialized (
    select p.oid, p.proname, pg_get_functiondef(p.oid) as text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prokind in ('f', 'p') and ${OURS} and ${notOfExtension('pg_proc', 'p.oid')}),
  drawing as (
    select oid, proname::text, 0 as depth from routines where text ~* ${DRAWS}
    union
    select r.oid, r.proname::text, 1 from drawing d join routines r on r.oid <> d.oid
       and r.text ~* ('\\m' || regexp_replace(d.proname, '(\\W)', '\\\\\\1', 'g') || '\\M"?\\s*\\(')),
  columns as (
    select a.attrelid as relation, a.attnum as number, coalesce(pg_get_expr(ad.adbin, ad.adrelid), t.typdefault) as expression,
           case when ad.oid is null then 'pg_type'::regclass else 'pg_attrdef'::regclass end as catalog, coalesce(ad.oid, t.oid) as definition
      from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
     where a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and (ad.oid is not null or t.typtype = 'd' and t.typdefault is not null)),
  calls as (
    select s.relation, s.number, r.oid, r.text, exists (select from drawing d where d.oid = r.oid and d.depth = 1) as "byOthers"
      from columns s join pg_depend d on d.classid = s.catalog and d.objid = s.definition and d.refclassid = 'pg_proc'::regclass
      join routines r on r.oid = d.refobjid where r.oid in (select oid from drawing)),
  fillings as (
    select t.tgrelid as relation, a.attnum as number, r.oid, coalesce(own.text, r.text) as text, own.text is not null as direct,
           exists (select from drawing d where d.oid = r.oid and d.depth = 1) as "byOthers"
      from pg_trigger t join routines r on r.oid = t.tgfoid
      join pg_attribute a on a.attrelid = t.tgrelid and a.attnum > 0 and not a.attisdropped and r.text ~* ${FILLS},
           lateral (select string_agg(m[1], ' ') as text from regexp_matches(r.text, '[^;]*;', 'g') m
                     where m[1] ~* ${DRAWS} and m[1] ~* ${OF_THE_ROW}) own
     where not t.tgisinternal and t.tgenabled in ('O', 'A') and ${BEFORE_INSERT} and r.oid in (select oid from drawing)),
  texts as (
    select relation, number, expression as text, false as "byOthers" from columns where expression ~* ${DRAWS}
    union all select relation, number, text, "byOthers" from calls
    union all select relation, number, text, "byOthers" from fillings),
  named as (
    select relation, number, case when m[1] ~ ${NAME} then to_regclass(replace(m[1], '''''', ''''))::oid end as sequence
      from texts, regexp_matches(text, ${NAMED}, 'gi') m),
  drawn as (
    select relation, number, sequence from named where sequence is not null
    union
    select s.relation, s.number, d.refobjid from columns s join pg_depend d
        on d.classid = s.catalog and d.objid = s.definition and d.refclassid = 'pg_class'::regclass
      join pg_class q on q.oid = d.refobjid and q.relkind = 'S'
    union
    select d.refobjid, d.refobjsubid, d.objid from pg_depend d join pg_class q on q.oid = d.objid and q.relkind = 'S'
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')),
  fed as (
    select relation, number, array_agg(distinct sequence::text) filter (where sequence is not null) as sequences
      from (select * from drawn union all select relation, number, null from texts) every group by 1, 2)
  select f.relation::text as "tableId", f.number, n.nspname as schema, c.relname as "table", a.attname as "column",
         coalesce(f.sequences, '{}') as sequences,
         (select s.expression from columns s where s.relation = f.relation and s.number = f.number) as expression,
         coalesce((select jsonb_agg(jsonb_build_object('name', k.oid::regproc, 'text', k.text) order by k.oid)
                     from calls k where k.relation = f.relation and k.number = f.number), '[]') as calls,
         coalesce((select jsonb_agg(jsonb_build_object('name', k.oid::regproc, 'text', k.text, 'direct', k.direct) order by k.oid)
                     from fillings k where k.relation = f.relation and k.number = f.number), '[]') as fillings,
         coalesce((select bool_or(t."byOthers" or (select count(*) from regexp_matches(t.text, ${DRAWS}, 'gi')) <>
                             (select count(*) from regexp_matches(t.text, ${NAMED}, 'gi') m
                               where case when m[1] ~ ${NAME} then to_regclass(replace(m[1], '''''', '''')) is not null end))
                     from texts t where t.relation = f.relation and t.number = f.number), false) as unread,
         exists (select from pg_index i where i.indrelid = f.relation and i.indisunique and i.indisvalid and f.number = any (i.indkey)) as unique,
         case when (select coalesce(nullif(t.typbasetype, 0), t.oid) from pg_type t where t.oid = a.atttypid)
                     not in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype) or c.relkind not in ('r', 'p') then 'none'
              when exists (select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
                            where i.indrelid = f.relation and i.indisvalid and i.indpred is null and i.indkey[0] = f.number and m.amname = 'btree')
                or coalesce((select sum(pg_relation_size(relid)) from pg_partition_tree(f.relation)), pg_relation_size(f.relation)) <= ${QUICK_BYTES}
              then 'quick' else 'slow' end as lookup
    from fed f join pg_class c on c.oid = f.relation join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = f.relation and a.attnum = f.number
   where c.relpersistence <> 't' and ${OURS} and ${notOfExtension('pg_class', 'c.oid')}`;

interface Routine {
  readonly name: string;
  readonly text: string;
}

interface FeedRow extends Omit<Feed, 'formula'> {
  readonly expression: string | null;
  readonly calls: readonly Routine[];
  /** Of triggers: the statements that draw for the column, or everything where none does so by itself. */
  readonly fillings: readonly (Routine & { readonly direct: boolean })[];
}

export async function readFeeds(session: Session): Promise<Feeds> {
  const [sequences, feeds] = await Promise.all([
    session.planned<FeedingSequence>(SEQUENCES),
    session.planned<FeedRow>(FEEDS),
  ]);
  return {
    sequences,
    feeds: feeds.map(({ expression, calls, fillings, ...feed }) => {
      const told = feed.unread ? (text: string) => text : nameless;
      const computed = fillings.filter(({ direct, text }) => !direct || !FILLED_AS_DRAWN.test(nameless(text)));
      return { ...feed, formula: `${formulaOf(expression, calls, told)}${bodiesOf(computed, told)}` };
    }),
  };
}

/** What a column without drawing default hands out is drawn by those who ask for the sequence it owns. */
function formulaOf(expression: string | null, calls: FeedRow['calls'], told: (text: string) => string): string {
  if (expression === null || (calls.length === 0 && !/\bnextval\b/i.test(expression))) {
    return AS_DRAWN;
  }
  return `${told(expression).replace(/^\(*nextval\(\)$/, AS_DRAWN)}${bodiesOf(calls, told)}`;
}

function bodiesOf(routines: readonly Routine[], told: (text: string) => string): string {
  const bodies = routines.map(
    ({ name, text }) => `, by ${name} ${createHash('sha256').update(told(text)).digest('hex').slice(0, 8)}`,
  );
  return bodies.join('');
}

/** One statement, and what is drawn is what is there then. */
const FILLED_AS_DRAWN = /^[^;]*(?:=|\bselect)\s*(?:coalesce\s*\(\s*new\.\S+\s*,\s*)?nextval\(\)\s*(?:into\b[^;]*)?;$/i;

/** Whatever the sequence is called, and without the casts that follow its value. */
function nameless(text: string): string {
  return text.replace(/\bnextval"?\s*\(+\s*'(?:[^']|'')+'(?:::\w+|\))*/gi, AS_DRAWN);
}
