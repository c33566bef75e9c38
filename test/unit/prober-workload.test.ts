/** Parsing of local/workload.sql. */
import { statementsOf, verbOf } from '../../lib/local/prober/statements';
import { parseWorkload, WorkloadMalformed } from '../../lib/local/prober/workload';

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

  it('holds an update and a delete where it is to have them, each a transaction of one or more statements', () => {
    const text = [
      '-- write: two rows',
      "insert into t values ($1, $2); -- the first; it's quoted",
      "insert into u values ($1, 'a;b');",
      '-- update:',
      'update t set value = $2 where key = $1;',
      '-- delete:',
      'delete from t where key = $1;',
      '',
      'delete from u where key = $1;',
      '-- read:',
      'select key, value from t',
    ].join('\n');
    expect(parseWorkload(text)).toEqual({
      write: "insert into t values ($1, $2); -- the first; it's quoted\ninsert into u values ($1, 'a;b')",
      update: 'update t set value = $2 where key = $1',
      delete: 'delete from t where key = $1;\n\ndelete from u where key = $1',
      read: 'select key, value from t',
    });
  });

  const WRITE = '-- write:\ninsert into t values ($1, $2);\n';
  const READ = '-- read:\nselect key from t;\n';

  it.each([
    [
      'a write that does not store its key, even if a comment speaks of it',
      `-- write:\ninsert into t values ($2) -- $1\n${READ}`,
      'the write does not store $1, the key by which it is recognized',
    ],
    [
      'a write that takes more than there is',
      `-- write:\ninsert into t values ($1, $10)\n${READ}`,
      'the write takes $10, but it is given only $1, the key, and $2, the value',
    ],
    [
      'a write that does not store what its update replaces',
      `-- write:\ninsert into t values ($1)\n-- update:\nupdate t set v = $2 where k = $1\n${READ}`,
      'the write does not store $2, the value that the update replaces',
    ],
    [
      'an update that does not store a value',
      `${WRITE}-- update:\nupdate t set v = 1 where k = $1\n${READ}`,
      'the update does not store $2, the value by which it is recognized',
    ],
    [
      'an update of no particular write',
      `${WRITE}-- update:\nupdate t set v = $2\n${READ}`,
      'the update does not take $1, the key of the write it is about',
    ],
    [
      'a delete of no particular write',
      `${WRITE}-- delete:\ndelete from t\n${READ}`,
      'the delete does not take $1, the key of the write it is about',
    ],
    [
      'a delete that takes a value',
      `${WRITE}-- delete:\ndelete from t where k = $1 and v = $2\n${READ}`,
      'the delete takes $2, but it is given only $1, the key',
    ],
    ['an update without a statement', `${WRITE}-- update:\n${READ}`, 'no statement follows "-- update:"'],
    [
      'a read that takes a parameter',
      `${WRITE}-- read:\nselect key from t where key = $1`,
      'the read takes $1, but it is given nothing',
    ],
    [
      'a read of two statements',
      `${WRITE}-- read:\nselect key from t; select key from u`,
      'the read holds 2 statements, but it is one query',
    ],
    [
      'a write that begins a transaction of its own',
      `-- write:\n/* both */ BEGIN; insert into t values ($1, $2); commit;\n${READ}`,
      'the write says "begin", but it is one transaction already, which the prober begins and ends',
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(problem(text)).toBe(`plan/local/workload.sql: ${expected}`);
  });
});

describe('the statements of a section', () => {
  const texts = (sql: string) => statementsOf(sql).map(({ text }) => text);

  it.each([
    ['strings', "select 'a;''b;' as $1; select 2", ["select 'a;''b;' as $1", 'select 2']],
    ['strings with escapes', "select E'a\\';b'; select 2", ["select E'a\\';b'", 'select 2']],
    ['strings with backslashes', "select 'a\\'; select 2", ["select 'a\\'", 'select 2']],
    ['names', 'select 1 as "a;"";b"; select 2', ['select 1 as "a;"";b"', 'select 2']],
    ['dollar quotes', 'select $$a;b$$, $x$;$$;$x$, a$b; select 2', ['select $$a;b$$, $x$;$$;$x$, a$b', 'select 2']],
    ['comments', 'select 1 -- a;b\n; select /* ; /* ; */ ; */ 2', ['select 1 -- a;b', 'select /* ; /* ; */ ; */ 2']],
    ['what is not ended', "select 1; select 'a;b", ['select 1', "select 'a;b"]],
    ['nothing but blanks and comments', ' ;; -- a\n; /* b */', []],
  ])('are not divided within %s', (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it('take the parameters that stand in them, numbered without a gap', () => {
    expect(statementsOf('insert into t values ($1, $2, $2::text, \'$3\', "$4", a$5, $$ $6 $$) -- $7')).toEqual([
      { text: 'insert into t values ($1, $2, $2::text, \'$3\', "$4", a$5, $$ $6 $$) -- $7', parameters: [1, 2] },
    ]);
    expect(statementsOf('update t set a = $2; update t set a = $10 where b = $2; select 1')).toEqual([
      { text: 'update t set a = $1', parameters: [2] },
      { text: 'update t set a = $2 where b = $1', parameters: [2, 10] },
      { text: 'select 1', parameters: [] },
    ]);
  });

  it('are told by their first words', () => {
    expect(statementsOf('/* x */ -- y\n COMMIT; "commit" $1; (select 1)').map(verbOf)).toEqual([
      'commit',
      '"commit"',
      '(',
    ]);
  });
});
