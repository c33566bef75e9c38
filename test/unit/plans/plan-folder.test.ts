import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlanInvalid } from '../../../lib/core/errors';
import { loadPlan } from '../../../lib/plans/plan-folder';

const SETTINGS = {
  name: 'orders',
  blue: {
    identifier: 'orders-production',
    database: 'orders',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders/bluegreen-AbCdEf',
  },
  endpoint: { type: 'route53', hostedZoneId: 'Z0123456789ABCDEFGHIJ', recordName: 'orders-db.internal.example.com' },
  network: {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a'],
    subnetIds: ['subnet-0123456789abcdef0'],
    securityGroupIds: ['sg-0123456789abcdef0'],
  },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
  await put('plan.json', JSON.stringify(SETTINGS));
  await mkdir(join(folder, 'changes'));
  await mkdir(join(folder, 'checks'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(file: string, content: string | Buffer): Promise<void> {
  await writeFile(join(folder, file), content);
}

async function problems(): Promise<readonly string[]> {
  const error = await loadPlan(folder).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PlanInvalid);
  return (error as PlanInvalid).problems;
}

describe('a plan folder', () => {
  it('is read into a complete plan: defaults filled in, changes in order of their numbers, contract last', async () => {
    await put('changes/0002_b.sql', 'create table b ();');
    await put('changes/V1__a.sql', 'create table a ();');
    await put('changes/10_z.up.sql', 'create table z ();');
    await put('changes/20240101120000_stamped.sql', 'create table stamped ();');
    await put('changes/20240101120001_drop.contract.sql', 'drop table a;');
    await put('changes/20240101120002_more.contract.up.sql', 'drop table b;');
    await put('changes/10_z.down.sql', 'this is never read, and need not be SQL');
    await put('changes/README.md', 'notes are welcome');
    await put('changes/.gitkeep', '');
    await put('checks/none.sql', '-- must be empty\nselect 1 where false; -- really');
    await put('checks/sums.same.sql', 'select sum(total) from orders');
    await put('checks/lookup.faster-than-blue.sql', 'select * from orders where id = 7');
    const plan = await loadPlan(folder);
    expect(plan.changes.map(({ number, file, kind }) => [number, file, kind])).toEqual([
      [1, 'V1__a.sql', 'expand'],
      [2, '0002_b.sql', 'expand'],
      [10, '10_z.up.sql', 'expand'],
      [20240101120000, '20240101120000_stamped.sql', 'expand'],
      [20240101120001, '20240101120001_drop.contract.sql', 'contract'],
      [20240101120002, '20240101120002_more.contract.up.sql', 'contract'],
    ]);
    expect(plan.changes[0]?.sha256).toBe('0db38149e0c353608ccb4a4dfc5867eeca6c9eb16f56c7e30595fdb1a85d4700');
    expect(plan.checks.map(({ file, kind }) => [file, kind])).toEqual([
      ['lookup.faster-than-blue.sql', 'faster-than-blue'],
      ['none.sql', 'no-rows'],
      ['sums.same.sql', 'same'],
    ]);
    expect(plan).toMatchObject({
      sync: 'replication',
      endpoint: { ttlSeconds: 5 },
      snapshot: { keep: false },
      freeze: { timeoutSeconds: 7200 },
      switchover: { timeoutSeconds: 30 },
      bake: { seconds: 3600 },
      retire: { blue: 'delete', finalSnapshot: true },
      local: { writers: 4 },
    });
  });

  it('needs neither changes nor checks', async () => {
    await rm(join(folder, 'changes'), { recursive: true });
    await rm(join(folder, 'checks'), { recursive: true });
    await expect(loadPlan(folder)).resolves.toMatchObject({ changes: [], checks: [] });
  });

  it('may carry a byte order mark, which is not sent to the server', async () => {
    await put('plan.json', `\uFEFF${JSON.stringify(SETTINGS)}`);
    await put('changes/1_a.sql', '\uFEFFselect 1;');
    const plan = await loadPlan(folder);
    expect(plan.changes[0]?.sql).toBe('select 1;');
  });

  it('is refused when it does not exist', async () => {
    const missing = join(folder, 'nowhere');
    await expect(loadPlan(missing)).rejects.toThrow(
      `plan folder "${missing}" cannot be used:
  - plan.json cannot be read (no such file or folder); a plan is a folder with plan.json, changes/ and checks/, see examples/orders`,
    );
  });

  it('is refused when it is a file', async () => {
    const file = join(folder, 'plan.json');
    await expect(loadPlan(file)).rejects.toThrow(
      'plan.json cannot be read (a file stands where a folder should be); a plan is a folder with plan.json',
    );
  });

  it('is refused when plan.json is no JSON', async () => {
    await put('plan.json', '{"name": }');
    expect(await problems()).toEqual([expect.stringMatching(/^plan\.json: is not JSON: Unexpected token/)]);
  });
});

it('a byte order mark is no part of a change or a check, nor of what the ledger keeps of it', async () => {
  await put('changes/1_a.sql', '\ufeffcreate table a ();');
  await put('checks/none.sql', '\ufeffselect 1 where false');
  const { changes, checks } = await loadPlan(folder);
  expect(changes[0]?.sql).toBe('create table a ();');
  expect(changes[0]?.sha256).toBe('0db38149e0c353608ccb4a4dfc5867eeca6c9eb16f56c7e30595fdb1a85d4700');
  expect(checks[0]?.sql).toBe('select 1 where false');
});

describe('a plan folder with several problems', () => {
  it('is refused with all of them in one list, each with what is allowed', async () => {
    await put('plan.json', JSON.stringify({ ...SETTINGS, nmae: 'x', blue: { ...SETTINGS.blue, identifier: '1st' } }));
    await put('changes/1_a.sql', 'select 1;');
    await put('changes/0001_b.sql', 'select 2;');
    await put('changes/2_c.contract.sql', 'select 3;');
    await put('changes/3_d.sql', 'select 4;');
    await put('changes/no_number.sql', 'select 5;');
    await put('changes/12345678901234567890_e.sql', 'select 6;');
    await mkdir(join(folder, 'changes/4_folder.sql'));
    await put('changes/5_latin1.sql', Buffer.from("select 'caf\xe9'", 'latin1'));
    await put('changes/6_empty.sql', '');
    await put('changes/7_comment.sql', '-- nothing here\n/* nor here */\n');
    await put('changes/8_nul.sql', 'select 1;\0 drop table orders');
    await symlink('nowhere', join(folder, 'changes/9_dangling.sql'));
    await put('changes/9_utf16.sql', Buffer.from('\ufeffselect 1;', 'utf16le'));
    await put('checks/two.sql', 'select 1; select 2');
    await put('checks/delete.sql', 'delete from orders');
    await put('checks/into.sql', 'select 1 into other');
    await put('checks/empty.sql', ' ');
    await put('checks/empty.same.sql', ' ');
    expect(await problems()).toEqual([
      'plan.json: blue.identifier: "1st" does not start with a letter; allowed: 1 to 63 letters, digits and hyphens, first a letter, no trailing or double hyphen',
      'plan.json: nmae: unknown key; allowed: $schema, name, blue, sync, followedDatabases, abandonedDatabases, acceptOneWay, endpoint, network, snapshot, freeze, follow, validation, report, switchover, bake, retire, local',
      'changes/4_folder.sql/: is a folder, and none is read in here; put what a run needs of it into changes/ itself, the rest elsewhere; allowed: 0001_name.sql, 0001_name.contract.sql, V1__name.sql, 1_name.up.sql',
      'changes/no_number.sql: the name does not begin with a number and _; allowed: 0001_name.sql, 0001_name.contract.sql, V1__name.sql, 1_name.up.sql',
      'changes/5_latin1.sql: cannot be read (it is not UTF-8 text; save it as UTF-8)',
      'changes/8_nul.sql: cannot be read (it contains a NUL character)',
      'changes/9_dangling.sql: cannot be read (no such file or folder)',
      'changes/9_utf16.sql: cannot be read (it is UTF-16 text; save it as UTF-8)',
      'changes/12345678901234567890_e.sql: the number is too large; allowed: at most 9007199254740991',
      'changes/6_empty.sql: holds no statement; write SQL into it or delete the file',
      'changes/7_comment.sql: holds no statement; write SQL into it or delete the file',
      'changes/0001_b.sql and changes/1_a.sql: both have number 1; give one of them the next free number',
      'changes/3_d.sql: follows the contract change 2_c.contract.sql, which is applied later, inside the switchover; give it a lower number or a plan of its own',
      'checks/delete.sql: is not a query; a check is one SELECT',
      'checks/empty.same.sql: holds no statement; write SQL into it or delete the file',
      'checks/empty.sql: holds no statement; write SQL into it or delete the file',
      'checks/into.sql: is not a query; a check is one SELECT',
      'checks/two.sql: holds more than one statement; a check is one query',
    ]);
  });
});

describe('a check', () => {
  it.each(['a.faster.sql', 'a.Same.sql', 'a.same.faster-than-blue.sql', 'a.slower-than-blue.sql', '.same.sql'])(
    'is refused by the name %s, which is of no kind',
    async (file) => {
      await put(`checks/${file}`, 'select 1 where false');
      expect(await problems()).toEqual([
        `checks/${file}: the name has no kind of check; allowed: name.sql, name.same.sql, name.faster-than-blue.sql, without further dots`,
      ]);
    },
  );
});

describe('a change', () => {
  it.each([
    [
      'on its first character',
      'selec 1;',
      'line 1, column 1: syntax error at or near "selec"\n      selec 1;\n      ^',
    ],
    [
      'after lines with characters of several bytes',
      "-- größer €\nselect 'ä',\n\tfromm x y;\nselect 2;",
      'line 3, column 10: syntax error at or near "y"\n       fromm x y;\n               ^',
    ],
    ['at its end', 'select (', 'line 1, column 9: syntax error at end of input\n      select (\n              ^'],
  ])('is refused for a syntax error %s, with line, column and caret', async (_where, sql, message) => {
    await put('changes/1_a.sql', sql);
    expect(await problems()).toEqual([`changes/1_a.sql: ${message}`]);
  });

  it('is refused for a syntax error in a very long line, of which only the surroundings are shown', async () => {
    await put('changes/1_a.sql', `select ${'1, '.repeat(200)}fro t x, ${'2, '.repeat(200)}`);
    const [problem = ''] = await problems();
    const [first = '', source = '', caret = ''] = problem.split('\n');
    expect(first).toBe('changes/1_a.sql: line 1, column 614: syntax error at or near "x"');
    expect(source.trim().length).toBeLessThanOrEqual(160);
    expect(source[caret.indexOf('^')]).toBe('x');
  });

  it.each([
    [
      'select 1;\n\nbegin;',
      'line 3: transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry',
    ],
    [
      'select 1; commit',
      'line 1: transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry',
    ],
    [
      'savepoint a',
      'line 1: transaction control is not allowed; every file is applied in one transaction of its own, with its ledger entry',
    ],
    [
      '\n-- why\ncreate index concurrently i on t (a);',
      'line 3: CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile',
    ],
    [
      'drop index concurrently i',
      'line 1: CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile',
    ],
    [
      'reindex index concurrently i',
      'line 1: CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile',
    ],
    [
      'alter table t detach partition p concurrently',
      'line 1: CONCURRENTLY cannot run inside a transaction; leave it out, nobody works on green meanwhile',
    ],
    [
      'discard all',
      'line 1: DISCARD ALL cannot run inside a transaction, and every file is applied in one, with its ledger entry; leave it out, every file begins in a session of its own',
    ],
    [
      'vacuum t',
      'line 1: VACUUM cannot run inside a transaction, and every file is applied in one, with its ledger entry; leave it to autovacuum, or do it in production after the run',
    ],
    [
      'create database d',
      'line 1: CREATE DATABASE cannot run inside a transaction, and every file is applied in one, with its ledger entry; do it in production after the run',
    ],
    [
      'alter system set work_mem = 1',
      "line 1: ALTER SYSTEM cannot run inside a transaction, and every file is applied in one, with its ledger entry; set the parameter in the instance's parameter group",
    ],
    [
      'select 1;\nselect * into t from a',
      'line 2: SELECT ... INTO is not applied here; write CREATE TABLE ... AS SELECT, which does the same',
    ],
    [
      'select a into t from x union select b from y union select c from z',
      'line 1: SELECT ... INTO is not applied here; write CREATE TABLE ... AS SELECT, which does the same',
    ],
  ])('is refused when it holds %j', async (sql, message) => {
    await put('changes/1_a.sql', sql);
    expect(await problems()).toEqual([`changes/1_a.sql: ${message}`]);
  });

  it('may analyze, reindex, and name a column like a transaction word', async () => {
    await put('changes/1_a.sql', 'analyze t; reindex table t; create table x ("begin" int, commit int);');
    await expect(loadPlan(folder)).resolves.toBeDefined();
  });

  it('is refused for an annotation that is not understood', async () => {
    await put('changes/1_a.sql', '-- bluegreen: declare rows orders\nselect 1;');
    expect(await problems()).toEqual([
      expect.stringMatching(
        /^changes\/1_a\.sql: the comment "-- bluegreen: declare rows orders" is not understood; allowed after "-- bluegreen: declares": values or column \[schema\.]table\.column, rows/,
      ),
    ]);
  });

  it('knows where its statements begin, in lines and characters', async () => {
    await put('changes/1_a.sql', "-- größer €\nselect 'ä€😀'; /* and */ select 2;\n\n\t-- c\n\tselect\n3");
    const plan = await loadPlan(folder);
    expect(plan.changes[0]?.statements).toMatchObject([
      { line: 2, column: 1 },
      { line: 2, column: 25 },
      { line: 5, column: 2 },
    ]);
  });

  it('is cut into its statements as the server would cut it', async () => {
    await put(
      'changes/1_a.sql',
      "select 'ä€😀;'; /* a /* ; */ ; */ create function f() returns int language sql begin atomic select 1; select 2; end;\n" +
        'do $$ begin perform 1; end $$; ;; select "a;b" from t -- none;\n',
    );
    const [change] = (await loadPlan(folder)).changes;
    expect(change?.statements.map(({ begin, end }) => change.sql.slice(begin, end))).toEqual([
      "select 'ä€😀;'",
      'create function f() returns int language sql begin atomic select 1; select 2; end',
      'do $$ begin perform 1; end $$',
      'select "a;b" from t -- none;\n',
    ]);
  });
});

describe('a change that cannot be followed', () => {
  beforeEach(async () => {
    await put('changes/1_a.sql', 'alter table t add column b int;\n\ndrop table t; update t set a = 1, b = 1');
    await put('changes/2_b.contract.sql', 'drop table u;\ncreate publication p');
  });

  it('is refused with file, line, reason and remedy, together with the other problems', async () => {
    await put('checks/empty.sql', ' ');
    expect(await problems()).toEqual([
      'checks/empty.sql: holds no statement; write SQL into it or delete the file',
      "changes/1_a.sql: line 3: drops t, and blue's rows come for it; move it to a contract change (….contract.sql)",
      "changes/1_a.sql: line 3: rewrites values of t.a, which blue's next update of a row undoes and its later rows come without; write a column that the changes add, or move it to a contract change (….contract.sql)",
      'changes/2_b.contract.sql: line 2: touches publications or subscriptions, which are the run\'s business while it follows; do it in production after the run, or run the plan with sync: "freeze"',
    ]);
  });

  it('is read where nothing is followed, and judged by what overrides the plan', async () => {
    await expect(loadPlan(folder, 'freeze')).resolves.toMatchObject({ sync: 'freeze' });
    await put('plan.json', JSON.stringify({ ...SETTINGS, sync: 'freeze' }));
    await expect(loadPlan(folder)).resolves.toMatchObject({ sync: 'freeze' });
    await expect(loadPlan(folder, 'replication')).rejects.toThrow('drops t');
  });

  it('is not looked for as long as plan.json does not say how green is kept up', async () => {
    await put('plan.json', '{}');
    expect((await problems()).filter((problem) => !problem.startsWith('plan.json'))).toEqual([]);
  });
});
