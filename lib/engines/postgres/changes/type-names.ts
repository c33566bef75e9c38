/** What the parse tree says of a type: which one it is, and how a column's values are made of the former ones. */
import type { TypeReference } from '../way-back/column-type';
import type { Using } from '../way-back/conversions';
import { qualified, strings, type Tree } from './parse-tree';

/** Types by their short names, and what the server writes for them; the others are written as they are called. */
const WRITTEN: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  varchar: 'character varying',
  bpchar: 'character',
  varbit: 'bit varying',
  time: 'time without time zone',
  timetz: 'time with time zone',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  char: '"char"',
};

const AS_CALLED: ReadonlySet<string> = new Set(
  `numeric money text name bytea date interval bit inet cidr macaddr macaddr8 uuid json jsonb jsonpath xml tsvector tsquery point line lseg box path polygon
  circle int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange datemultirange tsmultirange tstzmultirange oid
  regclass regtype regproc regprocedure regoper regoperator regrole regnamespace regconfig regdictionary regcollation xid xid8 cid tid pg_lsn pg_snapshot refcursor`.split(
    /\s+/,
  ),
);

/** Of an interval: what its first modifier says, by its bits. */
const FIELDS: readonly (readonly [bit: number, field: string])[] = [
  [1 << 2, 'year'],
  [1 << 1, 'month'],
  [1 << 3, 'day'],
  [1 << 10, 'hour'],
  [1 << 11, 'minute'],
  [1 << 12, 'second'],
];
const ALL_FIELDS = 0x7fff;

export function typeReference(typeName: Tree): TypeReference {
  const { schema, name } = qualified(typeName?.names ?? []);
  const array = (typeName?.arrayBounds ?? []).length > 0;
  const written = WRITTEN[name] ?? (AS_CALLED.has(name) ? name : undefined);
  if (written === undefined || (schema !== undefined && schema !== 'pg_catalog')) {
    return { ...(schema !== undefined && { schema }), name, builtIn: false, array };
  }
  return { name: withModifiers(written, modifiersOf(typeName)), builtIn: true, array };
}

function modifiersOf({ typmods = [] }: Tree): number[] {
  return typmods.map(({ A_Const: constant }: Tree) => constant?.ival?.ival ?? 0);
}

/** As the server writes it: those of times stand before what follows the first word. */
function withModifiers(name: string, modifiers: readonly number[]): string {
  if (name === 'interval') {
    const [mask = ALL_FIELDS, digits] = modifiers;
    const fields = FIELDS.filter(([bit]) => mask !== ALL_FIELDS && mask & bit).map(([, field]) => field);
    const named = fields.length > 1 ? `${fields[0]} to ${fields.at(-1)}` : (fields[0] ?? '');
    return `interval${named === '' ? '' : ` ${named}`}${digits === undefined ? '' : `(${digits})`}`;
  }
  if (name === 'numeric' && modifiers.length === 1) {
    return `numeric(${modifiers[0]},0)`;
  }
  const [, first, rest] = /^(time\w*)( .*)$/.exec(name) ?? [undefined, name, ''];
  if (modifiers.length === 0) {
    return name;
  }
  return `${first}(${modifiers.join(',')})${rest}`;
}

/** How `using` makes the new value: by itself, `col::type` or `col::text::type`; undefined for anything else. */
export function usingOf(column: string, { raw_default: expression, typeName }: Tree): Using | undefined {
  const isColumn = (tree: Tree) => tree?.ColumnRef && strings(tree.ColumnRef.fields).at(-1) === column;
  if (!expression || isColumn(expression)) {
    return 'plain';
  }
  const { TypeCast: cast } = expression;
  if (!cast || !sameType(cast.typeName, typeName)) {
    return undefined;
  }
  if (isColumn(cast.arg)) {
    return 'cast';
  }
  const inner = cast.arg?.TypeCast;
  return inner && typeReference(inner.typeName).name === 'text' && isColumn(inner.arg) ? 'text' : undefined;
}

function sameType(one: Tree, other: Tree): boolean {
  return JSON.stringify(typeReference(one)) === JSON.stringify(typeReference(other));
}
