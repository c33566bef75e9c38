/** Reads a change's SQL with PostgreSQL's own parser: where its statements begin and what they declare. */
import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import type { Statement } from '../../core/changes';
import type { Declaration } from '../../core/declarations';
import { annotatedDeclarations } from './declaration-comments';
import { declaredBy, type Node } from './declared-objects';

export interface ParsedChange {
  readonly statements: readonly Statement[];
  readonly declarations: readonly Declaration[];
}

/** The parser is compiled to WebAssembly and has to be loaded once. */
export async function loadStatementParser(): Promise<void> {
  await loadModule();
}

interface RawStatement {
  stmt: Node;
  stmt_location?: number;
}

/** @returns the parsed change, or why it cannot be one, with line and column where that is known. */
export function parseChange(sql: string): ParsedChange | { readonly problem: string } {
  let raw: RawStatement[];
  try {
    raw = (parseSync(sql) as { stmts?: RawStatement[] }).stmts ?? [];
  } catch (error) {
    return { problem: syntaxProblem(sql, error) };
  }
  if (raw.length === 0) {
    return { problem: 'holds no statement; write SQL into it or delete the file' };
  }
  const bytes = Buffer.from(sql, 'utf8');
  const statements: Statement[] = [];
  const declarations: Declaration[] = [];
  for (const { stmt, stmt_location } of raw) {
    const begin = bytes.subarray(0, stmt_location ?? 0).toString('utf8').length;
    const at = lineAndColumn(sql, skipBlank(sql, begin));
    if ('TransactionStmt' in stmt) {
      return {
        problem: `line ${at.line}: transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry`,
      };
    }
    statements.push(at);
    declarations.push(...declaredBy(stmt));
  }
  const annotated = annotatedDeclarations(sql);
  return 'problem' in annotated
    ? annotated
    : { statements, declarations: [...declarations, ...annotated.declarations] };
}

function syntaxProblem(sql: string, error: unknown): string {
  if (!hasSqlDetails(error)) {
    return `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const position = (error.sqlDetails?.cursorPosition ?? 1) - 1;
  const { line, column } = lineAndColumn(sql, position);
  const source = sql.split('\n')[line - 1] ?? '';
  return `line ${line}, column ${column}: ${error.message}\n      ${source}\n      ${' '.repeat(column - 1)}^`;
}

function lineAndColumn(text: string, position: number): Statement {
  const lines = text.slice(0, position).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

/** The parser counts the blanks and comments before a statement as part of it. */
function skipBlank(sql: string, begin: number): number {
  const blank = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = begin;
  const match = blank.exec(sql);
  return begin + (match?.[0].length ?? 0);
}
