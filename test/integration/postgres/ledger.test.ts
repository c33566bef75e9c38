import { COUNTED } from '../../../lib/core/answers';
import type { Change } from '../../../lib/core/changes';
import { ChangeFailed, TemporarilyUnavailable } from '../../../lib/core/errors';
import { loadStatementParser, parseChange } from '../../../lib/engines/postgres/changes/statement-parser';
import { PostgresFixture, type TestDatabase } from '../../support/postgres-fixture';

const RUN = 'run-1';
/** Longer than any change here takes. */
const PATIENCE_MS = 60_000;

let fixture: PostgresFixture;
beforeAll(async () => {
  await loadStatementParser();
  fixture = await PostgresFixture.start();
});
afterAll(() => fixture.close());

let green: TestDatabase;
beforeEach(async () => {
  green = await fixture.database(`
    create table people (id int primary key, name text, email text);
    insert into people values (1, 'Anna Secret', 'anna@example.com'), (2, 'Bob Secret', null);`);
  const run = green.run();
  await run.takeLock(RUN, 'orders');
  await run.freeze(RUN, new Date('2030-01-01')); // green inherits the fence
});
afterEach(async () => {
  await green.query(
    `do $do$ begin if to_regrole('shop') is not null then drop owned by shop; drop role shop; end if; end $do$`,
  );
  await green.close();
});

function change(sql: string, number = 1): Change {
  const parsed = parseChange(sql);
  if ('problem' in parsed) {
    throw new Error(parsed.problem);
  }
  return { number, file: `000${number}_x.sql`, kind: 'expand', sql, sha256: `of ${sql}`, ...parsed };
}

async function failure(sql: string): Promise<ChangeFailed> {
  const error = await green
    .run()
    .applyChange(RUN, change(sql), 'chain', PATIENCE_MS)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ChangeFailed);
  expect(await green.run().ledger()).toEqual([]);
  return error as ChangeFailed;
}

describe('a change', () => {
  it('is applied together with its ledger entry, behind the fence that stops everybody else', async () => {
    const run = green.run();
    await run.applyChange(
      RUN,
      change(`update people set name = 'x'; alter table people add column age int -- no newline`),
      'c1',
      PATIENCE_MS,
    );
    await run.applyChange(
      RUN,
      change('create table public.more (); set search_path = pg_catalog;', 20240101120000),
      'c2',
      PATIENCE_MS,
    );
    expect(await run.ledger()).toEqual([
      {
        number: 1,
        file: '0001_x.sql',
        sha256: `of update people set name = 'x'; alter table people add column age int -- no newline`,
        chain: 'c1',
      },
      {
        number: 20240101120000,
        file: '00020240101120000_x.sql',
        sha256: 'of create table public.more (); set search_path = pg_catalog;',
        chain: 'c2',
      },
    ]);
    expect(await green.ask(`select count(*)::int from people where name = 'x'`)).toBe(2);
    expect(await run.runningChange()).toBeUndefined();
    expect(await run.attemptWrite({ insist: true })).toMatchObject({ accepted: false });
  });

  it('leaves neither itself nor its entry when a statement fails', async () => {
    await failure('create table half (); select 1 / 0');
    expect(await green.ask(`select to_regclass('half')::text`)).toBeNull();
  });

  it('leaves neither when only the commit fails', async () => {
    await failure(`
      create table child (id int references people deferrable initially deferred);
      insert into child values (99)`);
    expect(await green.ask(`select to_regclass('child')::text`)).toBeNull();
  });

  it('makes what it makes in the schema of the application, also when the user is called like the schema of the run', async () => {
    await green.run().applyChange(RUN, change('create table found (); create table "change" ()'), 'c', PATIENCE_MS);
    expect(
      await green.ask(
        `select array_agg(relname order by relname)::text from pg_class where relname in ('found', 'change') and relnamespace = 'public'::regnamespace`,
      ),
    ).toBe('{change,found}');
    expect(await green.run().answer('select * from "change"', COUNTED)).toMatchObject({ rows: [] });
  });

  it.each([
    ['a role', 'set role shop; create table theirs ()', 'shop'],
    ['a role for the transaction', 'set local role shop; create table theirs ()', 'shop'],
    ['a role, and lets it go', 'set role shop; reset role; create table theirs ()', 'bluegreen'],
    ['a role by a function', `select set_config('role', 'shop', false); create table theirs ()`, 'shop'],
    ['no search path', `set search_path = ''; create table public.theirs ()`, 'bluegreen'],
    ['every parameter back', `reset all; update people set name = 'x'; create table theirs ()`, 'bluegreen'],
    ['later transactions read-only', 'set default_transaction_read_only = on; create table theirs ()', 'bluegreen'],
    ['another encoding', `set client_encoding = 'LATIN1'; create table theirs ()`, 'bluegreen'],
    ['how long it waits', `set statement_timeout = 1; set lock_timeout = 1; create table theirs ()`, 'bluegreen'],
  ])('may set %s: its entry is written all the same, and the next change begins anew', async (_what, sql, owner) => {
    await green.query('create role shop; grant shop to bluegreen; grant create, usage on schema public to shop');
    const run = green.run();
    await run.applyChange(RUN, change(sql), 'c1', PATIENCE_MS);
    await run.applyChange(RUN, change('create table "of the next" ()', 2), 'c2', PATIENCE_MS);
    expect((await run.ledger()).map(({ number, chain }) => [number, chain])).toEqual([
      [1, 'c1'],
      [2, 'c2'],
    ]);
    expect(
      await green.query(
        `select relname::text as name, relnamespace::regnamespace::text as schema, pg_get_userbyid(relowner)::text as owner
           from pg_class where relname in ('theirs', 'of the next') order by relname desc`,
      ),
    ).toEqual([
      { name: 'theirs', schema: 'public', owner },
      { name: 'of the next', schema: 'public', owner: 'bluegreen' },
    ]);
  });

  it('whose number the ledger has is not applied again', async () => {
    const run = green.run();
    await run.applyChange(RUN, change('create table once ()'), 'c', PATIENCE_MS);
    expect(await run.applyChange(RUN, change('create table twice ()'), 'c', PATIENCE_MS)).toBe('applied');
    expect(await green.ask(`select to_regclass('twice')::text`)).toBeNull();
  });
});

