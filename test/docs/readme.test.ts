/** What the documentation tells people to type exists and works, the README's example included. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { localVerb } from '../../lib/cli/verbs/local';
import { PHASES } from '../../lib/core/phases';
import { parseFault } from '../../lib/local/faults';
import { codeBlocks, markdownFiles, ROOT, read } from './markdown';

const TEXT = markdownFiles().map(read).join('\n');
const README = read('README.md');

function all(pattern: RegExp): string[] {
  return [...new Set([...TEXT.matchAll(pattern)].map(([, found = '']) => found))];
}

describe('commands', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  test('run scripts that package.json has', () => {
    const named = [...all(/\bnpm run (?:-s )?([a-z][\w:-]*)/g), ...all(/\bnpm (start|test)\b/g)];
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'lint', 'types', 'synth', 'bluegreen']));
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('run programs that are installed', () => {
    const programs = all(/\bnpx ([a-z][\w-]*)/g);
    expect(programs).toEqual(expect.arrayContaining(['cdk', 'jest', 'tsx']));
    expect(programs.filter((name) => !existsSync(join(ROOT, 'node_modules', '.bin', name)))).toEqual([]);
  });

  test('name files and folders that exist, except the one that is meant to be missing', () => {
    const paths = all(/\b((?:examples|test|lib|lambdas|bin|docs)\/[\w./-]*\w)/g);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual(['examples/nowhere']);
  });

  test('give options that the program has', () => {
    const options = [...TEXT.matchAll(/(?:npm start|bluegreen local|bluegreen -- local)\b([^\n`#|]*)/g)].flatMap(
      ([, rest = '']) => [...rest.matchAll(/(--[a-z][a-z-]+)/g)].map(([, option = '']) => option),
    );
    expect(options).toEqual(expect.arrayContaining(['--fault', '--rehearse', '--hold']));
    expect(options.filter((option) => !localVerb.usage.includes(`  ${option} `))).toEqual([]);
  });

  test('inject faults that exist', () => {
    const faults = all(/--fault ([a-z][\w:@*]*)/g);
    expect(faults.length).toBeGreaterThan(3);
    for (const fault of faults) {
      expect(() => parseFault(fault)).not.toThrow();
    }
  });
});

test('the table of the flow has every phase but the rollback, in order', () => {
  const rows = [...README.matchAll(/^\| (\w+)\s+\|[^|]+\|$/gm)].map(([, phase]) => phase);
  expect(rows.filter((name) => PHASES.some((phase) => phase === name))).toEqual(
    PHASES.filter((phase) => phase !== 'rollback'),
  );
});

describe('the example of the README', () => {
  const [example = ''] = codeBlocks(README, 'ts');
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bluegreen-readme-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has at most twelve lines', () => {
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  });

  test('compiles under strict options', () => {
    // Inside the checkout, so that the packages it imports are found; it is never written there.
    const name = join(ROOT, 'readme-example.ts');
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
      ts.sys,
      ROOT,
    );
    const host = ts.createCompilerHost({ ...options, paths: { 'cdk-rds-bluegreen': [join(ROOT, 'lib/index.ts')] } });
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (path) => path === name || fileExists(path);
    host.readFile = (path) => (path === name ? example : readFile(path));
    host.getSourceFile = (path, ...rest) =>
      path === name
        ? ts.createSourceFile(path, example, ts.ScriptTarget.ES2022, true)
        : getSourceFile.call(host, path, ...rest);
    const program = ts.createProgram(
      [name],
      { ...options, types: ['node'], paths: { 'cdk-rds-bluegreen': [join(ROOT, 'lib/index.ts')] } },
      host,
    );
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(name));
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });

  test('synthesizes the stack with its alarm, without network and credentials', async () => {
    const file = join(folder, 'app.ts');
    const packages = { 'cdk-rds-bluegreen': 'lib/index', 'aws-cdk-lib': 'node_modules/aws-cdk-lib' };
    const text = Object.entries(packages).reduce(
      (before, [name, path]) => before.replace(`'${name}'`, JSON.stringify(join(ROOT, path))),
      example,
    );
    writeFileSync(file, text);
    const outdir = join(folder, 'out');
    await promisify(execFile)(process.execPath, ['--import', 'tsx', file], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [] }),
      },
    });
    const { Resources } = JSON.parse(readFileSync(join(outdir, 'OrdersMigration.template.json'), 'utf8')) as {
      Resources: Record<string, { Type: string }>;
    };
    const types = Object.values(Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(PHASES.length + 1); // the guard's
    expect(types).toEqual(
      expect.arrayContaining(['AWS::StepFunctions::StateMachine', 'AWS::CloudWatch::Alarm', 'AWS::Events::Rule']),
    );
  });
});
