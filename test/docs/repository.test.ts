/** What must not be in the repository: addresses of registries, and paths of somebody's machine. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, repositoryFiles } from './markdown';

const TEXTS = repositoryFiles()
  .filter((file) => statSync(join(ROOT, file)).isFile())
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

function filesWith(pattern: RegExp): string[] {
  return TEXTS.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
}

test('no file names the host of a package registry', () => {
  // put together, so that this file does not name them either
  const hosts = ['npmjs', 'yarnpkg'].map((name) => `registry\\.${name}`).concat('npm\\.pkg\\.github');
  expect(TEXTS.length).toBeGreaterThan(200);
  expect(filesWith(new RegExp(hosts.join('|')))).toEqual([]);
});

test('the lock file records versions and hashes, and no addresses', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string; resolved?: string }>;
  };
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  expect(entries.length).toBeGreaterThan(100);
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test('no file names a folder of somebody', () => {
  expect(filesWith(/(^|[\s"'`(=])\/(root|work|home\/[a-z]+|Users\/[A-Za-z]+)\//m)).toEqual([]);
});
