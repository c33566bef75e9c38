/** Whether a query returns a row whatever the tables hold: as a check that must return none it could never pass. */
import type { Tree } from './parse-tree';

/** The server's own; an aggregate of the user's cannot be told from another function by its text. */
const AGGREGATE =
  /^(count|sum|min|max|avg|every|bool_(and|or)|bit_(and|or|xor)|(array|string|xml|range|range_intersect|jsonb?|jsonb?_object)_?agg(_strict|_unique|_unique_strict)?|any_value|stddev(_pop|_samp)?|var(iance|_pop|_samp)|corr|covar_(pop|samp)|regr_\w+|mode|percentile_(cont|disc))$/;

/** @returns false where that cannot be told */
export function certainlyReturnsRow(query: Tree): boolean {
  if (query.limitOffset || (query.limitCount && !(query.limitCount.A_Const?.ival?.ival > 0))) {
    return false;
  }
  switch (query.op ?? 'SETOP_NONE') {
    case 'SETOP_UNION':
      return certainlyReturnsRow(query.larg) || certainlyReturnsRow(query.rarg);
    case 'SETOP_NONE':
      return query.valuesLists?.length > 0 || onlyOneRow(query);
    default:
      return false;
  }
}

function onlyOneRow({ targetList, fromClause, whereClause, groupClause, havingClause }: Tree): boolean {
  if (groupClause || havingClause) {
    return false;
  }
  const calls = callsIn(targetList);
  return calls.some(isAggregate) || (!fromClause && !whereClause && calls.length === 0);
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
