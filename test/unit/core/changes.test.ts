import { createHash } from 'node:crypto';
import {
  type Change,
  chainHash,
  type LedgerEntry,
  parseChangeFileName,
  pendingChanges,
} from '../../../lib/core/changes';
import { ChangeAltered } from '../../../lib/core/errors';

function change(number: number, sha256 = `sha-${number}`, file = `000${number}_x.sql`): Change {
  return {
    number,
    file,
    kind: 'expand',
    sql: '',
    sha256,
    statements: [],
    declarations: [],
    departures: [],
    effects: [],
  };
}

function entry(number: number, sha256 = `sha-${number}`, file = `000${number}_x.sql`): LedgerEntry {
  return { number, file, sha256, chain: `chain-${number}` };
}

describe('the name of a change', () => {
  it.each([
    ['0001_add.sql', { number: 1, kind: 'expand' }],
    ['7_add.sql', { number: 7, kind: 'expand' }],
    ['V12__add_more.sql', { number: 12, kind: 'expand' }],
    ['003_add.up.sql', { number: 3, kind: 'expand' }],
    ['0002_drop.contract.sql', { number: 2, kind: 'contract' }],
    ['0002_drop.contract.up.sql', { number: 2, kind: 'contract' }],
    ['V2__drop.contract.sql', { number: 2, kind: 'contract' }],
    ['0004_contract.sql', { number: 4, kind: 'expand' }],
    ['003_add.down.sql', undefined],
    ['add.sql', undefined],
    ['0001.sql', undefined],
    ['0001_.sql', undefined],
    ['V1_one_underscore.sql', undefined],
    ['V1.1__minor.sql', undefined],
    ['0001_add.txt', undefined],
  ])('%s says %j', (file, meaning) => {
    expect(parseChangeFileName(file)).toEqual(meaning);
  });
});

describe('pending changes', () => {
  it('are those the ledger does not have, in order, whatever else it has', () => {
    const changes = [change(1), change(2), change(3)];
    expect(pendingChanges(changes, [])).toEqual(changes);
    expect(pendingChanges(changes, [entry(1), entry(2), entry(99)])).toEqual([change(3)]);
    expect(pendingChanges(changes, [entry(1), entry(3)])).toEqual([change(2)]);
    expect(pendingChanges(changes, [entry(1), entry(2), entry(3)])).toEqual([]);
  });

  it('refuses a file that was changed after it was applied', () => {
    const altered = () => pendingChanges([change(1, 'b'.repeat(64))], [entry(1, 'a'.repeat(64))]);
    expect(altered).toThrow(ChangeAltered);
    expect(altered).toThrow(
      'changes/0001_x.sql was applied with content sha256 aaaaaaaaaaaa…, the file now has bbbbbbbbbbbb…; an applied change must stay as it was; restore the file and put the correction into a new change',
    );
  });

  it('refuses a number that another file had in an earlier plan', () => {
    expect(() => pendingChanges([change(1, 'b', '1_new.sql')], [entry(1, 'a', '1_old.sql')])).toThrow(
      'changes/1_new.sql has the number of changes/1_old.sql, which was applied to this database before; numbers are never used twice; give changes/1_new.sql a number that is not in bluegreen.change',
    );
  });

  it('takes a file that was only renamed for the one that was applied', () => {
    expect(pendingChanges([change(1, 'same', '1_new.sql')], [entry(1, 'same', '1_old.sql')])).toEqual([]);
  });
});

describe('the chain', () => {
  it('covers the entry and everything before it', () => {
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(chainHash(undefined, change(1))).toBe(sha('\n1\n0001_x.sql\nsha-1'));
    expect(chainHash(entry(1), change(2))).toBe(sha('chain-1\n2\n0002_x.sql\nsha-2'));
    expect(chainHash({ ...entry(1), chain: 'other' }, change(2))).not.toBe(chainHash(entry(1), change(2)));
  });
});
