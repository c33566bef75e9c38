/** Whether a query returns a row whatever the tables hold: as a check that must return none it could never pass. */
import type { Tree } from './parse-tree';

/** The server's own; an aggregate of the user's cannot be told from another function by its text. */
const AGGREGATE =
  /^(count|sum|min|max|avg|every|bool_(and|or)|bit_(and|or|xor)|(array|string|xml|range|range_intersect|jsonb?|jsonb?_object)_?agg(_strict|_unique|_unique_strict)?|any_value|stddev(_pop|_samp)?|var(iance|_pop|_samp)|corr|covar_(pop|samp)|regr_\w+|mode|percentile_(cont|disc))$/;

/** Names that `with` gives to queries of which each certainly returns a row. */
type Certain = ReadonlySet<string>;

/** @returns false where that cannot be told */
export function certainlyReturnsRow(query: Tree, outer: Certain = new Set()): boolean {
  if (query.limitOffset || (query.limitCount && !(query.limitCount.A_Const?.ival?.ival > 0))) {
    return false;
  }
  const certain = named(query.withClause?.ctes ?? [], outer);
  switch (query.op ?? 'SETOP_NONE') {
    case 'SETOP_UNION':
      return certainlyReturnsRow(query.larg, certain) || certainlyReturnsRow(query.rarg, certain);
    case 'SETOP_NONE':
      return query.valuesLists?.length > 0 || alwaysSelects(query, certain);
    default:
      return false;
  }
}

function named(queries: readonly Tree[], outer: Certain): Certain {
  const certain = new Set(outer);
  for (const { CommonTableExpr: table } of queries) {
    const select = table.ctequery.SelectStmt;
    certain.delete(table.ctename);
    if (select && certainlyReturnsRow(select, certain)) {
      certain.add(table.ctename);
    }
  }
  return certain;
}

function alwaysSelects(query: Tree, certain: Certain): boolean {
  const { targetList, fromClause = [], whereClause, groupClause, havingClause } = query;
  if (havingClause) {
    return false;
  }
  if (groupClause) {
    return groupClause.length === 1 && holdsAllRows(groupClause[0].GroupingSet);
  }
  const calls = callsIn(targetList);
  return (
    calls.some(isAggregate) ||
    (!whereClause && calls.length === 0 && fromClause.every((from: Tree) => alwaysHasRow(from, certain)))
  );
}

/** A set of groups with one of all rows, which is there even when there are none. */
function holdsAllRows(set: Tree): boolean {
  return (
    /_(EMPTY|ROLLUP|CUBE)$/.test(set?.kind ?? '') ||
    (set?.content ?? []).some((one: Tree) => holdsAllRows(one.GroupingSet))
  );
}

function alwaysHasRow({ RangeSubselect: inner, RangeVar: table }: Tree, certain: Certain): boolean {
  return inner
    ? certainlyReturnsRow(inner.subquery.SelectStmt, certain)
    : Boolean(table && !table.schemaname && certain.has(table.relname));
}

/** A window's functions leave the rows as they are. */
function isAggregate({ funcname, agg_star, agg_filter, agg_distinct, agg_within_group, over }: Tree): boolean {
  const name: string = funcname?.at(-1)?.String?.sval ?? '';
  return !over && Boolean(agg_star || agg_filter || agg_distinct || agg_within_group || AGGREGATE.test(name));
}

/** Calls of functions in the query's own columns, not in queries within them. */
function callsIn(tree: Tree): Tree[] {
  if (typeof tree !== 'object' || tree === null) {
    return [];
  }
  return Object.entries(tree as Record<string, Tree>).flatMap(([key, value]) =>
    key === 'SubLink' ? [] : [...(key === 'FuncCall' ? [value] : []), ...callsIn(value)],
  );
}