describe('a failing statement', () => {
  it('is shown where the server points at, after characters of several bytes and tabs', async () => {
    const error = await failure(
      "-- größer €😀\nselect 'ä€😀';\n\tselect 'ü',\tno_such_column\n from people;\nselect 2;",
    );
    expect(error.failure).toMatchObject({ file: 'changes/0001_x.sql', line: 3, column: 14, sqlState: '42703' });
    expect(error.message).toBe(
      [
        'changes/0001_x.sql:3:14: column "no_such_column" does not exist (SQLSTATE 42703)',
        "   select 'ü', no_such_column",
        '               ^',
      ].join('\n'),
    );
  });

  it('is shown at its beginning when the server points nowhere', async () => {
    const error = await failure(
      'create table a ();\n/* one\n two */ create table b ();\n\n-- and now\n  alter table people\n    alter column email set not null;\ncreate table c ();',
    );
    expect(error.message).toBe(
      [
        'changes/0001_x.sql:6:3: column "email" of relation "people" contains null values (SQLSTATE 23502)',
        '    alter table people',
        '    ^',
      ].join('\n'),
    );
  });

  it('is the statement that called what failed inside a function', async () => {
    const error = await failure('select 1;\ndo $$\nbegin\n  perform 1 / 0;\nend $$;');
    expect(error.failure).toMatchObject({ line: 2, column: 1, serverMessage: 'division by zero' });
  });

  it('is shown where the fault is in the body of a function, too, if the file has that text once', async () => {
    const inBody = await failure('create function f() returns int language plpgsql as $$\nbegin\n  retrun 1;\nend $$;');
    expect(inBody.failure).toMatchObject({ line: 3, column: 3, sqlState: '42601' });
    const inBlock = await failure('select 1;\ndo $$\nbegin\n  update people set nothing = 1;\nend $$;');
    expect(inBlock.failure).toMatchObject({ line: 4, column: 21, sqlState: '42703' });
    const twice = await failure(
      'do $$ begin\n  if true then insert into nowhere values (1); end if; insert into nowhere values (1);\nend $$',
    );
    expect(twice.failure).toMatchObject({ line: 1, column: 1, sqlState: '42P01' });
  });

  it('is the last one when the transaction fails at its end', async () => {
    const error = await failure(
      'create table child (id int references people deferrable initially deferred);\ninsert into child values (99);',
    );
    expect(error.failure).toMatchObject({ line: 2, column: 1, sqlState: '23503' });
  });

  it('in a very long line is shown with its surroundings and its true column', async () => {
    const error = await failure(`select ${'1, '.repeat(300)}nope, ${'2, '.repeat(300)}3`);
    expect(error.failure).toMatchObject({ line: 1, column: 908 });
    const [first = '', source = '', caret = ''] = error.message.split('\n');
    expect(first).toContain('changes/0001_x.sql:1:908: ');
    expect(source.length).toBeLessThanOrEqual(162);
    expect(source.slice(caret.indexOf('^'), caret.indexOf('^') + 4)).toBe('nope');
  });

  it.each([
    ['a duplicate key', 'insert into people select * from people'],
    ['a failing check', 'alter table people add check (id > 1)'],
    [
      'a unique index over duplicates',
      'update people set name = max from (select max(name) from people); create unique index on people (name)',
    ],
    ['a missing parent', 'create table c (id int references people); insert into c select max(id) + 75 from people'],
    ['a null', 'insert into people (name) select name from people'],
  ])('does not carry the values of rows into the message: %s', async (_what, sql) => {
    const error = await failure(sql);
    expect(error.message).not.toMatch(/Secret|77|\(1\)/);
    expect(error.failure.serverDetail).toBeUndefined();
  });

  it('carries the detail that explains it otherwise', async () => {
    const error = await failure('create table c (name int references people (name)); select 1');
    expect(error.failure.sqlState).toBe('42830');
    const other = await failure('create table c (id text references people)');
    expect(other.message).toContain(
      'Key columns "id" of the referencing table and "id" of the referenced table are of incompatible types',
    );
  });
});

