/** Bundles the handlers of all functions into dist/handlers, with the licenses of what is in it; runs before a pack and before a synth of the checkout. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(__dirname, '..');
const FOLDER = join(ROOT, 'dist', 'handlers');

function main(): void {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['lambdas/index.ts'],
    outfile: join(FOLDER, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Readable stack traces in the logs; the size does not matter.
    minify: false,
    // The Retry lists match error names, which are class names: a renamed class would never match.
    keepNames: true,
    // The SDK is in it: the runtime's own lags behind, and does not know the newest RDS parameters.
    external: ['pg-native'],
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const [{ text } = { text: '' }] = outputFiles;
  mkdirSync(FOLDER, { recursive: true });
  replace('index.js', text);
  replace('THIRD-PARTY-LICENSES.txt', licenses(Object.keys(metafile.inputs)));
}

/** In one step: another synth of this checkout may be reading. */
function replace(name: string, text: string): void {
  const unfinished = join(FOLDER, `.${name}.${process.pid}`);
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, join(FOLDER, name));
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Every license text once, under the names of the packages it covers. */
function licenses(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((path) => path.match(/^.*\bnode_modules\/(@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const packages = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const text = licenseIn(join(ROOT, folder));
    packages.set(text, [...(packages.get(text) ?? []), folder.replace(/^.*\bnode_modules\//, '')]);
  }
  return [...packages].map(([text, names]) => `${names.join(', ')}\n\n${text.trim()}\n`).join('\n---\n\n');
}

function licenseIn(folder: string): string {
  const file = existsSync(folder) ? readdirSync(folder).find((name) => /^licen[cs]e/i.test(name)) : undefined;
  const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly license?: string };
  return file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8');
}

main();
