/** `bluegreen plan` as a stranger meets it: the table, exit codes and what is refused. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bluegreen } from '../support/command-line';
import { SMALL_PLAN } from '../support/local-run-fixture';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bluegreen-plan-'));
  cpSync(SMALL_PLAN, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const REFUSED = `changes/0002_widen.sql:3: drops account, and blue's rows come for it; move it to a contract change (….contract.sql)\n`;

function breakIt(): void {
  writeFileSync(join(folder, 'changes', '0002_widen.sql'), '-- gone\n\ndrop table account;');
}

test('of examples/orders prints a row for each statement, in 120 columns, and a line about the whole', async () => {
  const { code, stdout, stderr } = await bluegreen(['plan', 'examples/orders']).ended;
  expect(code).toBe(0);
  expect(stderr).toBe('');
  const lines = stdout.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(lines).toEqual(
    expect.arrayContaining([
      'plan orders, sync: replication',
      expect.stringMatching(/^change +statement +following +way back +rewrites$/),
      expect.stringMatching(
        /^0001_add_currency.sql:2 +alter table orders add column currency +allowed +reversible +no$/,
      ),
      expect.stringMatching(
        /^0003_widen_item_id.sql:2 +alter table items alter column id type bigint +allowed +depends +perhaps$/,
      ),
      '    - rows flow back as long as items.id fits the type it has on blue',
      '4 changes, 9 statements; 0 rewrite a table, 1 perhaps; a way back on conditions; allowed',
    ]),
  );
});

test('with a statement that is refused prints the table, then file, line, reason and remedy, and exits 2', async () => {
  breakIt();
  const { code, stdout, stderr } = await bluegreen(['plan', folder, '--sync', 'replication']).ended;
  expect(code).toBe(2);
  expect(stdout).toMatch(/^0002_widen.sql:3 +drop table account +only as contract +depends +no$/m);
  expect(stdout).toMatch(/\n3 changes, 3 statements; no table is rewritten; a way back on conditions; 1 refused\n$/);
  expect(stderr).toBe(REFUSED);
});

test('under a freeze allows it, and shows neither following nor a way back', async () => {
  breakIt();
  const { code, stdout, stderr } = await bluegreen(['plan', folder]).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^change +statement +rewrites$/m);
  expect(stdout).toMatch(/\n3 changes, 3 statements; no table is rewritten; no way back \(sync: freeze\); allowed\n$/);
});

test('with --json prints one document to standard output', async () => {
  breakIt();
  const { code, stdout, stderr } = await bluegreen(['plan', folder, '--sync', 'replication', '--json']).ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: REFUSED });
  const { statements, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ plan: 'small', sync: 'replication', problems: [] });
  expect(statements).toHaveLength(3);
  expect(statements[1]).toEqual({
    file: '0002_widen.sql',
    line: 3,
    kind: 'expand',
    statement: 'drop table account',
    touches: ['account'],
    following: 'only as contract',
    wayBack: 'depends',
    rewrites: 'no',
    notes: ['if account is a partition, rows flow back as long as none belongs into it'],
    refused: [
      {
        only: 'contract',
        reason: "drops account, and blue's rows come for it",
        remedy: 'move it to a contract change (….contract.sql)',
      },
    ],
  });
});

test('of a folder with other problems prints what could be parsed, and exits 2 with the problems', async () => {
  writeFileSync(join(folder, 'plan.json'), '{}');
  writeFileSync(join(folder, 'changes', '0004_wrong.sql'), 'selec 1');
  const { code, stdout, stderr } = await bluegreen(['plan', folder, '--sync', 'replication']).ended;
  expect(code).toBe(2);
  expect(stdout).toMatch(/^0001_add_currency.sql:1 +alter table account add column currency/m);
  expect(stderr).toContain('plan.json: name: missing; required: string\n');
  expect(stderr).toContain('changes/0004_wrong.sql: line 1, column 1: syntax error at or near "selec"\n');
});

test.each([
  [[], 'the plan folder is missing; examples/orders is one'],
  [['a', 'b'], '2 plan folders (a, b): allowed is one'],
  [['a', '--sync', 'never'], '--sync never: allowed are replication and freeze'],
])('refuses %j', async (args, message) => {
  const { code, stderr } = await bluegreen(['plan', ...args]).ended;
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
