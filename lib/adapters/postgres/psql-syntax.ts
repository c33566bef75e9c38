/** What psql understands and the server does not: its commands, its variables, and rows that follow a COPY in the same file. */
import type { Place } from '../../core/changes';

/** @returns what stands where the parser stopped, if it is something of psql's; each is refused by what it is */
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
  const [variable] = /^:('[^']+'|"[^"]+"|[A-Za-z_]\w*|\{\?\w+\})/.exec(rest) ?? [];
  return variable === undefined
    ? undefined
    : `line ${at.line}: ${variable} is a variable of psql, and files are sent to the server as they are; write the value itself`;
}

/** The line of the last COPY whose rows follow, if no statement ended after it. */
function copyBefore(lines: readonly string[]): number | undefined {
  const from = lines.findLastIndex((line) => /^\s*copy\b.*\bfrom\s+stdin\b.*;\s*$/i.test(line));
  return from < 0 || lines.slice(from + 1, -1).some((line) => /^\\\.\s*$/.test(line)) ? undefined : from + 1;
}
