/** What `bluegreen plan` prints: a table of the statements, their notes below them, and one line about the whole. */

import type { ClassifiedStatement } from '../core/classification';
import type { Plan } from '../core/plan';
import type { PlanReading } from '../plans/plan-folder';

const WIDTH = 120;
const GAP = '  ';

/** @param sync what the statements were judged by; undefined where plan.json does not say it */
export function planLines({ plan, statements, problems }: PlanReading, sync: Plan['sync'] | undefined): string[] {
  return [
    ...(plan ? [`plan ${plan.name}, sync: ${plan.sync}`, ''] : []),
    ...(statements.length > 0 && sync ? [...table(statements, sync), ''] : []),
    summary(statements, problems.length, wayBack(plan, statements, sync)),
  ];
}

type Row = readonly string[];

/** The statement is the one cell that is wrapped. */
const STATEMENT = 1;

function table(statements: readonly ClassifiedStatement[], sync: Plan['sync']): string[] {
  const frozen = sync === 'freeze';
  const head: Row = ['change', 'statement', ...(frozen ? [] : ['following', 'way back']), 'rewrites'];
  const rows = statements.map(
    ({ file, line, statement, following, wayBack, rewrites }): Row => [
      `${file}:${line}`,
      statement,
      ...(frozen ? [] : [following, wayBack]),
      rewrites,
    ],
  );
  const widths = columnWidths([head, ...rows]);
  return [
    ...lines(head, widths),
    ...statements.flatMap(({ notes }, index) => [
      ...lines(rows[index] ?? [], widths),
      ...notes.flatMap((note) =>
        wrapped(note, WIDTH - 6).map((text, part) => `${part === 0 ? '    - ' : '      '}${text}`),
      ),
    ]),
  ];
}

/** What the others leave is the statement's, at least so much that it can be read. */
function columnWidths(rows: readonly Row[]): number[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const others = widths.reduce((sum, width, column) => sum + (column === STATEMENT ? 0 : width + GAP.length), 0);
  return widths.map((width, column) => (column === STATEMENT ? Math.min(width, Math.max(24, WIDTH - others)) : width));
}

function lines(row: Row, widths: readonly number[]): string[] {
  const statement = wrapped(row[STATEMENT] ?? '', widths[STATEMENT] ?? 0);
  return statement.map((text, part) =>
    row
      .map((cell, column) => (column === STATEMENT ? text : part === 0 ? cell : '').padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

function wrapped(text: string, width: number): string[] {
  const found: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      found.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...found, line];
}

function summary(statements: readonly ClassifiedStatement[], problems: number, way: string): string {
  const count = (holds: (statement: ClassifiedStatement) => boolean) => statements.filter(holds).length;
  const rewriting = count(({ rewrites }) => rewrites === 'yes');
  const perhaps = count(({ rewrites }) => rewrites === 'perhaps');
  const refused = count((statement) => statement.refused.length > 0);
  return [
    `${counted(new Set(statements.map(({ file }) => file)).size, 'change')}, ${counted(statements.length, 'statement')}`,
    rewriting + perhaps === 0 ? 'no table is rewritten' : `${rewriting} rewrite a table, ${perhaps} perhaps`,
    way,
    ...(problems > 0 ? [counted(problems, 'problem')] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(problems + refused === 0 ? ['allowed'] : []),
  ].join('; ');
}

function wayBack(
  plan: Plan | undefined,
  statements: readonly ClassifiedStatement[],
  sync: Plan['sync'] | undefined,
): string {
  if (sync === 'freeze') {
    return 'no way back (sync: freeze)';
  }
  if (statements.some((statement) => statement.wayBack === 'one-way')) {
    return plan?.acceptOneWay ? 'no way back, as the plan accepts' : 'no way back, which prepare refuses';
  }
  return statements.some((statement) => statement.wayBack === 'depends') ? 'a way back on conditions' : 'a way back';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
