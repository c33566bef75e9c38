import { applyFailure } from '../../../lib/engines/postgres/replication/apply-failure';

const SHOWN = { showValues: true };
const HIDDEN = { showValues: false };

/** As PostgreSQL 18 writes it, with RDS's log_line_prefix. */
function log(error: string, { table = 'public.account', process = 42 } = {}): string[] {
  return [
    '2026-03-01 11:59:58 UTC::@:[10]:LOG:  checkpoint starting: time',
    `2026-03-01 12:00:00 UTC::@:[${process}]:ERROR:  ${error}`,
    `2026-03-01 12:00:00 UTC::@:[${process}]:CONTEXT:  processing remote data for replication origin "pg_16400" during message type "INSERT" for replication target relation "${table}" in transaction 741, finished at 0/1A2B3C4`,
    '2026-03-01 12:00:00 UTC::@:[7]:LOG:  background worker "logical replication apply worker" (PID 42) exited with exit code 1',
  ];
}

it.each([
  [
    'duplicate key value violates unique constraint "account_pkey"',
    /breaks a rule of the side that follows, or is there already/,
  ],
  ['new row for relation "account" violates check constraint "positive"', /breaks a rule/],
  ['null value in column "email" of relation "account" violates not-null constraint', /breaks a rule/],
  ['function normalized(text) does not exist', /empty search_path/],
  ['relation "settings" does not exist', /empty search_path/],
  ['value too long for type character varying(3)', /does not fit the type/],
  ['conflict detected on relation "public.account": conflict=insert_exists', /did not find .* what it should have/],
])('says what the server said, and what it means: %s', (error, means) => {
  expect(applyFailure(log(error), SHOWN)).toEqual({
    said: `${error} (table public.account)`,
    means: expect.stringMatching(means),
  });
});

/** As PostgreSQL 18.4 wrote it when a trigger's function did not name a schema. */
it('names the function that ran for the row, and not the place in a query that nobody sees', () => {
  const lines = [
    '2026-11-27 20:31:28 UTC::@:[42]:ERROR:  relation "order_history" does not exist at character 13',
    '2026-11-27 20:31:28 UTC::@:[42]:QUERY:  insert into order_history (reference) values (new.reference)',
    '2026-11-27 20:31:28 UTC::@:[42]:CONTEXT:  PL/pgSQL function public.keep_history() line 3 at SQL statement',
    '\tprocessing remote data for replication origin "pg_16400" during message type "INSERT" for replication target relation "public.orders" in transaction 741, finished at 0/1A2B3C4',
  ];
  expect(applyFailure(lines, HIDDEN)).toEqual({
    said: 'relation "order_history" does not exist (table public.orders, in PL/pgSQL function public.keep_history() line 3)',
    means: expect.stringMatching(/^a name was not found: replication applies rows with an empty search_path/),
  });
});

it('does not take what is missing on the other side for a name that a function did not find', () => {
  const error = 'could not receive data from WAL stream: ERROR:  publication "p" does not exist';
  expect(applyFailure([`2026-03-01 12:00:00 UTC::@:[42]:ERROR:  ${error}`], SHOWN)?.means).not.toMatch(/search_path/);
});

it('gives the words of the server alone where it knows nothing about them', () => {
  expect(applyFailure(log('out of cheese'), SHOWN)).toEqual({
    said: 'out of cheese (table public.account)',
    means: undefined,
  });
});

it('takes the last of several, and none of other processes', () => {
  const lines = [
    ...log('the first'),
    ...log('the second', { table: 'public.other' }),
    '2026-03-01 12:00:03 UTC:10.0.0.7(5432):app@shop:[43]:ERROR:  syntax error at or near "x"',
  ];
  expect(applyFailure(lines, SHOWN)?.said).toBe('the second (table public.other)');
  expect(
    applyFailure(['2026-03-01 12:00:03 UTC:10.0.0.7(5432):app@shop:[43]:ERROR:  syntax error'], SHOWN),
  ).toBeUndefined();
});

it('knows what the worker says before it applies anything', () => {
  const error = 'logical replication target relation "public.account" is missing replicated column: "note"';
  expect(applyFailure([`2026-03-01 12:00:00 UTC::@:[42]:ERROR:  ${error}`], SHOWN)).toEqual({
    said: error,
    means: 'the side that follows lacks a column that is sent to it',
  });
});

it('shows no value unless values may be shown', () => {
  const shown = (error: string) => applyFailure(log(error), HIDDEN)?.said;
  expect(shown('invalid input syntax for type integer: "4 111"')).toBe(
    'invalid input syntax for type integer: "…" (table public.account)',
  );
  expect(shown('value "99999999999" is out of range for type integer')).toBe(
    'value "…" is out of range for type integer (table public.account)',
  );
});
