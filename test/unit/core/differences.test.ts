import { mismatchesOf } from '../../../lib/core/differences';
import { verdictOf } from '../../../lib/core/verdict';

const TABLE = { schema: 'public', name: 'person' };
const HIDDEN = { showValues: false };
const SHOWN = { showValues: true };

const differs = (blue: string | null, green: string | null) =>
  ({ kind: 'differs', key: { id: '7' }, columns: [{ column: 'name', blue, green }] }) as const;

function messages(rows: Parameters<typeof mismatchesOf>[0]['rows'], options: { showValues: boolean }): string[] {
  return mismatchesOf({ table: TABLE, rows, count: rows.length, atLeast: false }, options).map(
    ({ message }) => message,
  );
}

describe('what differs in a table', () => {
  it('is named without values, unless they are wanted', () => {
    expect(messages([differs('Anna', null)], HIDDEN)).toEqual([
      'row (id = "7"): name is (4 characters) on blue and null on green',
    ]);
    expect(messages([differs('Anna', 'Bob')], SHOWN)).toEqual([
      'row (id = "7"): name is "Anna" on blue and "Bob" on green',
    ]);
    expect(
      JSON.stringify(mismatchesOf({ table: TABLE, rows: [differs('Anna', 'Bob')], count: 1, atLeast: false }, HIDDEN)),
    ).not.toMatch(/Anna|Bob/);
  });

  it('is shown from where it differs', () => {
    const [message = ''] = messages([differs(`${'x'.repeat(500)}A`, `${'x'.repeat(500)}B`)], SHOWN);
    expect(message).toMatch(/name is …"x{40}A" on blue and …"x{40}B" on green$/);
  });

  it('counts what it does not name', () => {
    const rest = { table: TABLE, rows: [differs('a', 'b')], count: 12 };
    expect(mismatchesOf({ ...rest, atLeast: false }, HIDDEN).at(-1)?.message).toBe('11 more rows differ');
    expect(mismatchesOf({ ...rest, atLeast: true }, HIDDEN).at(-1)?.message).toBe('at least 11 more rows differ');
  });

  it('says how often a row without a key is there', () => {
    expect(messages([{ kind: 'count', blue: 2, green: 0, values: { name: 'Anna' } }], HIDDEN)).toEqual([
      'row (name (4 characters)) is there 2 times on blue and not on green',
    ]);
    expect(messages([{ kind: 'copies', key: { id: '7' }, blue: 1, green: 2 }], HIDDEN)).toEqual([
      'row (id = "7") is there once on blue and 2 times on green',
    ]);
  });
});

test('a verdict travels with the run, however wide the rows are that differ', () => {
  const wide = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`column_${index}`, '広'.repeat(5_000)]));
  const columns = Object.keys(wide).map((column) => ({ column, blue: '広'.repeat(5_000), green: '狭'.repeat(5_000) }));
  const rows = Array.from({ length: 100 }, () => ({ kind: 'differs', key: wide, columns }) as const);
  const mismatches = mismatchesOf({ table: TABLE, rows, count: 100, atLeast: false }, SHOWN);
  const facts = { tables: 1, rows: 100, checks: [], excluded: [], fenceMs: 1, atMs: 1 };
  const verdict = verdictOf({ ...facts, mismatches });
  expect(Buffer.byteLength(JSON.stringify(verdict))).toBeLessThan(100 * 1_024);
  expect(verdict.summary).toMatch(/ {2}- and \d+ more$/);
  expect(verdict.pass).toBe(false);
});
