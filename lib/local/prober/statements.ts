/** Splits a section of local/workload.sql into its statements, each ready to be sent with the parameters it takes. */

export interface Statement {
  /** Its parameters are numbered $1, $2 … without a gap, as the server demands it. */
  readonly text: string;
  /** What these numbers were in the section, in order. */
  readonly parameters: readonly number[];
}

interface Token {
  readonly text: string;
  readonly kind: 'blank' | 'parameter' | 'end' | 'other';
}

/** What a semicolon or a $1 may stand in without being one; unterminated ones reach to the end, for the server to refuse. */
const TOKENS: readonly [Token['kind'], RegExp][] = [
  ['blank', /\s+|--[^\n]*/y],
  ['other', /[eE]'(?:[^'\\]|\\[\s\S]|'')*'?/y],
  ['other', /'(?:[^']|'')*'?/y],
  ['other', /"(?:[^"]|"")*"?/y],
  ['other', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?(?:\$\1\$|$)/y],
  ['parameter', /\$\d+/y],
  ['other', /[\w\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['end', /;/y],
  ['other', /[\s\S]/y],
];

/** Statements without anything but comments are left out. */
export function statementsOf(section: string): Statement[] {
  const statements: Token[][] = [[]];
  for (const token of tokensOf(section)) {
    if (token.kind === 'end') statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements.filter((tokens) => tokens.some(({ kind }) => kind !== 'blank')).map(statementOf);
}

/** The first word, in lower case. */
export function verbOf({ text }: Statement): string {
  const first = [...tokensOf(text)].find(({ kind }) => kind !== 'blank');
  return first?.text.toLowerCase() ?? '';
}

function statementOf(tokens: readonly Token[]): Statement {
  const used = tokens.filter(({ kind }) => kind === 'parameter').map(({ text }) => Number(text.slice(1)));
  const parameters = [...new Set(used)].sort((a, b) => a - b);
  const text = tokens
    .map((token) =>
      token.kind === 'parameter' ? `$${parameters.indexOf(Number(token.text.slice(1))) + 1}` : token.text,
    )
    .join('')
    .trim();
  return { text, parameters };
}

function* tokensOf(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const token = blockCommentAt(sql, at) ?? tokenAt(sql, at);
    yield token;
    at += token.text.length;
  }
}

function tokenAt(sql: string, at: number): Token {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return { kind: 'other', text: sql.slice(at) };
}

/** Nested ones, unlike in other languages, end where the outermost one ends. */
function blockCommentAt(sql: string, begin: number): Token | undefined {
  if (!sql.startsWith('/*', begin)) return undefined;
  let depth = 0;
  let at = begin;
  do {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
    } else {
      at += 1;
    }
  } while (depth > 0 && at < sql.length);
  return { kind: 'blank', text: sql.slice(begin, at) };
}
