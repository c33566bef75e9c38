/** Where in a change's file the server found a fault. */
import type { DatabaseError } from 'pg';
import type { Change } from '../../core/changes';
import type { StatementFailure } from '../../core/errors';
import { positionOfCharacter, sourceLine } from './source-position';

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
  const at =
    position !== undefined && position >= 0
      ? positionOfCharacter(change.sql, position)
      : (change.statements[completed] ?? change.statements.at(-1) ?? { line: 1, column: 1 });
  return {
    file: `changes/${change.file}`,
    ...at,
    ...sourceLine(change.sql, at),
    sqlState: error.code ?? 'unknown',
    serverMessage: error.message,
    ...(error.detail && !quotesRows(error) && { serverDetail: error.detail }),
  };
}

/** The details of integrity violations quote a row's values, in whatever language the server speaks; they do not belong into reports. */
function quotesRows(error: DatabaseError): boolean {
  return error.code?.startsWith('23') === true;
}
