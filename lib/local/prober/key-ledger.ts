/** Compares the keys that were acknowledged with the keys that are stored, in one byte per write. */
import type { JournalEntry } from './journal';
import { formatWriteKey, parseWriteKey, type WriteKey } from './write-key';

const ACKNOWLEDGED = 1;
const REFUSED = 2;
const STORED = 4;
const STORED_AGAIN = 8;
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

export class KeyLedger {
  /** By generation and writer; the byte at a sequence number holds that write's flags. */
  private readonly flags = new Map<string, { owner: Omit<WriteKey, 'sequence'>; bytes: Uint8Array }>();

  recordOutcome(entry: JournalEntry): void {
    if (entry.kind === 'acknowledged') this.mark(entry.key, ACKNOWLEDGED);
    else if (entry.kind === 'refused' && entry.key !== undefined) this.mark(entry.key, REFUSED);
    else if (entry.kind === 'unknown') this.mark(entry.key, 0);
  }

  /** Rows whose key no writer can have sent are the application's own. */
  recordStored(text: string): void {
    const key = parseWriteKey(text);
    if (key === undefined) return;
    const bytes = this.flags.get(`${key.generation}-${key.writer}`)?.bytes;
    const flag = bytes?.[key.sequence];
    if (bytes === undefined || flag === undefined) return;
    bytes[key.sequence] = flag | (flag & STORED ? STORED_AGAIN : STORED);
  }

  compare(): KeyComparison {
    const comparison: KeyComparison = { lost: none(), duplicated: none(), unexpected: none() };
    for (const { owner, bytes } of this.flags.values()) {
      for (let sequence = 0; sequence < bytes.length; sequence += 1) {
        const flag = bytes[sequence] ?? 0;
        const found = (finding: KeyFinding) => add(finding, { ...owner, sequence });
        if (flag & ACKNOWLEDGED && !(flag & STORED)) found(comparison.lost);
        if (flag & STORED_AGAIN) found(comparison.duplicated);
        if (flag & REFUSED && flag & STORED) found(comparison.unexpected);
      }
    }
    return comparison;
  }

  private mark(text: string, flag: number): void {
    const key = parseWriteKey(text);
    if (key === undefined) return;
    const bytes = this.bytesUpTo(key);
    bytes[key.sequence] = (bytes[key.sequence] ?? 0) | flag;
  }

  private bytesUpTo({ generation, writer, sequence }: WriteKey): Uint8Array {
    const id = `${generation}-${writer}`;
    const present = this.flags.get(id)?.bytes ?? new Uint8Array(0);
    // One more than the journal knows: the write that was in flight when the prober was killed.
    if (sequence + 1 < present.length) return present;
    const bytes = new Uint8Array(Math.max(1024, (sequence + 2) * 2));
    bytes.set(present);
    this.flags.set(id, { owner: { generation, writer }, bytes });
    return bytes;
  }
}

function none(): KeyFinding {
  return { count: 0, first: [] };
}

function add(finding: KeyFinding, key: WriteKey): void {
  finding.count += 1;
  if (finding.first.length < NAMED_KEYS) finding.first.push(formatWriteKey(key));
}
