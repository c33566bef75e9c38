/** What a server that follows says of a change it could not apply, and what that means. */

import type { ShowOptions } from '../../../core/differences';
import type { ApplyFailure } from '../../../core/following-errors';

/** An entry of a log, by the process it is of: `log_line_prefix` ends with [%p]: as on RDS. */
const ENTRY = /\[(\d+)\]:\s*(ERROR|FATAL|LOG|CONTEXT): {2}(.*)$/s;
/** The context of what is applied. Source: PostgreSQL, src/backend/replication/logical/worker.c, apply_error_callback. */
const APPLYING = /processing remote data for replication origin/;
const TABLE = /replication target relation "(.+?)"/;
/** What ran for the row: the innermost comes first. */
const FUNCTION = /^.*\bfunction .+? (?:line|statement) \d+/m;
/** Where in a query, which the log holds in an entry of its own that may hold values. */
const POSITION = / at character \d+$/;
/** What the worker says without that context. */
const OF_THE_WORKER =
  /logical replication|conflict detected on relation|could not (?:connect to the publisher|start WAL streaming|receive data from WAL stream)/;

const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^conflict detected/,
    'what was sent did not find on the side that follows what it should have: somebody else writes there, or rows had been lost before',
  ],
  [
    /^(?!could not ).*does not exist/,
    'a name was not found: replication applies rows with an empty search_path, so functions that run for a row (of triggers, defaults, checks and indexes) have to name schemas, or to SET search_path themselves',
  ],
  [
    /invalid input|out of range|value too long|numeric field overflow|malformed/,
    'a value of the side that is followed does not fit the type which the side that follows has for it',
  ],
  [
    /duplicate key|violates|null value in column|exclusion constraint/,
    'a row of the side that is followed breaks a rule of the side that follows, or is there already',
  ],
  [/missing replicated column/, 'the side that follows lacks a column that is sent to it'],
  [/permission denied|must be owner/, 'the user of the run may not do on the side that follows what the change needs'],
  [/could not (?:connect|receive|start)/, 'the side that follows does not reach the one that is followed'],
];

/** @returns undefined when the log says nothing of it */
export function applyFailure(log: readonly string[], options: ShowOptions): ApplyFailure | undefined {
  const errors = new Map<string, string>();
  let last: { error: string; context: string } | undefined;
  for (const entry of entries(log)) {
    const [, process = '', level, text = ''] = ENTRY.exec(entry) ?? [];
    if (level === 'CONTEXT') {
      const error = errors.get(process);
      last = error !== undefined && APPLYING.test(text) ? { error, context: text } : last;
    } else if (level !== undefined) {
      errors.set(process, text);
      last = level !== 'LOG' && OF_THE_WORKER.test(text) ? { error: text, context: '' } : last;
    }
  }
  if (!last) {
    return undefined;
  }
  const error = last.error.replace(POSITION, '');
  return {
    said: `${options.showValues ? error : withoutValues(error)}${placeOf(last.context)}`,
    means: MEANINGS.find(([pattern]) => pattern.test(error))?.[1],
  };
}

function placeOf(context: string): string {
  const [, table] = TABLE.exec(context) ?? [];
  const [ran] = FUNCTION.exec(context) ?? [];
  const places = [...(table === undefined ? [] : [`table ${table}`]), ...(ran === undefined ? [] : [`in ${ran}`])];
  return places.length === 0 ? '' : ` (${places.join(', ')})`;
}

/** A line that begins with a tab continues the one before. */
function entries(log: readonly string[]): string[] {
  const found: string[] = [];
  for (const line of log) {
    const last = found.at(-1);
    if (line.startsWith('\t') && last !== undefined) {
      found[found.length - 1] = `${last}\n${line.trim()}`;
    } else {
      found.push(line);
    }
  }
  return found;
}

/** Of what it could not read the server quotes the value, and nothing but names otherwise. */
function withoutValues(message: string): string {
  return message
    .replace(/^((?:invalid input|malformed)[^:]*: )".*"/s, '$1"…"')
    .replace(/^value ".*" is/s, 'value "…" is');
}
