/** Compares what was acknowledged with what is stored, in six bytes per write and a little more for the doubtful ones. */
import type { JournalEntry } from './journal';
import type { StoredWrite } from './stored-keys';
import { formatWriteKey, parseWriteKey, type WriteKey } from './write-key';

/** What the answers about a write's row leave to expect of it. */
const Expected = { anything: 0, written: 1, updated: 2, absent: 3, perhapsAbsent: 4, refused: 5, missed: 6 } as const;
type Expected = (typeof Expected)[keyof typeof Expected];

const LEFT_BY_WRITE = {
  acknowledged: Expected.written,
  refused: Expected.refused,
  unknown: Expected.anything,
} as const;

/** A refused delete leaves what was there. */
const LEFT_BY_DELETE = { acknowledged: Expected.absent, unknown: Expected.perhapsAbsent, refused: undefined } as const;

/** Bits: what the database holds of it. */
const Found = { stored: 1, storedAgain: 2, partly: 4, otherValue: 8, refusedValue: 16 } as const;

const NAMED_KEYS = 10;

/** A number of keys, and the first few by name. */
export interface KeyFinding {
  count: number;
  first: string[];
}

export interface KeyComparison {
  lost: KeyFinding;
  duplicated: KeyFinding;
  /** Stored although the server had answered that it was not. */
  unexpected: KeyFinding;
}

/** The rows of one writer in one generation; their sequence numbers are the indexes. */
interface WriterRows {
  owner: Omit<WriteKey, 'sequence'>;
  expected: Uint8Array;
  found: Uint8Array;
  /** The value stored last, as far as it is acknowledged. */
  values: Int32Array;
}

/** Values of updates since the last acknowledged one. */
interface Doubts {
  unknown: number[];
  refused: number[];
}

type Begun = Extract<JournalEntry, { kind: 'begun' }>;

export class KeyLedger {
  private readonly writers = new Map<string, WriterRows>();
  /** Operations without an outcome so far; at most one per writer. */
  private readonly begun = new Map<string, Begun>();
  private readonly doubts = new Map<string, Doubts>();

  /** In the order of the journal. */
  recordOutcome(entry: JournalEntry): void {
    if (entry.kind === 'begun') {
      this.begin(entry);
    } else if ('key' in entry && entry.key !== undefined) {
      const begun = this.begun.get(entry.key);
      this.begun.delete(entry.key);
      if (begun) this.end(begun, entry.kind);
    }
  }

  /** What has no outcome in the journal was in flight when the prober was killed, or is now. */
  endJournal(): void {
    for (const begun of this.begun.values()) this.end(begun, 'unknown');
    this.begun.clear();
  }

  /** Rows whose key no writer can have sent are the application's own. */
  recordStored({ key, value, complete }: StoredWrite): void {
    const place = this.placeOf(key);
    if (place === undefined) return;
    const [rows, at] = place;
    const before = rows.found[at] ?? 0;
    let now: number = before & Found.stored ? Found.storedAgain : Found.stored;
    if (!complete) now |= Found.partly;
    if (value !== undefined && value !== rows.values[at]) {
      const { unknown = [], refused = [] } = this.doubts.get(key) ?? {};
      if (!unknown.includes(value)) now |= refused.includes(value) ? Found.refusedValue : Found.otherValue;
    }
    rows.found[at] = before | now;
  }

  /** It was changed while it was read: whether before or after, nobody knows. */
  excuse(key: string): void {
    this.expect(key, Expected.anything);
  }

  compare(): KeyComparison {
    const comparison: KeyComparison = { lost: none(), duplicated: none(), unexpected: none() };
    for (const { owner, expected, found } of this.writers.values()) {
      for (let sequence = 0; sequence < expected.length; sequence += 1) {
        const [expectation, finding] = [expected[sequence] as Expected, found[sequence] ?? 0];
        const named = (how: string) => formatWriteKey({ ...owner, sequence }) + (how && ` (${how})`);
        add(comparison.lost, howLost(expectation, finding), named);
        add(comparison.unexpected, howUnexpected(expectation, finding), named);
        add(comparison.duplicated, finding & Found.storedAgain ? '' : undefined, named);
      }
    }
    return comparison;
  }

  private begin(entry: Begun): void {
    this.begun.set(entry.key, entry);
    const key = parseWriteKey(entry.key);
    if (key === undefined || entry.operation !== 'write') return;
    this.rowsUpTo(key).values[key.sequence] = entry.value;
  }

  private end({ operation, key, value }: Begun, answer: 'acknowledged' | 'missed' | 'refused' | 'unknown'): void {
    if (answer === 'missed') this.expect(key, Expected.missed);
    else if (operation === 'write') this.expect(key, LEFT_BY_WRITE[answer]);
    else if (operation === 'delete') this.expect(key, LEFT_BY_DELETE[answer]);
    else if (answer === 'acknowledged') {
      this.expect(key, Expected.updated);
      const place = this.placeOf(key);
      if (place) place[0].values[place[1]] = value;
      this.doubts.delete(key);
    } else {
      const doubts = this.doubts.get(key) ?? { unknown: [], refused: [] };
      doubts[answer].push(value);
      this.doubts.set(key, doubts);
    }
  }

  private expect(key: string, expected: Expected | undefined): void {
    const place = this.placeOf(key);
    if (place && expected !== undefined) place[0].expected[place[1]] = expected;
  }

  private placeOf(text: string): [WriterRows, number] | undefined {
    const key = parseWriteKey(text);
    const rows = key && this.writers.get(idOf(key));
    return rows && key.sequence < rows.expected.length ? [rows, key.sequence] : undefined;
  }

  private rowsUpTo(key: WriteKey): WriterRows {
    const { generation, writer, sequence } = key;
    const present = this.writers.get(idOf(key));
    if (present && sequence < present.expected.length) return present;
    const length = Math.max(1024, sequence * 2);
    const grown = {
      owner: { generation, writer },
      expected: new Uint8Array(length),
      found: new Uint8Array(length),
      values: new Int32Array(length),
    };
    if (present) for (const part of ['expected', 'found', 'values'] as const) grown[part].set(present[part]);
    this.writers.set(idOf(key), grown);
    return grown;
  }
}

/** @returns what was lost of it; empty for all of it, undefined for nothing */
function howLost(expected: Expected, found: number): string | undefined {
  if (expected === Expected.missed) return 'missing when it was to be changed';
  if (expected === Expected.absent) return found & Found.stored ? 'delete' : undefined;
  if (expected === Expected.refused) return undefined;
  const required = expected === Expected.written || expected === Expected.updated;
  if (required && !(found & Found.stored)) return '';
  // Even where it may be absent, it may not be there by halves.
  if (found & Found.partly) return 'incomplete';
  if (expected === Expected.anything || !(found & Found.otherValue)) return undefined;
  return expected === Expected.updated ? 'update' : 'value';
}

function howUnexpected(expected: Expected, found: number): string | undefined {
  if (expected === Expected.refused) return found & Found.stored ? '' : undefined;
  const valueMatters = [Expected.written, Expected.updated, Expected.perhapsAbsent].some((one) => one === expected);
  return valueMatters && found & Found.refusedValue ? 'update' : undefined;
}

function idOf({ generation, writer }: WriteKey): string {
  return `${generation}-${writer}`;
}

function none(): KeyFinding {
  return { count: 0, first: [] };
}

function add(finding: KeyFinding, how: string | undefined, named: (how: string) => string): void {
  if (how === undefined) return;
  finding.count += 1;
  if (finding.first.length < NAMED_KEYS) finding.first.push(named(how));
}
