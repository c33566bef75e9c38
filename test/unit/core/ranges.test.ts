import fc from 'fast-check';
import { cutIntoShares, workersOfRound } from '../../../lib/core/ranges';

const MIB = 1_048_576;

describe('tables that are cut', () => {
  it('are covered without a gap, the last range of each being open', () => {
    const sizes = fc.array(fc.record({ pages: fc.nat(5_000), toast: fc.nat(100 * MIB) }), { maxLength: 50 });
    fc.assert(
      fc.property(sizes, (tables) => {
        const shares = cutIntoShares(
          tables.map(({ pages, toast }, table) => ({ table, pages, bytes: pages * 8_192 + toast })),
          MIB,
        );
        for (const [table] of tables.entries()) {
          const ranges = shares
            .flat()
            .filter((range) => range.table === table)
            .sort((a, b) => a.from - b.from);
          expect(ranges[0]?.from).toBe(0);
          expect(ranges.map(({ to }) => to)).toEqual([...ranges.slice(1).map(({ from }) => from), null]);
        }
      }),
    );
  });

  it('give ranges of bounded size, also where most of it is stored outside the table', () => {
    const [share, ...rest] = cutIntoShares([{ table: 0, pages: 100, bytes: 50 * MIB }], 10 * MIB);
    expect(rest).toHaveLength(4);
    expect(share).toEqual([{ table: 0, from: 0, to: 20 }]);
  });

  it('share a piece of work where they are small, the large ones coming first', () => {
    const small = Array.from({ length: 500 }, (_, index) => ({ table: index + 1, pages: 1, bytes: 8_192 }));
    const shares = cutIntoShares([...small, { table: 0, pages: 1_280, bytes: 10 * MIB }], 5 * MIB);
    expect(shares.map((share) => share.length)).toEqual([1, 1, 200, 200, 100]);
    expect(shares[0]).toEqual([{ table: 0, from: 0, to: 640 }]);
  });

  it('have a range each even when they are empty', () => {
    expect(cutIntoShares([{ table: 3, pages: 0, bytes: 0 }])).toEqual([[{ table: 3, from: 0, to: null }]]);
    expect(cutIntoShares([])).toEqual([]);
  });
});

test('rounds are shared by fewer when there were so many that the history of the execution would fill', () => {
  expect([workersOfRound(40, 0), workersOfRound(40, 399), workersOfRound(40, 400)]).toEqual([40, 40, 1]);
});
