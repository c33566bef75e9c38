/** Reads a PostgreSQL server's log: what was said since a moment, without the statements it was about. */
import type { ServerLogFormat } from '../../../ports/server-log';

/** How an entry begins where `log_line_prefix` begins with %t, as it does on RDS, which logs in UTC. */
const BEGINNING = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (?:UTC|GMT)\b/;
/** A statement may hold what is secret, such as a password. */
const STATEMENT = /:\s*(?:STATEMENT|QUERY): {2}/;

interface Entry {
  /** Undefined for lines whose beginning is not there. */
  readonly atMs: number | undefined;
  readonly lines: string[];
}

export const POSTGRES_LOG: ServerLogFormat = { fileNames: 'postgresql.log', since: logSince };

/** The server writes full seconds. */
export function logSince(lines: readonly string[], sinceMs: number, limit: number): string[] {
  const since = Math.floor(sinceMs / 1000) * 1000;
  return entriesOf(lines)
    .filter(({ atMs, lines: [first = ''] }) => atMs !== undefined && atMs >= since && !STATEMENT.test(first))
    .flatMap((entry) => entry.lines)
    .slice(-limit);
}

/** A line without a beginning belongs to the entry before it. */
function entriesOf(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    const [, at] = BEGINNING.exec(line) ?? [];
    const last = entries.at(-1);
    if (at !== undefined || !last) {
      entries.push({ atMs: at === undefined ? undefined : Date.parse(`${at.replace(' ', 'T')}Z`), lines: [line] });
    } else {
      last.lines.push(line);
    }
  }
  return entries;
}
