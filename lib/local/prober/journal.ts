/** The prober's memory on disk: every operation before it is sent, its outcome before it is counted, so that both survive SIGKILL. */
import { createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationKind } from './workload';

/** Times are milliseconds since the epoch, as measured. */
export type JournalEntry =
  /** About to be sent; without an outcome after it, it may have happened or not. */
  | { kind: 'begun'; operation: OperationKind; key: string; value: number }
  | { kind: 'acknowledged'; key: string }
  /** Acknowledged, but the row to be changed, which had been acknowledged before, was not there. */
  | { kind: 'missed'; key: string }
  /** The server answered with an error, or (without key) there was no connection to send anything on. */
  | { kind: 'refused'; atMs: number; key?: string }
  /** The connection was lost with the commit in flight: it may have happened or not. */
  | { kind: 'unknown'; atMs: number; key: string }
  /** Follows the acknowledged operation that ended an outage. */
  | { kind: 'recovered'; atMs: number }
  /** Longer than any gap between two accepted operations of one writer before. */
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

/** Reads one generation's file, which may be growing meanwhile. */
export class JournalReader {
  private position = 0;

  constructor(
    private readonly folder: string,
    private readonly generation: number,
  ) {}

  /**
   * Everything that was appended since the last call.
   *
   * Yields batches, because one promise per entry would take minutes for ten million of them.
   */
  async *read(): AsyncGenerator<JournalEntry[]> {
    const file = join(this.folder, `writes-${this.generation}.journal`);
    let rest = '';
    for await (const chunk of createReadStream(file, { encoding: 'latin1', start: this.position })) {
      const text = rest + chunk;
      const lines = text.split('\n');
      // What follows the last line end is incomplete: more to come, or torn by a crash and then never counted.
      rest = lines.pop() ?? '';
      this.position += text.length - rest.length;
      yield lines.map(entryOf);
    }
  }
}

const LETTERS = { write: 'w', update: 'u', delete: 'd' } as const satisfies Record<OperationKind, string>;

function lineOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'begun':
      return `${LETTERS[entry.operation]} ${entry.key} ${entry.value}`;
    case 'acknowledged':
      return `+ ${entry.key}`;
    case 'missed':
      return `! ${entry.key}`;
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
    case 'w':
      return { kind: 'begun', operation: 'write', key: first, value: Number(second) };
    case 'u':
      return { kind: 'begun', operation: 'update', key: first, value: Number(second) };
    case 'd':
      return { kind: 'begun', operation: 'delete', key: first, value: Number(second) };
    case '+':
      return { kind: 'acknowledged', key: first };
    case '!':
      return { kind: 'missed', key: first };
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
      `the prober's journal holds the line "${line}", but only lines that start with w u d + ! - ? = ~ are written ` +
        'there; the file was changed by something else: the run cannot be judged any more, start it anew',
    );
  }
}
