/** Whether the server has to compute a new column's default row by row, and so rewrites the table. */
import { everyNode, strings, type Tree } from '../parse-tree';

/** Computed for each row. */
export const VOLATILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'currval',
  'gen_random_uuid',
  'lastval',
  'nextval',
  'random',
  'random_normal',
  'setval',
  'timeofday',
  'uuidv4',
  'uuidv7',
]);

/** Computed once, for all rows. */
export const STABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'array_fill',
  'concat',
  'concat_ws',
  'current_database',
  'current_schema',
  'current_setting',
  'date_trunc',
  'format',
  'inet_client_addr',
  'json_build_array',
  'json_build_object',
  'jsonb_build_array',
  'jsonb_build_object',
  'left',
  'lower',
  'make_date',
  'make_interval',
  'make_timestamptz',
  'md5',
  'now',
  'repeat',
  'replace',
  'right',
  'statement_timestamp',
  'substring',
  'timezone',
  'to_char',
  'to_date',
  'to_json',
  'to_jsonb',
  'to_timestamp',
  'transaction_timestamp',
  'upper',
  'version',
]);

/** What is not built in may be either. */
export function rewriteForDefault(expression: Tree): 'no' | 'perhaps' | 'yes' {
  const names = everyNode(expression, 'FuncCall').map(({ funcname }) => builtIn(strings(funcname)));
  if (names.some((name) => name !== undefined && VOLATILE_FUNCTIONS.has(name))) {
    return 'yes';
  }
  return names.every((name) => name !== undefined && STABLE_FUNCTIONS.has(name)) ? 'no' : 'perhaps';
}

/** Whether values may come from a sequence that the expression does not name. */
export function drawsUnseen(expression: Tree): boolean {
  return everyNode(expression, 'FuncCall').some(({ funcname, args = [] }) => {
    const name = builtIn(strings(funcname));
    const known = name !== undefined && (VOLATILE_FUNCTIONS.has(name) || STABLE_FUNCTIONS.has(name));
    return !known || (name === 'nextval' && !(args[0]?.TypeCast?.arg ?? args[0])?.A_Const);
  });
}

/** The name of a function or type that may be the server's own. */
export function builtIn(names: readonly string[]): string | undefined {
  return names.length === 1 || names[0] === 'pg_catalog' ? names.at(-1) : undefined;
}
