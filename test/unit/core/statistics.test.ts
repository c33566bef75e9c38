import type { ColumnFigures, ColumnStatistics } from '../../../lib/core/data-drift';
import type { Declaration } from '../../../lib/core/declarations';
import { compareStatistics } from '../../../lib/core/statistics';

const FIGURES: ColumnFigures = { nullShare: 0.1, distinct: 100, averageLength: 20 };
const TABLE = {
  schema: 'public',
  name: 'person',
  columns: [],
  key: [],
  ancestors: [{ schema: 'public', name: 'everybody' }],
};

function column(name: string, figures: Partial<ColumnFigures> | null = {}): ColumnStatistics {
  return { schema: 'public', table: 'person', name, figures: figures && { ...FIGURES, ...figures } };
}

function compare(blue: ColumnStatistics[], green: ColumnStatistics[], ...declarations: Declaration[]) {
  return compareStatistics(blue, green, {
    tables: [TABLE],
    declared: declarations.map((declaration) => ({ file: '0001_a.sql', declaration })),
    beyond: 0.2,
  });
}

describe('the statistics of a column', () => {
  it.each<[string, Partial<ColumnFigures>, Partial<ColumnFigures>, string[]]>([
    ['more nulls, just within', {}, { nullShare: 0.3 }, []],
    ['more nulls', {}, { nullShare: 0.31 }, ['nulls']],
    ['fewer nulls', { nullShare: 0.9 }, { nullShare: 0.5 }, ['nulls']],
    ['more values, just within', {}, { distinct: 120 }, []],
    ['more values', {}, { distinct: 121 }, ['distinct values']],
    ['fewer values', {}, { distinct: 79 }, ['distinct values']],
    ['an unknown number of values', { distinct: null }, {}, []],
    ['shorter values', {}, { averageLength: 15 }, ['average length']],
    ['short values, of which rounding alone makes more than a fifth', { averageLength: 3 }, { averageLength: 4 }, []],
    ['a type of fixed length', { averageLength: null }, {}, []],
    [
      'everything else',
      {},
      { nullShare: 1, distinct: 0, averageLength: 0 },
      ['nulls', 'distinct values', 'average length'],
    ],
  ])('with %s: %j, then %j', (_what, before, after, beyond) => {
    const { columns, flagged, shown } = compare([column('a', before)], [column('a', after)]);
    expect(columns).toBe(1);
    expect(flagged).toBe(beyond.length > 0 ? 1 : 0);
    expect(shown.map((drifted) => drifted.beyond)).toEqual(beyond.length > 0 ? [beyond] : []);
  });

  it('are compared where both sides have the column and statistics of it', () => {
    expect(
      compare(
        [column('gone'), column('unknown', null), column('emptied'), column('both')],
        [column('unknown'), column('emptied', null), column('both'), column('new')],
      ),
    ).toEqual({ columns: 1, withoutStatistics: 1, flagged: 0, shown: [] });
  });
});

describe('the columns that are shown', () => {
  it('are the flagged ones, those first that a change declares to rewrite, then what else it rewrites', () => {
    const far = (name: string) => column(name, { nullShare: 0.9 });
    const { shown } = compare(
      [column('rewritten'), column('plain'), column('far'), column('far and rewritten')],
      [column('rewritten'), column('plain'), far('far'), far('far and rewritten')],
      { kind: 'values', table: 'everybody', column: 'far and rewritten' },
      { kind: 'values', table: 'everybody', column: 'rewritten' },
    );
    expect(shown).toEqual([
      expect.objectContaining({ name: 'far and rewritten', beyond: ['nulls'], changedBy: '0001_a.sql' }),
      {
        schema: 'public',
        table: 'person',
        name: 'far',
        beyond: ['nulls'],
        blue: FIGURES,
        green: { ...FIGURES, nullShare: 0.9 },
      },
      {
        schema: 'public',
        table: 'person',
        name: 'rewritten',
        beyond: [],
        changedBy: '0001_a.sql',
        blue: FIGURES,
        green: FIGURES,
      },
    ]);
  });

  it('are all of a table whose rows come or go', () => {
    const rows: Declaration = { kind: 'rows', schema: 'public', table: 'person' };
    expect(compare([column('a'), column('b')], [column('a'), column('b')], rows).shown).toHaveLength(2);
    expect(compare([column('a')], [column('a')], { ...rows, schema: 'other' }).shown).toEqual([]);
  });

  it('are 50 at most, all of which are counted', () => {
    const all = Array.from({ length: 60 }, (_, n) => `c${n}`);
    const drift = compare(
      all.map((name) => column(name)),
      all.map((name) => column(name, { nullShare: 1 })),
    );
    expect(drift).toMatchObject({ columns: 60, flagged: 60 });
    expect(drift.shown).toHaveLength(50);
  });
});
