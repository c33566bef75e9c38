/** Packs the package, installs it into an empty CDK app with each package manager, and synthesizes the README's example there, without esbuild and Docker. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PHASES } from '../../lib/core/phases';
import { codeBlocks } from '../docs/markdown';

const ROOT = join(__dirname, '../..');

/** The way each is called without being installed on the machine; pnpm lets a package see nothing it did not declare. */
const MANAGERS = {
  npm: ['npm', 'install', '--no-audit', '--no-fund'],
  pnpm: ['npx', '--yes', 'pnpm@10.34.9', 'install'],
} as const;

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bluegreen-package-'));
  try {
    const tarball = pack(folder);
    for (const [name, command] of Object.entries(MANAGERS)) {
      const app = join(folder, name);
      install(app, tarball, command);
      assertNoBundlerIn(app);
      assertOneAsset(synthesize(app));
      process.stdout.write(
        `${name}: installed, and synthesized without esbuild and Docker; one asset is the code of all functions\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pack(folder: string): string {
  const [{ filename, size, unpackedSize }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT, encoding: 'utf8' }),
  );
  process.stdout.write(`packed: ${filename}, ${size} bytes, unpacked ${unpackedSize}\n`);
  return join(folder, filename);
}

function install(app: string, tarball: string, [program, ...args]: readonly string[]): void {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { 'aws-cdk-lib': cdk, constructs } = devDependencies;
  mkdirSync(app);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({
      name: 'empty-app',
      private: true,
      dependencies: { 'aws-cdk-lib': cdk, constructs, 'cdk-rds-bluegreen': `file:${tarball}` },
      devDependencies: { '@types/node': devDependencies['@types/node'] },
    }),
  );
  execFileSync(program as string, args, { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] });
}

function assertNoBundlerIn(app: string): void {
  const installed = realpathSync(join(app, 'node_modules/cdk-rds-bluegreen/package.json'));
  for (const from of [join(app, 'app.js'), installed]) {
    assert.throws(() => createRequire(from).resolve('esbuild'), /Cannot find module/);
  }
}

/** Compiles the README's example against the installed types, and runs it. */
function synthesize(app: string): string {
  const [example = ''] = codeBlocks(readFileSync(join(ROOT, 'README.md'), 'utf8'), 'ts');
  writeFileSync(join(app, 'app.ts'), example);
  cpSync(join(app, 'node_modules/cdk-rds-bluegreen/examples'), join(app, 'examples'), { recursive: true });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--strict', '--module', 'node16', '--skipLibCheck', 'app.ts'], {
    cwd: app,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const outdir = join(app, 'cdk.out');
  execFileSync(process.execPath, ['app.js'], {
    cwd: app,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: dirname(process.execPath), HOME: app, CDK_DOCKER: join(app, 'no-docker'), CDK_OUTDIR: outdir },
  });
  return outdir;
}

function assertOneAsset(outdir: string): void {
  const { Resources } = JSON.parse(readFileSync(join(outdir, 'OrdersMigration.template.json'), 'utf8')) as {
    readonly Resources: Record<string, { readonly Type: string; readonly Properties: { readonly Code: unknown } }>;
  };
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  assert.ok(functions.length >= PHASES.length);
  assert.equal(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Code))).size, 1);
  const [code, ...others] = readdirSync(outdir).filter((name) => existsSync(join(outdir, name, 'index.js')));
  assert.deepEqual(others, []);
  const handlers = createRequire(outdir)(join(outdir, code as string, 'index.js'));
  assert.deepEqual(
    PHASES.filter((phase) => typeof handlers[phase] !== 'function'),
    [],
  );
}

main();
