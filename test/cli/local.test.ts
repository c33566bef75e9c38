import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bluegreen, QUICK, refused } from '../support/command-line';
import { descendants, untilGone } from '../support/lifetime/processes';
import { SMALL_PLAN } from '../support/local-run-fixture';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bluegreen-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a run', () => {
  test('prints one line per change of a phase, writes its report and leaves no process behind', async () => {
    const {
      ended,
      process: child,
      saw,
    } = bluegreen(['local', SMALL_PLAN, ...QUICK, '--report', join(folder, 'report')]);
    await saw('prepare');
    const started = descendants(child.pid ?? 0).map(({ pid }) => pid);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(started.length).toBeGreaterThanOrEqual(4);
    await untilGone(started);
    for (const phase of ['prepare', 'snapshot', 'clone', 'migrate', 'validate', 'switchover', 'bake', 'retire']) {
      expect(stdout).toMatch(new RegExp(`^  ${phase} +done +[0-9.]+ s   .+$`, 'm'));
    }
    expect(stdout).toContain('migrated: green serves the application');
    expect(JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8'))).toMatchObject({
      version: 1,
      plan: 'small',
      engine: expect.stringMatching(/^postgres 1\d\.\d+$/),
      sync: 'freeze',
      outcome: 'migrated',
      serving: 'green',
      reason: null,
      writes: { lost: 0, duplicated: 0 },
      leftovers: [],
    });
    expect(readFileSync(join(folder, 'report', 'report.md'), 'utf8')).toContain('migrated');
  });
});

describe('Ctrl-C', () => {
  test('in the middle undoes the run, reports it, and ends every process', async () => {
    const {
      ended,
      process: child,
      saw,
    } = bluegreen(['local', SMALL_PLAN, ...QUICK, '--pace', '20', '--report', folder]);
    await saw('clone ');
    const started = descendants(child.pid ?? 0).map(({ pid }) => pid);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(stdout).toContain('stopping: the run is being undone; Ctrl-C again ends at once');
    expect(stdout).toContain('rolled-back: blue serves the application');
    expect(stdout).toMatch(/writes: \d+ acknowledged, 0 lost, 0 duplicated/);
    expect(code).toBe(3);
    await untilGone(started);
  });
});

describe('bad input', () => {
  test('refuses unknown options, faults and numbers, all in one list', async () => {
    const said = await refused(['local', '--fault', 'nap', '--port', '99999', '--pace', 'fast', '--sync', 'later']);
    expect(said).toContain('fault "nap" is not known; allowed: <phase>, <phase>:before');
    expect(said).toContain('--port 99999: allowed is a whole number from 0 to 65535');
    expect(said).toContain('--pace fast: allowed is a whole number from 1 to 100000');
    expect(said).toContain('--sync later: allowed are replication and freeze');
    expect(await refused(['local', '--speed', '9'])).toContain("Unknown option '--speed'");
    expect(await refused(['migrate'])).toContain('verb "migrate" is not known; allowed: plan, local, failback');
  });

  test('refuses a folder that is not there', async () => {
    expect(await refused(['local', join(folder, 'nowhere')])).toContain(
      'plan.json cannot be read (no such file or folder); a plan is a folder with plan.json, changes/ and checks/',
    );
  });

  test('refuses a plan with everything that is wrong in it', async () => {
    cpSync(SMALL_PLAN, folder, { recursive: true });
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    writeFileSync(
      join(folder, 'plan.json'),
      JSON.stringify({
        ...plan,
        blue: { ...plan.blue, identifier: 'a--b' },
        bake: { seconds: 'long' },
        colour: 'blue',
      }),
    );
    writeFileSync(join(folder, 'changes', '0002_again.sql'), 'select 1;');
    writeFileSync(join(folder, 'changes', '0004_empty.sql'), '');
    const said = await refused(['local', folder]);
    expect(said).toContain('colour: unknown key; allowed: ');
    expect(said).toContain('blue.identifier: "a--b" ends with a hyphen or contains two in a row');
    expect(said).toContain('bake.seconds: "long" is not of type number');
    expect(said).toContain('changes/0002_again.sql and changes/0002_widen.sql: both have number 2');
    expect(said).toContain('changes/0004_empty.sql: holds no statement');
  });

  test('refuses to begin a run whose report could not be written', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, '');
    expect(await refused(['local', SMALL_PLAN, ...QUICK, '--report', file])).toContain(
      `no report can be written to "${file}" (it is a file)`,
    );
  });

  test('refuses a database name that the local RDS cannot give', async () => {
    cpSync(SMALL_PLAN, folder, { recursive: true });
    const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, blue: { ...plan.blue, database: 'my db' } }));
    expect(await refused(['local', folder, ...QUICK, '--report', folder])).toContain(
      'plan.json: the local RDS cannot make such a blue: DBName "my db" must have 1 to 63 letters',
    );
  });

  test('refuses a seed with an error, and says in which line', async () => {
    cpSync(SMALL_PLAN, folder, { recursive: true });
    writeFileSync(join(folder, 'local', 'seed.sql'), '-- ünï\ncreate table t ();\n\nselect nothing;');
    expect(await refused(['local', folder, ...QUICK, '--report', folder])).toContain(
      'local/seed.sql: line 4: column "nothing" does not exist',
    );
  });

  test.each(['--port', '--rds-port', '--states-port'])('refuses a %s in use', async (option) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      const said = await refused(['local', SMALL_PLAN, ...QUICK, '--report', folder, option, String(port)]);
      expect(said).toMatch(
        new RegExp(`cannot listen on 127.0.0.1:${port}: (the port is in use|another process already does)`),
      );
    } finally {
      server.close();
    }
  });
});
