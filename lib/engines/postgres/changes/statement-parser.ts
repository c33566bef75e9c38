/** Reads a change's SQL with PostgreSQL's own parser: what its statements are, where they begin, and what they declare. */
import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import type { Place, Statement } from '../../../core/changes';
import type { CheckKind } from '../../../core/checks';
import { type Declaration, touchedBy } from '../../../core/declarations';
import type { StatementEffects } from '../../../core/effects';
import type { Departure } from '../way-back/departures';
import { certainlyReturnsRow } from './certain-rows';
import { annotatedDeclarations } from './declaration-comments';
import { whyNotInOwnSchema } from './own-schema-names';
import { everyNode, type Node } from './parse-tree';
import { psqlSyntaxAt } from './psql-syntax';
import { whyRefused } from './refused-statements';
import { firstSchema, inSchema, leavesSchemasOut, onlySchema, type SearchPath, searchPaths } from './search-path';
import { positionAfter, positionOfCharacter, sourceLine } from './source-position';
import { statementInWords } from './statement-words';
import { declaredBy } from './statements/declared-objects';
import { departuresOf } from './statements/departures';
import { effectsOf } from './statements/statement-effects';

/** What Liquibase calls this server. */
export const LIQUIBASE_DBMS = 'postgresql';

export interface ParsedChange {
  readonly statements: readonly Statement[];
  readonly declarations: readonly Declaration[];
  readonly departures: readonly Departure[];
  readonly effects: readonly StatementEffects[];
}

export interface Problem {
  readonly problem: string;
}

/** The parser is compiled to WebAssembly and has to be loaded once. */
export async function loadStatementParser(): Promise<void> {
  await loadModule();
}

interface RawStatement {
  stmt: Node;
  stmt_location?: number;
  /** Absent for a last statement without semicolon. */
  stmt_len?: number;
}

/** @returns the parsed change, or why it cannot be one, with line and column where that is known. */
export function parseChange(sql: string): ParsedChange | Problem {
  const raw = parseStatements(sql);
  if ('problem' in raw) {
    return raw;
  }
  const statements = statementsOf(sql, raw);
  for (const [index, { stmt }] of raw.entries()) {
    const before = raw.slice(0, index).map((earlier) => earlier.stmt);
    const why = whyRefused(stmt, before) ?? whyNotInOwnSchema(stmt);
    if (why) {
      return { problem: `line ${statements[index]?.line}: ${why}` };
    }
  }
  const paths = searchPaths(raw.map(({ stmt }) => stmt));
  const lost = raw.findIndex(({ stmt }, index) => paths[index] === 'unknown' && leavesSchemasOut(stmt));
  if (lost >= 0) {
    return { problem: `line ${statements[lost]?.line}: ${UNKNOWN_PATH}` };
  }
  const annotated = annotatedDeclarations(sql);
  return 'problem' in annotated ? annotated : meaningOf(raw, { statements, paths, annotated: annotated.declarations });
}

const UNKNOWN_PATH =
  'names a table without its schema, and the search_path was set before to what only the server knows; write its schemas out, or name the table with its schema';

interface Read {
  readonly statements: readonly Statement[];
  readonly paths: readonly SearchPath[];
  readonly annotated: readonly Declaration[];
}

/** What may lie in several schemas is declared for any of them, and takes effect in the first. */
function meaningOf(raw: readonly RawStatement[], { statements, paths, annotated }: Read): ParsedChange {
  const told = raw.map(({ stmt }, index) => inSchema(stmt, onlySchema(paths[index])));
  return {
    statements,
    declarations: [...told.flatMap(declaredBy), ...annotated],
    departures: told.flatMap(departuresOf),
    effects: raw.map(({ stmt }, index) => ({
      line: statements[index]?.line ?? 1,
      what: statementInWords(stmt),
      touches: touchedBy(declaredBy(told[index] ?? stmt)),
      effects: effectsOf(inSchema(stmt, firstSchema(paths[index]))),
    })),
  };
}

const WRITES = 'writes, and a check runs in a read-only transaction; select what is there';
/** What a query may hold for the parser, and not in a check. */
const OUT_OF_PLACE: readonly (readonly [node: string, why: string])[] = [
  ...['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].map((node) => [node, WRITES] as const),
  ['LockingClause', 'locks rows, and a check runs in a read-only transaction; leave FOR UPDATE or FOR SHARE out'],
  ['ParamRef', 'has a parameter ($1), and nobody gives it a value; write the value itself'],
];

/** @returns why the text cannot be a check of this kind, or undefined when it is one query. */
export function checkProblem(sql: string, kind: CheckKind): string | undefined {
  const raw = parseStatements(sql);
  if ('problem' in raw) {
    return raw.problem;
  }
  if (raw.length > 1) {
    return 'holds more than one statement; a check is one query';
  }
  const query = raw[0]?.stmt.SelectStmt as { intoClause?: unknown } | undefined;
  if (!query || query.intoClause) {
    return 'is not a query; a check is one SELECT';
  }
  const outOfPlace = OUT_OF_PLACE.find(([node]) => everyNode(query, node).length > 0)?.[1];
  if (outOfPlace !== undefined) {
    return outOfPlace;
  }
  return kind === 'no-rows' && certainlyReturnsRow(query)
    ? 'always returns a row, and a check passes when it returns none; select the rows that speak against green, or put the condition on what is counted into HAVING (... having count(*) > 0), or call the file name.same.sql to compare the answer with that of blue'
    : undefined;
}

function parseStatements(sql: string): RawStatement[] | Problem {
  let raw: RawStatement[];
  try {
    // the parser refuses an empty text in words of its own
    raw = sql === '' ? [] : ((parseSync(sql) as { stmts?: RawStatement[] }).stmts ?? []);
  } catch (error) {
    return { problem: syntaxProblem(sql, error) };
  }
  return raw.length > 0 ? raw : { problem: 'holds no statement; write SQL into it or delete the file' };
}

/** The parser counts bytes, and the blanks and comments before a statement as part of it. */
function statementsOf(sql: string, raw: readonly RawStatement[]): Statement[] {
  const bytes = Buffer.from(sql, 'utf8');
  let place: Place = { line: 1, column: 1 };
  let done = 0;
  let begin = 0;
  return raw.map(({ stmt_location: from = 0, stmt_len: length = bytes.length }) => {
    const before = bytes.subarray(done, from).toString('utf8');
    const text = bytes.subarray(from, from + length).toString('utf8');
    place = positionAfter(before, place);
    begin += before.length;
    done = from;
    return { ...positionAfter(BLANK.exec(text)?.[0] ?? '', place), begin, end: begin + text.length };
  });
}

const BLANK = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/;

function syntaxProblem(sql: string, error: unknown): string {
  if (!hasSqlDetails(error)) {
    return `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
  const at = positionOfCharacter(sql, error.sqlDetails?.cursorPosition ?? 0);
  const psql = psqlSyntaxAt(sql, at);
  if (psql !== undefined) {
    return psql;
  }
  const { source, caret } = sourceLine(sql, at);
  if ([...source][caret - 1] === '\uFEFF') {
    return `line ${at.line}: a byte order mark stands before a statement, as where files were put together; remove the invisible character`;
  }
  return `line ${at.line}, column ${at.column}: ${error.message}\n      ${source}\n      ${' '.repeat(caret - 1)}^`;
}
