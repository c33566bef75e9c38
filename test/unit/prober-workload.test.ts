/** Parsing of local/workload.sql. */
import { parseWorkload, takesParameter, WorkloadMalformed } from '../../lib/local/prober/workload';

const problem = (text: string) => {
  try {
    parseWorkload(text, 'plan/local/workload.sql');
  } catch (error) {
    expect(error).toBeInstanceOf(WorkloadMalformed);
    expect((error as WorkloadMalformed).message).toContain('for example\n-- write: one order\ninsert into orders');
    return (error as WorkloadMalformed).message.split(';')[0];
  }
  throw new Error('it was accepted');
};

describe('a workload file', () => {
  it('holds a write and a read, in any order, with comments of its own', () => {
    const text = [
      '-- What the application does all day.',
      '',
      '--read:',
      'select reference from t -- all of them',
      ';',
      '-- write: with a key',
      '-- and a number',
      'insert into t values ($1, $2);',
      '',
    ].join('\r\n');
    expect(parseWorkload(text)).toEqual({
      read: 'select reference from t -- all of them',
      write: '-- and a number\ninsert into t values ($1, $2)',
    });
  });

  it('refuses a file without a write', () => {
    expect(problem('-- read:\nselect 1')).toBe('plan/local/workload.sql: the line "-- write:" is missing');
  });

  it('refuses a file without a read', () => {
    expect(problem('-- write:\ninsert into t values ($1)')).toBe(
      'plan/local/workload.sql: the line "-- read:" is missing',
    );
  });

  it('refuses a marker without a statement', () => {
    expect(problem('-- write:\n-- nothing yet\n;\n-- read:\nselect 1')).toBe(
      'plan/local/workload.sql: no statement follows "-- write:"',
    );
  });

  it('refuses a marker that stands there twice', () => {
    expect(problem('-- read:\nselect 1\n-- read:\nselect 2')).toBe(
      'plan/local/workload.sql: "-- read:" stands there twice',
    );
  });

  it('refuses a statement above the markers', () => {
    expect(problem('select 1\n-- read:\nselect 1')).toBe(
      'plan/local/workload.sql: "select 1" stands before the first marker',
    );
  });

  it('refuses a write that does not store its key, even if a comment speaks of it', () => {
    expect(problem('-- write:\ninsert into t values ($10) -- $1\n-- read:\nselect 1')).toBe(
      'plan/local/workload.sql: the write does not store $1, the key by which it is recognized',
    );
  });
});

describe('the parameters of a statement', () => {
  it('are told apart from longer numbers and from comments', () => {
    expect(takesParameter('values ($1, $2::int4)', 2)).toBe(true);
    expect(takesParameter('values ($1, $21)', 2)).toBe(false);
    expect(takesParameter('values ($1) -- no $2', 2)).toBe(false);
  });
});
