/** Where in a change's file the server found a fault. */
import type { Change } from '../../../core/changes';
import type { StatementFailure } from '../../../core/errors';
import { positionOfCharacter, sourceLine } from '../changes/source-position';

/** What the server says of a statement that failed. */
export interface FailedStatement {
  /** Counted from 1. */
  readonly statement: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: string | null | undefined;
  /** Where in `internalQuery`, in characters from 1; both are known only to those who listened. */
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
}

export function locate(change: Change, failed: FailedStatement): StatementFailure {
  const statement = change.statements[failed.statement - 1] ?? change.statements.at(-1);
  const character = statement && characterOf(change.sql, statement, failed);
  const at =
    character === undefined
      ? { line: statement?.line ?? 1, column: statement?.column ?? 1 }
      : positionOfCharacter(change.sql, character);
  return {
    file: `changes/${change.file}`,
    ...at,
    ...sourceLine(change.sql, at),
    sqlState: failed.code,
    serverMessage: failed.message,
    ...(failed.detail && !quotesRows(failed) && { serverDetail: failed.detail }),
  };
}

/** The server points into the statement, or into a text inside it, such as a function's body, or into one that is not in the file. */
function characterOf(
  sql: string,
  { begin, end }: { readonly begin: number; readonly end: number },
  { internalPosition, internalQuery }: FailedStatement,
): number | undefined {
  const text = sql.slice(begin, end);
  const found = internalQuery ? text.indexOf(internalQuery) : -1;
  if (found < 0 || found !== text.lastIndexOf(internalQuery ?? '')) {
    return undefined;
  }
  return [...sql.slice(0, begin + found)].length + Number(internalPosition) - 1;
}

/** The details of integrity violations quote a row's values, in whatever language the server speaks; they do not belong into reports. */
function quotesRows({ code }: FailedStatement): boolean {
  return code.startsWith('23');
}
