/** What psql understands and the server does not: its commands, its variables, and rows that follow a COPY in the same file; and what other tools fill in. */
import type { Place } from '../../../core/changes';

/** @returns what stands where the parser stopped, if it is something of psql's or of such a tool's; each is refused by what it is */
export function psqlSyntaxAt(sql: string, at: Place): string | undefined {
  const lines = sql.split('\n');
  const copy = copyBefore(lines.slice(0, at.line));
  if (copy !== undefined && copy < at.line) {
    return `line ${copy}: COPY … FROM STDIN with its rows in the file is for psql and pg_dump; write them as INSERT … VALUES`;
  }
  const rest = [...(lines[at.line - 1] ?? '')].slice(at.column - 1).join('');
  const [command] = /^\\[^\s;]+/.exec(rest) ?? [];
  if (command !== undefined) {
    return `line ${at.line}: ${command} is a command of psql, and files are sent to the server as they are; remove it`;
  }
  const [place] = /^(\$\{[^}]*\}|\{\{.*?\}\}|\{%.*?%\})/.exec(rest) ?? [];
  if (place !== undefined) {
    return `line ${at.line}: ${place} is a place that another tool fills in, and files are sent to the server as they are; write the value itself`;
  }
  const [variable] = /^:('[^']+'|"[^"]+"|[A-Za-z_]\w*|\{\?\w+\})/.exec(rest) ?? [];
  return variable === undefined
    ? undefined
    : `line ${at.line}: ${variable} is a variable of psql, and files are sent to the server as they are; write the value itself`;
}

/** The line of the last COPY whose rows follow, if no statement ended after it. */
function copyBefore(lines: readonly string[]): number | undefined {
  const text = lines.slice(0, -1).join('\n');
  const copy = [...text.matchAll(COPY_FROM_STDIN)].at(-1);
  const rows = copy && text.slice(copy.index + copy[0].length);
  return rows === undefined || /^\\\.\s*$/m.test(rows) ? undefined : text.slice(0, copy?.index).split('\n').length;
}

/** Until the end of its last line; the statement itself may be of several. */
const COPY_FROM_STDIN = /^[^\S\n]*copy\b[^;]*\bfrom\s+stdin\b(?:'[^']*'|[^';])*;[^\S\n]*$/gim;
