/** Whether the table of conversions is what the servers do: a part of it is derived anew, and what makes databases lose values is in it as literals. */
import { columnType } from '../../../lib/engines/postgres/way-back/column-type';
import { conversionBetween } from '../../../lib/engines/postgres/way-back/conversions';
import table from '../../../lib/engines/postgres/way-back/conversions.json';
import { derive } from '../../conversions/derive';

/** All modifiers of a type, since a row stands for all of them. */
const FROM = /^(boolean|char\(\d+\)|bpchar|inet|money|real|timestamp(\(\d\))?|public\.mood)$/;
const TO = /^(text|varchar(\(\d+\))?|integer|numeric(\([\d,-]+\))?|double precision|date|public\.feeling)$/;

/** Wherever on earth, and should it be midnight. */
const daysAround = (nowMs: number) =>
  [-1, 0, 1].map((days) => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10));

test('a part of the table, derived anew on the oldest and the newest major, is as it was', async () => {
  const derived = await derive((from, to) => FROM.test(from.type) && TO.test(to.type));
  const bases = (all: readonly { from: string; to: string }[]) => new Set(all.map(({ from, to }) => `${from} ${to}`));
  expect(derived.length).toBeGreaterThan(40);
  const passing = ['"now', ...daysAround(Date.now())]; // what "now" and "today" stand for is another value tomorrow
  const lasting = derived.filter((row) => !passing.some((text) => JSON.stringify(row).includes(text)));
  expect(lasting.length).toBeGreaterThan(40);
  const part = bases(derived);
  expect(table.filter(({ from, to }) => part.has(`${from} ${to}`))).toEqual(expect.arrayContaining(lasting));
});

/** What the documentation of the server says of these, and what public bug reports found. */
test.each([
  ['boolean', 'text', { plain: ['t', 'true', 't'] }],
  ['character(5)', 'text', { plain: [' ', '', ' '] }],
  ['real', 'double precision', { plain: ['0.1', '0.10000000149011612', '0.1'] }],
  ['integer', 'bigint', { plain: 'same', cast: 'same', written: 'same', key: 'same', back: 'same' }],
  ['integer', 'numeric', { plain: 'same', key: 'same', back: 'same' }],
  ['character varying(20)', 'character varying(50)', { plain: 'same', cast: 'same', key: 'same', back: 'but blanks' }],
  ['character varying(50)', 'character varying(20)', { plain: 'same', key: ['abcde', 'abcde   '] }],
  ['numeric(10,2)', 'numeric(12,2)', { plain: 'same', key: 'same', back: 'same' }],
  ['numeric(10,2)', 'numeric(12,4)', { plain: 'same', key: 'same' }],
  ['numeric', 'text', { plain: 'same', key: ['0.0', '0'] }],
  ['cidr', 'inet', { plain: 'same', key: 'same' }],
  ['date', 'timestamp without time zone', { plain: 'same' }],
])('from %s to %s', (from, to, expected) => {
  expect(conversionBetween(columnType(from), columnType(to)) ?? {}).toMatchObject(expected);
});
