/** Where in a change's file the server found a fault. */
import type { DatabaseError } from 'pg';
import type { Change } from '../../core/changes';
import type { StatementFailure } from '../../core/errors';

/** Long lines are cut around the column, so that the caret stays under what it points at. */
const WIDEST_SOURCE = 160;

/**
 * @param completed number of statements of the file that succeeded before the failing one
 * @param prefixLength characters sent before the file's own text; the server counts positions from the message's start
 */
export function locate(
  change: Change,
  completed: number,
  error: DatabaseError,
  prefixLength: number,
): StatementFailure {
  const position = error.position === undefined ? undefined : Number(error.position) - 1 - prefixLength;
  const { line, column } =
    position !== undefined && position >= 0
      ? lineAndColumn(change.sql, position)
      : (change.statements[completed] ?? change.statements.at(-1) ?? { line: 1, column: 1 });
  const source = change.sql.split('\n')[line - 1] ?? '';
  const cut = column > WIDEST_SOURCE ? column - WIDEST_SOURCE / 2 : 0;
  return {
    file: `changes/${change.file}`,
    line,
    column: column - cut,
    source: source
      .slice(cut, cut + WIDEST_SOURCE)
      .replaceAll('\t', ' ')
      .trimEnd(),
    sqlState: error.code ?? 'unknown',
    serverMessage: error.message,
    ...(error.detail && !containsRow(error) && { serverDetail: error.detail }),
  };
}

/** Details that quote a row's values do not belong into reports. */
function containsRow(error: DatabaseError): boolean {
  return /^(Failing row contains|Key \()/.test(error.detail ?? '');
}

/** The position counts characters, as the server does; JavaScript counts UTF-16 units. */
function lineAndColumn(text: string, position: number): { line: number; column: number } {
  const before = [...text].slice(0, position).join('');
  const lines = before.split('\n');
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}