describe('a connection that breaks while a change is applied', () => {
  /** A change that waits until the test lets it go on. */
  const waiting = 'select pg_advisory_lock(42); create table made (); select pg_advisory_unlock(42)';

  async function started(): Promise<{ applying: Promise<unknown>; pid: number; letGo: () => Promise<void> }> {
    const holder = await green.client('rdsadmin');
    await holder.query('select pg_advisory_lock(42)');
    const applying = green
      .run()
      .applyChange(RUN, change(waiting), 'chain', PATIENCE_MS)
      .catch((reason: unknown) => reason);
    for (;;) {
      const [row] = await green.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
      );
      if (row) {
        return {
          applying,
          pid: row.pid,
          letGo: async () => void (await holder.query('select pg_advisory_unlock(42)')),
        };
      }
    }
  }

  it('by the server ending the session: nothing is applied, and trying again may help', async () => {
    const { applying, pid, letGo } = await started();
    expect(await green.run().runningChange()).toMatch(
      /^the server has been applying changes\/0001_x.sql for \d s; statement 1 of 3/,
    );
    await green.query('select pg_terminate_backend($1)', 'rdsadmin', [pid]);
    expect(await applying).toBeInstanceOf(TemporarilyUnavailable);
    await letGo();
    expect(await green.run().ledger()).toEqual([]);
    expect(await green.ask(`select to_regclass('made')::text`)).toBeNull();
    expect(await green.run().runningChange()).toBeUndefined();
  });

  it('by the client going away: the server finishes, and the ledger has it', async () => {
    const { applying, letGo, pid } = await started();
    await cutClient(pid);
    expect(await applying).toBeInstanceOf(TemporarilyUnavailable);
    const later = green.run();
    expect(await later.runningChange()).toContain('changes/0001_x.sql');
    expect(await later.ledger()).toEqual([]);
    await letGo();
    while (await later.runningChange());
    expect(await later.ledger()).toMatchObject([{ number: 1, chain: 'chain' }]);
    expect(await green.ask(`select to_regclass('made')::text`)).toBe('made');
  });

  /** Destroys the socket of the connection whose other end serves `pid`, as a killed process would. */
  async function cutClient(pid: number): Promise<void> {
    const port = await green.ask(`select client_port from pg_stat_activity where pid = ${pid}`);
    for (const handle of (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles()) {
      const socket = handle as { localPort?: number; destroy?: () => void };
      if (socket.localPort === port) {
        socket.destroy?.();
      }
    }
  }
});
