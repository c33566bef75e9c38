import { createHash } from 'node:crypto';
import type { LedgerEntry } from '../../../lib/core/changes';
import { LedgerBroken } from '../../../lib/core/errors';
import { inOrderOfApplication } from '../../../lib/core/ledger';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** A ledger as the runs of years have written it; the chain is computed here as its definition says. */
function ledgerOf(...numbers: number[]): LedgerEntry[] {
  let chain = '';
  return numbers.map((number) => {
    const entry = { number, file: `${number}_x.sql`, sha256: sha(`content ${number}`) };
    chain = sha(`${chain}\n${number}\n${entry.file}\n${entry.sha256}`);
    return { ...entry, chain };
  });
}

const numbers = (entries: readonly LedgerEntry[]) => entries.map(({ number }) => number);

function refusal(entries: readonly LedgerEntry[]): LedgerBroken {
  try {
    inOrderOfApplication(entries);
  } catch (error) {
    expect(error).toBeInstanceOf(LedgerBroken);
    return error as LedgerBroken;
  }
  throw new Error('nothing was refused');
}

describe('the order of the ledger', () => {
  it('is that of the chain, in whatever order the clock has put the entries', () => {
    const [one, two, three, four] = ledgerOf(1, 3, 2, 20240101120000) as [
      LedgerEntry,
      LedgerEntry,
      LedgerEntry,
      LedgerEntry,
    ];
    for (const read of [
      [one, two, three, four],
      [four, three, two, one],
      [two, four, one, three],
    ]) {
      expect(numbers(inOrderOfApplication(read))).toEqual([1, 3, 2, 20240101120000]);
    }
    expect(inOrderOfApplication([])).toEqual([]);
  });
});

describe('a ledger', () => {
  const [one, two, three] = ledgerOf(1, 2, 3) as [LedgerEntry, LedgerEntry, LedgerEntry];

  it('is refused when an entry is missing before another one, which is named with what it has and should have', () => {
    const error = refusal([one, three]);
    const expected = sha(`${one.chain}\n3\n3_x.sql\n${three.sha256}`);
    expect(error).toMatchObject({ entry: { number: 3 }, expectedChain: expected, previousFile: '1_x.sql' });
    expect(error.message).toBe(
      `the ledger (bluegreen.change) was altered by hand: entry 3 (3_x.sql) has the chain value ${three.chain.slice(0, 12)}…, after 1_x.sql it must have ${expected.slice(0, 12)}…; only a run adds entries, and nobody changes or removes them; put the rows back as they were, from a backup or a snapshot`,
    );
  });

  it('is refused when its first entry is missing', () => {
    const error = refusal([two, three]);
    expect(error).toMatchObject({ entry: { number: 2 }, previousFile: undefined });
    expect(error.message).toContain('as the first one it must have');
  });

  it.each([
    ['content', { sha256: sha('other') }],
    ['name', { file: 'other.sql' }],
    ['number', { number: 7 }],
  ])('is refused when the %s of an entry was changed, wherever the clock has put it', (_what, changed) => {
    const altered = { ...two, ...changed };
    for (const read of [
      [one, altered, three],
      [three, altered, one],
    ]) {
      expect(refusal(read)).toMatchObject({ entry: { file: altered.file }, previousFile: '1_x.sql' });
    }
  });

  it('is refused when the chain value of an entry was changed', () => {
    const altered = { ...two, chain: sha('other') };
    expect(refusal([one, altered, three])).toMatchObject({ entry: altered, previousFile: '1_x.sql' });
  });

  it('is refused when two entries were exchanged, or one was put in between', () => {
    const exchanged = [one, { ...two, chain: three.chain }, { ...three, chain: two.chain }];
    expect(refusal(exchanged).previousFile).toBe('1_x.sql');
    const [, inserted] = ledgerOf(1, 9) as [LedgerEntry, LedgerEntry];
    expect(refusal([one, inserted, two, three])).toBeInstanceOf(LedgerBroken);
  });
});
