/** What the prober holds against a database, given what was answered to it and what is stored. */
import type { JournalEntry } from '../../lib/local/prober/journal';
import { KeyLedger } from '../../lib/local/prober/key-ledger';
import type { StoredWrite } from '../../lib/local/prober/stored-keys';

interface Verdict {
  lost: string[];
  duplicated: string[];
  unexpected: string[];
}

type Answer = 'acknowledged' | 'missed' | 'refused' | 'unknown' | 'none';

let ledger: KeyLedger;

beforeEach(() => {
  ledger = new KeyLedger();
});

function operation(kind: 'write' | 'update' | 'delete', key: string, answer: Answer, value = 0): void {
  ledger.recordOutcome({ kind: 'begun', operation: kind, key, value });
  if (answer !== 'none') ledger.recordOutcome({ kind: answer, key, atMs: 1 } as JournalEntry);
}

function write(...keys: string[]): void {
  for (const key of keys) operation('write', key, 'acknowledged');
}

function stored(...writes: (string | Partial<StoredWrite>)[]): void {
  ledger.endJournal();
  for (const write of writes) {
    ledger.recordStored({ key: 'w0-0-1', complete: true, ...(typeof write === 'string' ? { key: write } : write) });
  }
}

function verdict(): Verdict {
  const { lost, duplicated, unexpected } = ledger.compare();
  return { lost: lost.first, duplicated: duplicated.first, unexpected: unexpected.first };
}

const NOTHING: Verdict = { lost: [], duplicated: [], unexpected: [] };

describe('the ledger of writes', () => {
  it('finds lost, duplicated and unexpected ones, and holds nothing else against the database', () => {
    write('w0-0-1', 'w0-0-2', 'w0-0-5000', 'w3-1-1');
    operation('write', 'w0-0-3', 'refused');
    operation('write', 'w0-0-4', 'refused');
    ledger.recordOutcome({ kind: 'refused', atMs: 1 });
    operation('write', 'w0-1-1', 'unknown');
    operation('write', 'w0-1-2', 'unknown');
    operation('write', 'w0-1-3', 'none');
    operation('write', 'w0-1-4', 'none');
    stored('w0-0-1', 'w0-0-5000', 'w0-0-5000', 'w0-0-5000', 'w0-0-3', 'w0-1-1', 'w0-1-3');
    stored('R-17', 'w9-9-9', 'w0-0-', 'w0-0-9999999999');
    expect(ledger.compare()).toEqual({
      lost: { count: 2, first: ['w0-0-2', 'w3-1-1'] },
      duplicated: { count: 1, first: ['w0-0-5000'] },
      unexpected: { count: 1, first: ['w0-0-3'] },
    });
  });

  it('names the first ten only', () => {
    write(...Array.from({ length: 25 }, (_, index) => `w0-0-${index + 1}`));
    const { lost } = ledger.compare();
    expect(lost.count).toBe(25);
    expect(lost.first).toHaveLength(10);
    expect(lost.first[9]).toBe('w0-0-10');
  });

  it('remembers the values of a million of them', () => {
    for (let sequence = 1; sequence <= 1_000_000; sequence += 1) {
      operation('write', `w0-0-${sequence}`, 'acknowledged', 2_147_483_647 - sequence);
    }
    for (let sequence = 1; sequence <= 1_000_000; sequence += 1) {
      stored({ key: `w0-0-${sequence}`, value: 2_147_483_647 - sequence + (sequence === 777_777 ? 1 : 0) });
    }
    expect(ledger.compare().lost).toEqual({ count: 1, first: ['w0-0-777777 (value)'] });
  });
});

