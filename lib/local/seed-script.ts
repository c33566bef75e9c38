/** Reads a seed as psql would, as far as pg_dump writes it: statements, and the rows that follow a COPY. */

/** What is sent at once. */
export interface SeedPiece {
  readonly sql: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
  /** The rows that follow it, if it is a COPY. */
  readonly rows?: string;
}

export class SeedUnreadable extends Error {
  override readonly name = 'SeedUnreadable';
  constructor(
    readonly line: number,
    readonly why: string,
  ) {
    super(`line ${line}: ${why}`);
  }
}

/** What may hold a semicolon or a backslash that means nothing, and those that do mean something. */
const TOKENS =
  /(?<![\w$\x80-\uffff])[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|'[^']*'|"[^"]*"|--[^\n]*|\/\*|(?<![\w$\x80-\uffff])\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$|;|\\[^\n]*/g;
const BLANK = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/;
const COPY = /^copy\s[\s\S]*\sfrom\s+stdin\b/i;
/** Written by pg_dump since 2025; they keep psql from running commands of a dump that was tampered with, and there are none here. */
const PASSED_OVER = /^\\(un)?restrict(\s|$)/;

/** @throws SeedUnreadable */
export function readSeedScript(text: string): SeedPiece[] {
  const pieces: SeedPiece[] = [];
  const script = text.replace(/^\ufeff/, '');
  let [begin, statement] = [0, 0];
  const cut = (to: number, next: number) => {
    if (script.slice(begin, to).replace(BLANK, '') !== '') {
      pieces.push({ sql: script.slice(begin, to), line: lineAt(script, begin) });
    }
    begin = next;
    statement = next;
    TOKENS.lastIndex = next;
  };
  TOKENS.lastIndex = 0;
  for (let token = TOKENS.exec(script); token; token = TOKENS.exec(script)) {
    const [found] = token;
    const { index } = token;
    if (found === '/*') {
      TOKENS.lastIndex = endOfComment(script, index);
    } else if (found.startsWith('$')) {
      const end = script.indexOf(found, index + found.length);
      TOKENS.lastIndex = end < 0 ? script.length : end + found.length;
    } else if (found.startsWith('\\')) {
      if (!PASSED_OVER.test(found)) {
        throw new SeedUnreadable(lineAt(script, index), refusedCommand(found));
      }
      cut(index, index + found.length);
    } else if (found === ';') {
      const from = statement + (BLANK.exec(script.slice(statement, index))?.[0].length ?? 0);
      statement = index + 1;
      if (COPY.test(script.slice(from, index))) {
        cut(from, from);
        const { rows, end } = rowsAfter(script, index);
        pieces.push({ sql: script.slice(from, index), line: lineAt(script, from), rows });
        begin = end;
        statement = end;
        TOKENS.lastIndex = end;
      }
    }
  }
  cut(script.length, script.length);
  return pieces;
}

function refusedCommand(found: string): string {
  const [command = found] = /^\\[^\s;]*/.exec(found) ?? [];
  return /^\\c(onnect)?$/.test(command)
    ? `${command} is a command of psql, and the seed goes into one database, which is there; dump without --create`
    : `${command} is a command of psql, and the seed is sent to the server; allowed are those that pg_dump writes; remove it`;
}

/** From the next line to one that holds nothing but `\.`. @throws SeedUnreadable */
function rowsAfter(script: string, semicolon: number): { rows: string; end: number } {
  const newline = script.indexOf('\n', semicolon);
  const last = /^\\\.\r?$/gm;
  last.lastIndex = newline < 0 ? script.length : newline + 1;
  const from = last.lastIndex;
  const found = last.exec(script);
  if (!found) {
    throw new SeedUnreadable(lineAt(script, semicolon), 'the rows of this COPY have no end; a line with \\. ends them');
  }
  return { rows: script.slice(from, found.index), end: found.index + found[0].length };
}

/** Comments may hold comments. */
function endOfComment(script: string, from: number): number {
  const edges = /\/\*|\*\//g;
  edges.lastIndex = from;
  let depth = 0;
  for (let edge = edges.exec(script); edge; edge = edges.exec(script)) {
    depth += edge[0] === '/*' ? 1 : -1;
    if (depth === 0) {
      return edges.lastIndex;
    }
  }
  return script.length;
}

function lineAt(script: string, index: number): number {
  let line = 1;
  for (let at = script.indexOf('\n'); at >= 0 && at < index; at = script.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}
