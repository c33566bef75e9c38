/** Every decision record has the four parts, and the index lists it. */
import { markdownFiles, read } from './markdown';

const RECORDS = markdownFiles().filter((file) => /^docs\/decisions\/\d/.test(file));

test.each(RECORDS)('%s has a number, context, decision, consequence, and what was rejected', (file) => {
  const text = read(file);
  const [number = ''] = /\d{4}/.exec(file) ?? [];
  expect(text).toMatch(new RegExp(`^# ${number} `));
  expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
    'Context',
    'Decision',
    'Consequence',
    'Rejected',
  ]);
});

test('have a number each and are listed in their order', () => {
  const numbers = RECORDS.map((file) => Number(/\d{4}/.exec(file)?.[0]));
  expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(numbers);
  const listed = [...read('docs/decisions/README.md').matchAll(/\((\d{4}-[a-z0-9-]+\.md)\)/g)].map(([, name]) => name);
  expect(listed).toEqual(RECORDS.map((file) => file.split('/').at(-1)));
});

test('carry in the index the title that stands above them', () => {
  for (const file of RECORDS) {
    const [title = ''] = /(?<=^# ).+$/m.exec(read(file)) ?? [];
    expect(read('docs/decisions/README.md')).toContain(`[${title}](${file.split('/').at(-1)})`);
  }
});
