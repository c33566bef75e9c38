/** A plan's local/workload.sql: the one write and the one read that the prober repeats as the application. */

/** `write` takes $1, a unique text key, and optionally $2, a non-negative int4; `read` returns one row per stored write, its key first. */
export interface Workload {
  write: string;
  read: string;
}

const EXAMPLE = `-- write: one order
insert into orders (reference, customer_id) values ($1, $2 % 1000);
-- read: every order written this way
select reference from orders where reference like 'w%';`;

export class WorkloadMalformed extends Error {
  override readonly name = 'WorkloadMalformed';
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {
    super(
      `${file}: ${problem}; it holds exactly one write and one read, each below its marker, for example\n${EXAMPLE}`,
    );
  }
}

const MARKER = /^--\s*(write|read)\s*:.*$/;

/** @throws WorkloadMalformed */
export function parseWorkload(text: string, file = 'local/workload.sql'): Workload {
  const sections = splitAtMarkers(text, file);
  const write = statementOf('write', sections, file);
  const read = statementOf('read', sections, file);
  if (!takesParameter(write, 1)) {
    throw new WorkloadMalformed(file, 'the write does not store $1, the key by which it is recognized');
  }
  return { write, read };
}

export function takesParameter(statement: string, number: number): boolean {
  return new RegExp(`\\$${number}(?!\\d)`).test(withoutComments(statement));
}

type Sections = Map<string, string[]>;

function splitAtMarkers(text: string, file: string): Sections {
  const sections: Sections = new Map();
  let current: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const marker = MARKER.exec(line.trim())?.[1];
    if (marker !== undefined) {
      if (sections.has(marker)) throw new WorkloadMalformed(file, `"-- ${marker}:" stands there twice`);
      current = [];
      sections.set(marker, current);
    } else if (current !== undefined) {
      current.push(line);
    } else if (withoutComments(line).trim() !== '') {
      throw new WorkloadMalformed(file, `"${line.trim()}" stands before the first marker`);
    }
  }
  return sections;
}

function statementOf(kind: 'write' | 'read', sections: Sections, file: string): string {
  const lines = sections.get(kind);
  if (lines === undefined) throw new WorkloadMalformed(file, `the line "-- ${kind}:" is missing`);
  const statement = lines.join('\n').trim().replace(/\s*;$/, '');
  if (withoutComments(statement).trim() === '') {
    throw new WorkloadMalformed(file, `no statement follows "-- ${kind}:"`);
  }
  return statement;
}

function withoutComments(sql: string): string {
  return sql.replace(/--.*$/gm, '');
}