describe('a write whose value is known', () => {
  it.each<[string, [Answer, number][], Partial<StoredWrite>, Partial<Verdict>]>([
    ['is right as it was written', [], { value: 1 }, {}],
    ['is lost with another value', [], { value: 5 }, { lost: ['w0-0-1 (value)'] }],
    ['is lost without its value', [], { value: Number.NaN }, { lost: ['w0-0-1 (value)'] }],
    [
      'is right as it was updated last',
      [
        ['acknowledged', 2],
        ['acknowledged', 3],
      ],
      { value: 3 },
      {},
    ],
    ['is lost when the update is', [['acknowledged', 2]], { value: 1 }, { lost: ['w0-0-1 (update)'] }],
    [
      'is lost when only the last update is',
      [
        ['acknowledged', 2],
        ['acknowledged', 3],
      ],
      { value: 2 },
      { lost: ['w0-0-1 (update)'] },
    ],
    ['is right without a refused update', [['refused', 2]], { value: 1 }, {}],
    [
      'is unexpected with a refused update',
      [
        ['refused', 2],
        ['refused', 3],
      ],
      { value: 2 },
      { unexpected: ['w0-0-1 (update)'] },
    ],
    [
      'is lost when an acknowledged update gave way to a refused one before it',
      [
        ['refused', 2],
        ['acknowledged', 3],
      ],
      { value: 2 },
      { lost: ['w0-0-1 (update)'] },
    ],
    ['may hold an unknown update', [['unknown', 2]], { value: 2 }, {}],
    [
      'need not hold an unknown update',
      [
        ['acknowledged', 2],
        ['unknown', 3],
      ],
      { value: 2 },
      {},
    ],
    [
      'may hold an update that was in flight',
      [
        ['acknowledged', 2],
        ['none', 3],
      ],
      { value: 3 },
      {},
    ],
    [
      'may not hold what was there before an unknown update',
      [
        ['acknowledged', 2],
        ['unknown', 3],
      ],
      { value: 1 },
      { lost: ['w0-0-1 (update)'] },
    ],
    [
      'may not hold an unknown update that was replaced',
      [
        ['unknown', 2],
        ['acknowledged', 3],
      ],
      { value: 2 },
      { lost: ['w0-0-1 (update)'] },
    ],
    [
      'is lost when an update found it gone',
      [['missed', 2]],
      { value: 1 },
      { lost: ['w0-0-1 (missing when it was to be changed)'] },
    ],
  ])('%s', (_, updates, found, expected) => {
    operation('write', 'w0-0-1', 'acknowledged', 1);
    for (const [answer, value] of updates) operation('update', 'w0-0-1', answer, value);
    stored(found);
    expect(verdict()).toEqual({ ...NOTHING, ...expected });
  });

  it('of an unknown outcome has none to be held against it', () => {
    operation('write', 'w0-0-1', 'unknown', 1);
    stored({ value: 5 });
    expect(verdict()).toEqual(NOTHING);
  });
});

describe('a deleted write', () => {
  it.each<[string, Answer, (Partial<StoredWrite> | string)[], Partial<Verdict>]>([
    ['stays away', 'acknowledged', [], {}],
    ['is lost when it comes back', 'acknowledged', ['w0-0-1'], { lost: ['w0-0-1 (delete)'] }],
    ['is lost when a part of it comes back', 'acknowledged', [{ complete: false }], { lost: ['w0-0-1 (delete)'] }],
    ['is still there when the delete was refused', 'refused', ['w0-0-1'], {}],
    ['is lost when it is gone although the delete was refused', 'refused', [], { lost: ['w0-0-1'] }],
    ['may be gone when nobody knows', 'unknown', [], {}],
    ['may be there when nobody knows', 'unknown', [{ value: 1 }], {}],
    ['may be gone when the prober was killed meanwhile', 'none', [], {}],
    ['may not have another value when nobody knows', 'unknown', [{ value: 2 }], { lost: ['w0-0-1 (value)'] }],
    ['was lost when the delete found nothing', 'missed', [], { lost: ['w0-0-1 (missing when it was to be changed)'] }],
  ])('%s', (_, answer, found, expected) => {
    operation('write', 'w0-0-1', 'acknowledged', 1);
    operation('delete', 'w0-0-1', answer);
    stored(...found);
    expect(verdict()).toEqual({ ...NOTHING, ...expected });
  });
});

describe('a write of several rows', () => {
  it.each<[Answer, Partial<Verdict>]>([
    ['acknowledged', { lost: ['w0-0-1 (incomplete)'] }],
    ['unknown', { lost: ['w0-0-1 (incomplete)'] }],
    ['refused', { unexpected: ['w0-0-1'] }],
  ])('that was %s may not be there by halves', (answer, expected) => {
    operation('write', 'w0-0-1', answer, 1);
    stored({ value: 1, complete: false });
    expect(verdict()).toEqual({ ...NOTHING, ...expected });
  });
});

describe('a write that was changed while it was read', () => {
  it('is not judged by what was read of it, except for being there twice', () => {
    for (const key of ['w0-0-1', 'w0-0-2', 'w0-0-3', 'w0-0-4']) operation('write', key, 'acknowledged', 1);
    operation('delete', 'w0-0-3', 'acknowledged');
    stored({ key: 'w0-0-1', value: 2 }, 'w0-0-3', 'w0-0-4', 'w0-0-4');
    for (const key of ['w0-0-1', 'w0-0-2', 'w0-0-3', 'w0-0-4', 'w0-7-1']) ledger.excuse(key);
    expect(verdict()).toEqual({ ...NOTHING, duplicated: ['w0-0-4'] });
  });
});
