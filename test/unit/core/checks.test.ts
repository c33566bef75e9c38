import { type Answer, judgeNoRows, judgeSame } from '../../../lib/core/answers';
import { boundedResults } from '../../../lib/core/checks';
import type { DriftedColumn } from '../../../lib/core/data-drift';
import { done } from '../../../lib/core/progress';
import { areEnough, judgeSpeed, type Timing } from '../../../lib/core/speed';
import { type Mismatch, verdictOf } from '../../../lib/core/verdict';

const answer = (columns: string[], ...rows: (string | null)[][]): Answer => ({ columns, rows, more: false });

describe('a check that must return no rows', () => {
  it('shows the first ten it returned, and counts all', () => {
    const { result, against } = judgeNoRows('a.sql', {
      columns: ['id', 'name'],
      rows: Array.from({ length: 12 }, (_, n) => [`${n}`, 'x']),
      more: false,
    });
    expect(result).toMatchObject({ passed: false, rows: 12 });
    expect(result).toHaveProperty('returned.length', 10);
    expect(result).toHaveProperty('returned.9', 'id = 9, name = x');
    expect(against).toBe('returned 12 rows, must return none; first: id = 0, name = x');
  });

  it('says that there are more than were counted', () => {
    const { result, against } = judgeNoRows('a.sql', { columns: ['id'], rows: Array(1000).fill(['7']), more: true });
    expect(result).toMatchObject({ passed: false, rows: 1001 });
    expect(against).toBe('returned more than 1000 rows, must return none; first: id = 7');
  });

  it('tells nothing, null and the word null apart, keeps to one line, and cuts long values between characters', () => {
    const { result } = judgeNoRows(
      'a.sql',
      answer(['a', 'b', 'c', 'd', 'e'], ['', null, 'null', 'one\ntwo', '😀'.repeat(101)]),
    );
    expect(result).toMatchObject({
      returned: [`a = '', b = null, c = 'null', d = one\\ntwo, e = ${'😀'.repeat(99)}…`],
    });
    expect(judgeNoRows('a.sql', answer([], [])).result).toMatchObject({ rows: 1, returned: ['a row without columns'] });
  });

  it('shows no more than 500 characters of a wide row', () => {
    const columns = Array.from({ length: 1600 }, (_, n) => `c${n}`);
    const { result } = judgeNoRows('a.sql', answer(columns, columns));
    expect(result).toHaveProperty('returned.0.length', 500);
  });
});

describe('a check that must answer the same', () => {
  it('passes whatever the order of rows', () => {
    const { result, against } = judgeSame('a.same.sql', answer(['v'], ['1'], ['2']), answer(['v'], ['2'], ['1']));
    expect(against).toBeUndefined();
    expect(result).toEqual({
      file: 'a.same.sql',
      kind: 'same',
      passed: true,
      rows: 0,
      onlyOnBlue: [],
      onlyOnGreen: [],
    });
  });

  it('sees that a row is there more often, and tells null from the word', () => {
    const { result, against } = judgeSame(
      'a.same.sql',
      answer(['v'], ['1'], ['1'], [null]),
      answer(['v'], ['1'], ['null']),
    );
    expect(result).toMatchObject({ rows: 3, onlyOnBlue: ['v = 1', 'v = null'], onlyOnGreen: ["v = 'null'"] });
    expect(against).toBe(
      "answers differently: 2 rows only on blue, first: v = 1; 1 row only on green, first: v = 'null'",
    );
  });

  it('does not take two columns for one', () => {
    const { result } = judgeSame('a.same.sql', answer(['a', 'b'], ['1', '2,3']), answer(['a', 'b'], ['1,2', '3']));
    expect(result).toMatchObject({ passed: false, rows: 2 });
  });

  it('fails for columns of other names, without any row', () => {
    const { result, against } = judgeSame('a.same.sql', answer(['a', 'b']), answer(['a', 'c']));
    expect(result.passed).toBe(false);
    expect(against).toBe('has columns a, b on blue and a, c on green');
  });

  it('fails for more rows than are compared', () => {
    const { against } = judgeSame('a.same.sql', answer(['v']), { columns: ['v'], rows: [], more: true });
    expect(against).toBe(
      'returns more than can be compared on green; allowed: at most 10000 rows and 16 MiB of text; aggregate',
    );
  });
});

