/** Random tables, changes of a column's type, and writes: what the rules about types are tried with. */
import fc from 'fast-check';
import { SAMPLES } from '../conversions/samples';

/** How a row is named to the other side: by the column that gets another type, or not. */
export type Naming = 'by another column' | 'in partitions' | 'primary key' | 'unique index' | 'full';

export interface Retyping {
  readonly table: string;
  readonly naming: Naming;
  /** What the column is, and becomes, one after the other. */
  readonly types: readonly string[];
  readonly change: string;
  /** Rows that are copied. */
  readonly seeded: readonly string[];
  /** What blue writes when green has been changed. */
  readonly written: readonly Write[];
}

export type Write =
  | { readonly kind: 'insert' | 'give'; readonly id: number; readonly value: string }
  | { readonly kind: 'touch' | 'delete'; readonly id: number };

/** Types that people do change, and among which much is allowed; each with the values that are known to be difficult. */
const FAMILIES: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric', 'numeric(12,2)', 'numeric(20,0)', 'double precision', 'real', 'text'],
  ['text', 'varchar', 'varchar(5)', 'varchar(40)', 'char(5)', 'char(40)', 'name', 'public.mood', 'public.short'],
  ['timestamp', 'timestamp(3)', 'timestamp(0)', 'date', 'timestamptz', 'time', 'text'],
  ['boolean', 'text', 'integer', 'varchar(5)'],
  ['inet', 'cidr', 'text', 'varchar(40)'],
  ['json', 'jsonb', 'text'],
  ['interval', 'interval(0)', 'interval day', 'text'],
  ['bit(3)', 'bit varying', 'bit varying(8)', 'text'],
  ['money', 'numeric(12,2)', 'text'],
  ['uuid', 'text', 'varchar(40)', 'bytea'],
  ['public.mood', 'public.feeling', 'text', 'varchar(40)'],
  ['integer[]', 'bigint[]', 'text[]', 'boolean[]', 'numeric(12,2)[]'],
];

const ARRAYS: Readonly<Record<string, readonly string[]>> = {
  'integer[]': ['{}', '{1,2}', '{NULL,-5}', '[0:1]={7,8}', '{{1,2},{3,4}}'],
  'bigint[]': ['{}', '{3000000000}', '{1,NULL}'],
  'text[]': ['{}', '{a,"b c"}', '{1,2}', '{NULL,"NULL"}'],
  'boolean[]': ['{}', '{t,f}', '{t,NULL}'],
  'numeric(12,2)[]': ['{}', '{1.5,2}', '{0}'],
};

/** Made before the tables. */
export const TYPES = `
  create type mood as enum ('sad', 'ok', '1', 'true', 'Two words'); create type feeling as enum ('ok', 'sad', 'great', '1');
  create domain short as varchar(5) check (value <> 'abcd')`;

export function valuesOf(type: string): readonly string[] {
  const sample = type === 'public.short' ? 'varchar(5)' : type;
  return ARRAYS[type] ?? SAMPLES.find((one) => one.type === sample)?.values ?? [];
}

const WITHOUT_EQUALITY: ReadonlySet<string> = new Set(['json']);

/** @param fitting which of a type's values the server takes, through all types of the change */
export function retyping(
  number: number,
): fc.Arbitrary<Omit<Retyping, 'seeded' | 'written'> & { readonly random: readonly number[] }> {
  return fc.constantFrom(...FAMILIES).chain((family) =>
    fc
      .record({
        types: fc.uniqueArray(fc.constantFrom(...family), { minLength: 2, maxLength: 3 }),
        naming: fc.constantFrom<Naming>('by another column', 'in partitions', 'primary key', 'unique index', 'full'),
        using: fc.array(fc.constantFrom('', 'cast', 'text'), { minLength: 2, maxLength: 2 }),
        steps: fc.constantFrom(1, 1, 1, 2),
        random: fc.array(fc.nat(10_000), { minLength: 60, maxLength: 60 }),
      })
      .map(({ types: chosen, naming, using, steps, random }) => {
        const table = `t${number}`;
        const types = chosen.slice(0, steps + 1);
        const change = types
          .slice(1)
          .map((type, index) => `alter table ${table} alter column v type ${type}${usingOf(type, using[index])}`)
          .join('; ');
        return {
          table,
          naming: WITHOUT_EQUALITY.has(types[0] ?? '') ? 'by another column' : naming,
          types,
          change,
          random,
        };
      }),
  );
}

function usingOf(type: string, form: string | undefined): string {
  return form ? ` using v::${form === 'text' ? 'text::' : ''}${type}` : '';
}

/** Two rows at least are there before, so that updates and deletes have something to find. */
export function filled(
  { random, ...rest }: Omit<Retyping, 'seeded' | 'written'> & { readonly random: readonly number[] },
  values: readonly string[],
): Retyping {
  const value = (index: number) => values[(random[index] ?? 0) % values.length] ?? '';
  const seeded = Array.from({ length: 8 }, (_, index) => value(index));
  const written = Array.from({ length: 16 }, (_, index): Write => {
    const [kind, id] = [(random[20 + index] ?? 0) % 4, 1 + ((random[40 + index] ?? 0) % 12)];
    return kind < 2
      ? { kind: kind === 0 ? 'insert' : 'give', id, value: value(8 + (index % 12)) }
      : { kind: kind === 2 ? 'touch' : 'delete', id };
  });
  return { ...rest, seeded, written };
}

export function tableOf({ table, naming, types: [type], seeded }: Retyping): string {
  const made = {
    'by another column': `create table ${table} (id int primary key, v ${type}, n int default 0)`,
    'in partitions': `create table ${table} (id int primary key, v ${type}, n int default 0) partition by range (id);
      create table ${table}_1 partition of ${table} for values from (0) to (5); create table ${table}_2 partition of ${table} for values from (5) to (1000)`,
    'primary key': `create table ${table} (v ${type} primary key, id int, n int default 0)`,
    'unique index': `create table ${table} (v ${type} not null, id int, n int default 0); create unique index ${table}_v on ${table} (v); alter table ${table} replica identity using index ${table}_v`,
    full: `create table ${table} (id int, v ${type}, n int default 0); alter table ${table} replica identity full`,
  }[naming];
  return [made, ...seeded.map((value, index) => insert(table, index + 1, value))].join(';\n');
}

function insert(table: string, id: number, value: string): string {
  return `insert into ${table} (id, v) values (${id}, ${literal(value)}) on conflict do nothing`;
}

export function writesOf({ table, naming, types, written }: Retyping): string {
  const alone = ['primary key', 'unique index'].includes(naming);
  return written
    .map((write) => {
      switch (write.kind) {
        case 'insert':
          return insert(table, write.id, write.value);
        case 'give':
          return `update ${table} set v = ${literal(write.value)}, n = n + 1 where id = ${write.id}${alone ? oneAlone(table, types[0], write) : ''}`;
        case 'touch':
          return `update ${table} set n = n + 1 where id = ${write.id}`;
        default:
          return `delete from ${table} where id = ${write.id}`;
      }
    })
    .join(';\n');
}

/** No two rows may get one key. */
function oneAlone(
  table: string,
  type: string | undefined,
  { id, value }: { readonly id: number; readonly value: string },
): string {
  return ` and v = (select v from ${table} where id = ${id} order by v limit 1) and not exists (select from ${table} o where o.v = ${literal(value)}::${type})`;
}

export function literal(text: string): string {
  return `e'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
