import type { DeclaredBy, Facts, SchemaObject } from '../../../lib/core/schema';
import { compareSchemas } from '../../../lib/core/schema-differences';

const routine = (facts: Facts): SchemaObject => ({
  kind: 'routine',
  schema: 'shop',
  name: 'tax',
  of: '(n numeric)',
  facts,
});

function said(blue: readonly SchemaObject[], green: readonly SchemaObject[], declared: readonly DeclaredBy[] = []) {
  return compareSchemas({ objects: blue }, { objects: green }, declared).map(
    ({ object, message }) => `${object}: ${message}`,
  );
}

describe('what is said of a difference', () => {
  it('is the first line in which a long definition differs', () => {
    const body = (line: string) => ['create function …', ...Array(300).fill('  -- the same'), line, 'end'].join('\n');
    expect(
      said([routine({ definition: body('  return n;') })], [routine({ definition: body('  return 2 * n;') })]),
    ).toEqual([
      'routine shop.tax(n numeric): definition, first in line 302, is "  return n;" on blue and "  return 2 * n;" on green; no change declares that',
    ]);
  });

  it('is the part of a long line in which it differs', () => {
    const line = (value: string) => `${'x'.repeat(500)}${value}${'y'.repeat(500)}`;
    expect(said([routine({ comment: line('1') })], [routine({ comment: line('2') })])).toEqual([
      `routine shop.tax(n numeric): comment is "…${'x'.repeat(20)}1${'y'.repeat(59)}…" on blue and "…${'x'.repeat(20)}2${'y'.repeat(59)}…" on green; no change declares that`,
    ]);
  });

  it('names a line that only one side has', () => {
    expect(said([routine({ definition: 'a\nb' })], [routine({ definition: 'a' })])).toEqual([
      'routine shop.tax(n numeric): definition, first in line 2, is "b" on blue and nothing on green; no change declares that',
    ]);
  });

  it('is at most 500 characters long', () => {
    const facts = (value: string) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`fact ${n}`, value.repeat(99)]));
    const messages = compareSchemas(
      { objects: [routine(facts('a')), { ...routine(facts('a')), name: 'gone' }] },
      { objects: [routine(facts('b'))] },
      [],
    ).map(({ message }) => message.length);
    expect(messages[0]).toBe(500);
    expect(messages[1]).toBeLessThanOrEqual(500);
  });

  it('leaves out what hangs on a table that one side lacks', () => {
    const table: SchemaObject = { kind: 'table', schema: 'shop', name: 't', facts: { kind: 'table' } };
    const column: SchemaObject = { kind: 'column', schema: 'shop', table: 't', name: 'a', facts: { type: 'integer' } };
    expect(said([table, column], [])).toEqual([
      'table shop.t: green lacks it (kind: table), and no change declares that',
    ]);
    expect(said([column], [])).toEqual([
      'column shop.t.a: green lacks it (type: integer), and no change declares that',
    ]);
  });
});

describe('a declaration of no more than the grants', () => {
  const declared: DeclaredBy[] = [{ file: '1.sql', declaration: { kind: 'routine', name: 'tax', only: ['grants'] } }];

  it('accepts other grants and nothing else', () => {
    const blue = routine({ grants: ['app EXECUTE'], owner: 'a' });
    expect(said([blue], [routine({ grants: [], owner: 'a' })], declared)).toEqual([]);
    expect(said([blue], [routine({ grants: [], owner: 'b' })], declared)).toEqual([
      'routine shop.tax(n numeric): owner is "a" on blue and "b" on green; no change declares that',
    ]);
  });

  it('does not accept that the object is gone', () => {
    expect(said([routine({})], [], declared)).toEqual([
      'routine shop.tax(n numeric): green lacks it, and no change declares that',
    ]);
  });
});
