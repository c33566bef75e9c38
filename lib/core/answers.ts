/** Answers: the rows of a plan's queries as the server writes them, judged, compared without regard to order, and shown. */
import type { Judged } from './checks';
import { shortened } from './shortened';

export type Row = readonly (string | null)[];

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** There are more rows than were wanted. */
  readonly more: boolean;
}

/** How much of an answer is read. */
export interface AnswerBounds {
  readonly rows: number;
  readonly characters: number;
}

const CHARACTERS_READ = 16 * 1024 * 1024;
export const COUNTED: AnswerBounds = { rows: 1_000, characters: CHARACTERS_READ };
export const COMPARED: AnswerBounds = { rows: 10_000, characters: CHARACTERS_READ };

const SHOWN_ROWS = 10;
const SHOWN_CHARACTERS_OF_VALUE = 100;
const SHOWN_CHARACTERS_OF_ROW = 500;
const CHARACTERS_IN_MESSAGE = 60;

/** What a query returned that must return nothing. */
export function judgeNoRows(file: string, answer: Answer): Judged {
  const rows = answer.rows.length + (answer.more ? 1 : 0);
  const returned = shown(answer.columns, answer.rows);
  return {
    result: { file, kind: 'no-rows', passed: rows === 0, rows, returned },
    ...(rows > 0 && {
      against: `returned ${answer.more ? 'more than ' : ''}${counted(answer.rows.length)}, must return none; first: ${inMessage(returned)}`,
    }),
  };
}

/** Both answers must hold the same rows, each as often. */
export function judgeSame(file: string, blue: Answer, green: Answer): Judged {
  const why = whyIncomparable(blue, green);
  if (why) {
    return { result: { file, kind: 'same', passed: false, rows: 0, onlyOnBlue: [], onlyOnGreen: [] }, against: why };
  }
  const [lacking, extra] = [without(blue.rows, green.rows), without(green.rows, blue.rows)];
  const [onlyOnBlue, onlyOnGreen] = [shown(blue.columns, lacking), shown(green.columns, extra)];
  const rows = lacking.length + extra.length;
  const differences = [
    ...(lacking.length > 0 ? [`${counted(lacking.length)} only on blue, first: ${inMessage(onlyOnBlue)}`] : []),
    ...(extra.length > 0 ? [`${counted(extra.length)} only on green, first: ${inMessage(onlyOnGreen)}`] : []),
  ];
  return {
    result: { file, kind: 'same', passed: rows === 0, rows, onlyOnBlue, onlyOnGreen },
    ...(rows > 0 && { against: `answers differently: ${differences.join('; ')}` }),
  };
}

function whyIncomparable(blue: Answer, green: Answer): string | undefined {
  const tooLong = [...(blue.more ? ['blue'] : []), ...(green.more ? ['green'] : [])];
  if (tooLong.length > 0) {
    const { rows, characters } = COMPARED;
    return `returns more than can be compared on ${tooLong.join(' and ')}; allowed: at most ${rows} rows and ${characters / 1024 ** 2} MiB of text; aggregate`;
  }
  const [onBlue, onGreen] = [blue.columns, green.columns].map((columns) => columns.join(', '));
  return JSON.stringify(blue.columns) === JSON.stringify(green.columns)
    ? undefined
    : `has columns ${shortened(onBlue ?? '', CHARACTERS_IN_MESSAGE)} on blue and ${shortened(onGreen ?? '', CHARACTERS_IN_MESSAGE)} on green`;
}

/** The rows that `others` do not hold, or not as often. */
function without(rows: readonly Row[], others: readonly Row[]): Row[] {
  const left = new Map<string, number>();
  for (const row of others) {
    const key = JSON.stringify(row);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return rows.filter((row) => {
    const key = JSON.stringify(row);
    const matches = left.get(key) ?? 0;
    left.set(key, matches - 1);
    return matches <= 0;
  });
}

function shown(columns: readonly string[], rows: readonly Row[]): string[] {
  return rows.slice(0, SHOWN_ROWS).map((row) => {
    const values = columns.map((column, at) => `${column} = ${shownValue(row[at] ?? null)}`);
    return shortened(values.join(', ') || 'a row without columns', SHOWN_CHARACTERS_OF_ROW);
  });
}

function shownValue(value: string | null): string {
  if (value === null) {
    return 'null';
  }
  return value === '' || value === 'null'
    ? `'${value}'`
    : shortened(value, SHOWN_CHARACTERS_OF_VALUE).replace(/\p{Cc}/gu, (character) =>
        JSON.stringify(character).slice(1, -1),
      );
}

function inMessage(rows: readonly string[]): string {
  return shortened(rows[0] ?? '', CHARACTERS_IN_MESSAGE);
}

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
