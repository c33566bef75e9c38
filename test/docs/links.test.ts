/** Every link of every Markdown file leads somewhere, also to the heading it names. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchors, markdownFiles, prose, ROOT, read } from './markdown';

interface Link {
  readonly file: string;
  readonly target: string;
}

const LINKS: Link[] = markdownFiles().flatMap((file) =>
  [...prose(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({ file, target })),
);

function problem({ file, target }: Link): string | undefined {
  if (/^https?:/.test(target)) {
    return undefined;
  }
  const [path = '', anchor] = target.split('#');
  const resolved = path === '' ? file : normalize(join(dirname(file), path));
  if (!existsSync(join(ROOT, resolved))) {
    return `${file}: ${target}: there is no ${resolved}`;
  }
  return anchor === undefined || anchors(read(resolved)).includes(anchor)
    ? undefined
    : `${file}: ${target}: ${resolved} has no heading for #${anchor}`;
}

test('links lead to files and headings that exist', () => {
  expect(LINKS.length).toBeGreaterThan(50);
  expect(LINKS.flatMap((link) => problem(link) ?? [])).toEqual([]);
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    for (const { target } of LINKS.filter((link) => link.file === file && !/^https?:/.test(link.target))) {
      const path = target.split('#')[0] ?? '';
      if (path !== '') {
        reached.add(normalize(join(dirname(file), path)));
      }
    }
  }
  expect(markdownFiles().filter((file) => file.startsWith('docs/') && !reached.has(file))).toEqual([]);
});
