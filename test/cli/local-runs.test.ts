/** The command line in whole runs: what it prints, how it is interrupted, what it refuses only when blue is there. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWorkload } from '../../lib/local/prober/workload';
import { bluegreen, QUICK, refused } from '../support/command-line';
import { descendants, processes, untilGone } from '../support/lifetime/processes';
import { newTestRunId, SMALL_PLAN } from '../support/local-run-fixture';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bluegreen-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a run', () => {
  test('with --json prints the report and nothing else to standard output', async () => {
    const { ended } = bluegreen(['local', SMALL_PLAN, ...QUICK, '--json', '--rehearse', '--report', folder]);
    const { code, stdout } = await ended;
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'rehearsed', serving: 'blue', validation: { mismatches: [] } });
    expect(code).toBe(0);
  });

  test('of examples/broken exits 3 and shows file, line, caret and what the server said', async () => {
    const { ended } = bluegreen(['local', 'examples/broken', ...QUICK, '--json', '--report', folder]);
    const { code, stdout } = await ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'rolled-back',
      serving: 'blue',
      reason: {
        phase: 'migrate',
        error: 'ChangeFailed',
        message: [
          'changes/0002_require_email.sql:7:1: column "email" of relation "members" contains null values (SQLSTATE 23502)',
          '  alter table library.members alter column email set not null;',
          '  ^',
        ].join('\n'),
      },
      leftovers: [],
    });
  });
});

describe('Ctrl-C', () => {
  test('twice ends at once, leaves no process, and the run id goes on', async () => {
    const runId = newTestRunId();
    const args = ['local', SMALL_PLAN, '--port', '0', '--run-id', runId, '--report', folder];
    const first = bluegreen([...args, '--pace', '5']);
    await first.saw('clone ');
    const started = descendants(first.process.pid ?? 0).map(({ pid }) => pid);
    first.process.kill('SIGINT');
    await first.saw('stopping');
    const again = setInterval(() => first.process.kill('SIGINT'), 50);
    expect((await first.ended).code).toBe(130);
    clearInterval(again);
    await untilGone([
      ...started,
      ...processes()
        .filter(({ command }) => command.includes(runId))
        .map(({ pid }) => pid),
    ]);
    const second = await bluegreen([...args, '--pace', '1000', '--json']).ended;
    expect(JSON.parse(second.stdout)).toMatchObject({ writes: { lost: 0, duplicated: 0 }, leftovers: [] });
  });
});

describe('Ctrl-C in a terminal, which reaches the whole process group', () => {
  test('undoes the run, though it comes a second time from a program in between', async () => {
    const {
      ended,
      process: child,
      saw,
    } = bluegreen(['local', SMALL_PLAN, ...QUICK, '--pace', '20', '--report', folder], {
      detached: true,
    });
    await saw('clone ');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await saw('stopping');
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(stdout).toContain('rolled-back: blue serves the application');
    expect(code).toBe(3);
  });

  test('before the run began ends it without a complaint, whether or not something could be undone yet', async () => {
    const {
      ended,
      process: child,
      saw,
    } = bluegreen(['local', SMALL_PLAN, ...QUICK, '--report', folder], {
      detached: true,
    });
    await saw('starting blue');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(stderr).toBe('');
    expect(stdout).toContain(
      code === 130 ? 'stopped before the run began' : 'rolled-back: blue serves the application',
    );
    expect([3, 130]).toContain(code);
  });
});

describe('bad input', () => {
  test.each([
    ['write', 'insert into nowhere values ($1)', 'relation "nowhere" does not exist'],
    ['read', 'select key from nowhere', 'relation "nowhere" does not exist'],
    [
      'write',
      'with k as (select $1::text) delete from pg_authid using k where false',
      'permission denied for table pg_authid',
    ],
  ] as const)('refuses a workload whose %s the database does not take: %s', async (kind, statement, why) => {
    cpSync(SMALL_PLAN, folder, { recursive: true });
    const file = join(folder, 'local', 'workload.sql');
    const workload = { ...parseWorkload(readFileSync(file, 'utf8')), ...{ [kind]: statement } };
    writeFileSync(file, `-- write:\n${workload.write};\n-- read:\n${workload.read};\n`);
    expect(await refused(['local', folder, ...QUICK, '--report', folder])).toContain(
      `local/workload.sql: user "app" cannot run the ${kind}: ${why}`,
    );
  });

  test('refuses a second process for a run id that is being run, and leaves that alone', async () => {
    const runId = newTestRunId();
    const args = ['local', SMALL_PLAN, ...QUICK, '--run-id', runId, '--report', folder];
    const first = bluegreen(args);
    await first.saw('prepare');
    expect(await refused(args)).toMatch(/is used by another local runtime, process \d+/);
    expect((await first.ended).code).toBe(0);
  });

  test('refuses a change that was applied with other content', async () => {
    cpSync(SMALL_PLAN, folder, { recursive: true });
    const seed = join(folder, 'local', 'seed.sql');
    const chain = createHash('sha256')
      .update(`\n1\n0001_add_currency.sql\n${'0'.repeat(64)}`)
      .digest('hex');
    writeFileSync(
      seed,
      `${readFileSync(seed, 'utf8')}
       create schema bluegreen;
       create table bluegreen.change (number bigint primary key, file text, sha256 text, chain text, run_id text, applied_at timestamptz default now());
       insert into bluegreen.change values (1, '0001_add_currency.sql', repeat('0', 64), '${chain}', 'earlier');`,
    );
    const { code, stdout } = await bluegreen(['local', folder, ...QUICK, '--json', '--report', folder]).ended;
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'rolled-back',
      reason: {
        phase: 'prepare',
        error: 'ChangeAltered',
        message: expect.stringContaining('changes/0001_add_currency.sql was applied with content sha256 000000000000…'),
      },
    });
    expect(code).toBe(2);
  });
});
