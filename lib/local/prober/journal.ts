/** The prober's memory on disk: what became of every write, appended before it is counted, so that it survives SIGKILL. */
import { createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Times are milliseconds since the epoch, as measured. */
export type JournalEntry =
  | { kind: 'acknowledged'; key: string }
  /** The server answered with an error, or (without key) there was no connection to send the write on. */
  | { kind: 'refused'; atMs: number; key?: string }
  /** The connection was lost with the write in flight: it may be stored or not. */
  | { kind: 'unknown'; atMs: number; key: string }
  /** Follows the acknowledged write that ended an outage. */
  | { kind: 'recovered'; atMs: number }
  /** Longer than any gap between two accepted writes of one writer before. */
  | { kind: 'gap'; durationMs: number };

const FILE_NAME = /^writes-(\d+)\.journal$/;

/** One file per start of the prober, its generation: a line torn by a crash is never continued by the next start. */
export class Journal {
  private constructor(
    readonly generation: number,
    private readonly file: number,
  ) {}

  static open(folder: string): Journal {
    mkdirSync(folder, { recursive: true });
    const generation = generationsIn(folder).length;
    return new Journal(generation, openSync(join(folder, `writes-${generation}.journal`), 'ax', 0o600));
  }

  /** In the hands of the operating system when it returns. */
  append(...entries: JournalEntry[]): void {
    writeSync(this.file, entries.map((entry) => `${lineOf(entry)}\n`).join(''));
  }
}

export function generationsIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => FILE_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Yields batches, because one promise per entry would take minutes for ten million of them. */
export async function* readJournal(folder: string, generation: number): AsyncGenerator<JournalEntry[]> {
  let rest = '';
  for await (const chunk of createReadStream(join(folder, `writes-${generation}.journal`), 'latin1')) {
    const lines = (rest + chunk).split('\n');
    // What follows the last line end is incomplete: more to come, or torn by a crash and then never counted.
    rest = lines.pop() ?? '';
    yield lines.map(entryOf);
  }
}

function lineOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'acknowledged':
      return `+ ${entry.key}`;
    case 'refused':
      return entry.key === undefined ? `- ${entry.atMs}` : `- ${entry.atMs} ${entry.key}`;
    case 'unknown':
      return `? ${entry.atMs} ${entry.key}`;
    case 'recovered':
      return `= ${entry.atMs}`;
    case 'gap':
      return `~ ${entry.durationMs}`;
  }
}

function entryOf(line: string): JournalEntry {
  const [sign, first = '', second] = line.split(' ');
  switch (sign) {
    case '+':
      return { kind: 'acknowledged', key: first };
    case '-':
      return { kind: 'refused', atMs: Number(first), ...(second !== undefined && { key: second }) };
    case '?':
      return { kind: 'unknown', atMs: Number(first), key: second ?? '' };
    case '=':
      return { kind: 'recovered', atMs: Number(first) };
    case '~':
      return { kind: 'gap', durationMs: Number(first) };
    default:
      throw new JournalDamaged(line);
  }
}

export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
  constructor(readonly line: string) {
    super(
      `the prober's journal holds the line "${line}", but only lines that start with + - ? = ~ are written there; ` +
        'the file was changed by something else: the run cannot be judged any more, start it anew',
    );
  }
}