describe('a check that must not be slower', () => {
  const timings = (plan: string, ...times: number[]): Timing[] => times.map((ms) => ({ ms, plan }));

  it('fails beyond the factor, with both plans', () => {
    const runs = { blue: timings('index', 2, 1, 90, 2, 2), green: timings('seq', 3.1, 3.1, 3.1, 0, 90) };
    expect(judgeSpeed('q.sql', runs, 1.5)).toEqual({
      result: {
        file: 'q.sql',
        kind: 'faster-than-blue',
        passed: false,
        rows: 0,
        speed: { runs: 5, blueMs: 2, greenMs: 3.1, plans: { blue: 'index', green: 'seq' } },
      },
      against:
        'takes 3.1 ms on green and 2 ms on blue (medians of 5 runs), allowed is 1.5 times as long (validation.slowerThan); blue: index; green: seq',
    });
    expect(judgeSpeed('q.sql', runs, 1.6).result).toMatchObject({
      passed: true,
      speed: { plans: { blue: 'index', green: 'seq' } },
    });
  });

  it('passes for half a millisecond of noise, and shows no plans that are alike', () => {
    const runs = { blue: timings('index', 0.1, 0.2), green: timings('index', 0.6, 0.7) };
    expect(judgeSpeed('q.sql', runs, 1.5).result).toEqual({
      file: 'q.sql',
      kind: 'faster-than-blue',
      passed: true,
      rows: 0,
      speed: { runs: 2, blueMs: 0.15, greenMs: 0.65 },
    });
  });

  it('says whose fault it is when a run takes too long', () => {
    const stopped = (side: 'blue' | 'green') =>
      judgeSpeed('q.sql', { blue: [], green: [], stopped: { side, afterMs: 10_000 } }, 2);
    expect(stopped('green').against).toBe('takes longer than 10 s on green, and less on blue');
    expect(stopped('blue').against).toBe(
      'cannot be measured: it takes longer than 10 s on blue; choose a query that is quicker there',
    );
    expect(stopped('green').result).toMatchObject({ passed: false, speed: null });
  });

  it.each([
    [4, 10_000, false],
    [5, 199, false],
    [5, 200, true],
    [30, 0.1, false],
    [31, 0.1, true],
  ])('is run five times, until a second is over, and 31 times at most: %i runs of %d ms', (runs, ms, enough) => {
    expect(areEnough({ blue: Array(runs).fill({ ms: 0 }), green: Array(runs).fill({ ms }) })).toBe(enough);
  });
});

const FIGURES = { nullShare: 0.1234, distinct: 123_456_789, averageLength: 1234 };
const EXTREMES = { min: '😀'.repeat(30), max: '😀'.repeat(30) };
const DRIFTED: DriftedColumn = {
  schema: 's'.repeat(63),
  table: 't'.repeat(63),
  name: 'c'.repeat(63),
  beyond: ['nulls', 'distinct values', 'average length'],
  changedBy: '0001_a.sql',
  blue: { ...FIGURES, ...EXTREMES },
  green: { ...FIGURES, ...EXTREMES },
};

describe('what checks and statistics show', () => {
  const wide = (text: string) =>
    judgeNoRows('w.sql', { columns: ['v'], rows: Array(1000).fill(Array(9).fill(text)), more: true });
  const many = (text: string) =>
    Array.from({ length: 300 }, (_, n) => {
      const columns = Array.from({ length: 9 }, (_column, at) => `c${at}`);
      const { result, against } = judgeNoRows(`${n}.sql`, {
        columns,
        rows: Array(1000).fill(Array(9).fill(text)),
        more: true,
      });
      return {
        result,
        mismatch: { kind: 'check', object: `checks/${n}.sql`, message: against ?? '' } satisfies Mismatch,
      };
    });

  it.each([
    ['letters', 'x'.repeat(1000), 128],
    ['the longest characters', '😀'.repeat(1000), 160],
  ])('of %s stays far below what a state can carry, however many fail', (_what, text, mostKiB) => {
    const checked = many(text);
    const verdict = verdictOf({
      tables: 1,
      rows: 1,
      mismatches: checked.map(({ mismatch }) => mismatch),
      checks: checked.map(({ result }) => result),
      excluded: [],
      drift: { columns: 60, withoutStatistics: 0, flagged: 60, shown: Array(50).fill(DRIFTED) },
      fenceMs: 0,
      atMs: 0,
    });
    const bytes = Buffer.byteLength(JSON.stringify({ Payload: done(verdict.summary, verdict) }));
    expect(bytes).toBeLessThan(mostKiB * 1024);
    expect(verdict.checks).toHaveLength(100);
    expect(verdict.checks[0]).toHaveProperty('returned.length', 10);
  });

  it('keeps the failed checks before the passed ones, in the order of their names', () => {
    const passed = Array.from({ length: 120 }, (_, n) => judgeNoRows(`a${n}.sql`, answer(['v'])).result);
    const failed = wide('x').result;
    const kept = boundedResults([...passed, failed]);
    expect(kept).toHaveLength(100);
    expect(kept[98]).toBe(passed[98]);
    expect(kept[99]).toBe(failed);
  });
});
