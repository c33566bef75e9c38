/** A plan's local/workload.sql: the transactions that the prober's writers repeat as the application, and the query that finds their rows. */
import { ExpectedError } from '../../core/expected-error';
import { type Statement, statementsOf, verbOf } from './statements';

/** What a writer does to a row of its own. */
export const OPERATIONS = ['write', 'update', 'delete'] as const;
export type OperationKind = (typeof OPERATIONS)[number];

/**
 * The text of each section. A section of several statements is one transaction.
 *
 * $1 is a text key, unique per write; $2 is a non-negative int4, the value to be stored with it.
 */
export interface Workload {
  write: string;
  /** Replaces the value of an earlier write. */
  update?: string;
  /** Removes everything an earlier write stored. */
  delete?: string;
  /** One row per stored write: its key first; columns named `value` and `complete` are compared, too. */
  read: string;
}

const EXAMPLE = `-- write: one order
insert into orders (reference, customer_id) values ($1, $2 % 1000);
-- read: every order written this way
select reference from orders where reference like 'w%';`;

export class WorkloadMalformed extends ExpectedError {
  override readonly name = 'WorkloadMalformed';
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {
    super(
      `${file}: ${problem}; it holds one write and one read, and one update and one delete where it is to have them, ` +
        `each below its marker, for example\n${EXAMPLE}`,
    );
  }
}

type Section = OperationKind | 'read';
type Sections = ReadonlyMap<Section, string>;

const MARKER = /^--\s*(write|update|delete|read)\s*:.*$/;

/** The prober begins and ends the transactions, so that it knows which answer is the commit's. */
const TRANSACTION_CONTROL = ['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'savepoint', 'release'];

/** @throws WorkloadMalformed */
export function parseWorkload(text: string, file = 'local/workload.sql'): Workload {
  const sections = splitAtMarkers(text, file);
  for (const required of ['write', 'read'] as const) {
    if (!sections.has(required)) throw new WorkloadMalformed(file, `the line "-- ${required}:" is missing`);
  }
  for (const [section, sql] of sections) {
    const problem = problemOf(section, statementsOf(sql));
    if (problem) throw new WorkloadMalformed(file, problem);
  }
  const workload = Object.fromEntries(sections) as unknown as Workload;
  if (workload.update !== undefined && !takesValue(workload.write)) {
    throw new WorkloadMalformed(file, 'the write does not store $2, the value that the update replaces');
  }
  return workload;
}

export function takesValue(section: string): boolean {
  return takes(statementsOf(section), 2);
}

function problemOf(section: Section, statements: readonly Statement[]): string | undefined {
  if (statements.length === 0) return `no statement follows "-- ${section}:"`;
  const allowed = section === 'read' ? 0 : section === 'delete' ? 1 : 2;
  const tooHigh = statements.flatMap(({ parameters }) => parameters).find((number) => number < 1 || number > allowed);
  if (tooHigh !== undefined) {
    const given = ['nothing', 'only $1, the key', 'only $1, the key, and $2, the value'][allowed];
    return `the ${section} takes $${tooHigh}, but it is given ${given}`;
  }
  if (section === 'read') {
    return statements.length > 1 ? `the read holds ${statements.length} statements, but it is one query` : undefined;
  }
  const control = statements.map(verbOf).find((verb) => TRANSACTION_CONTROL.includes(verb));
  if (control !== undefined) {
    return `the ${section} says "${control}", but it is one transaction already, which the prober begins and ends`;
  }
  if (!takes(statements, 1)) {
    return section === 'write'
      ? 'the write does not store $1, the key by which it is recognized'
      : `the ${section} does not take $1, the key of the write it is about`;
  }
  return section === 'update' && !takes(statements, 2)
    ? 'the update does not store $2, the value by which it is recognized'
    : undefined;
}

function takes(statements: readonly Statement[], parameter: number): boolean {
  return statements.some(({ parameters }) => parameters.includes(parameter));
}

function splitAtMarkers(text: string, file: string): Sections {
  const sections = new Map<Section, string[]>();
  let current: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const marker = MARKER.exec(line.trim())?.[1] as Section | undefined;
    if (marker !== undefined) {
      if (sections.has(marker)) throw new WorkloadMalformed(file, `"-- ${marker}:" stands there twice`);
      current = [];
      sections.set(marker, current);
    } else if (current !== undefined) {
      current.push(line);
    } else if (statementsOf(line).length > 0) {
      throw new WorkloadMalformed(file, `"${line.trim()}" stands before the first marker`);
    }
  }
  return new Map([...sections].map(([section, lines]) => [section, lines.join('\n').trim().replace(/\s*;$/, '')]));
}
