/** The Markdown files of this repository, and what can be read out of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** Files under version control or about to be. */
export function repositoryFiles(): string[] {
  const deleted = new Set(gitFiles('--deleted'));
  return gitFiles('--cached', '--others', '--exclude-standard').filter((file) => !deleted.has(file));
}

function gitFiles(...which: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', ...which], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return [...new Set(listed)].filter((file) => file !== '').sort();
}

export function markdownFiles(): string[] {
  return repositoryFiles().filter((file) => file.endsWith('.md'));
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** The fenced blocks in a language. */
export function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(/^[ \t]*```(\w*)\n([\s\S]*?)^[ \t]*```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code = '']) => code);
}

/** Text without fenced blocks, whose content is no prose. */
export function prose(text: string): string {
  return text.replace(/^[ \t]*```[\s\S]*?^[ \t]*```$/gm, '');
}

/** Anchors as GitHub makes them of headings. */
export function anchors(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}
