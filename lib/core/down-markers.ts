/** Marks by which other migration tools part what a file does from what takes it back: executed as it is, such a file would undo itself. */

/** By tool, how the part begins that is not to be executed; each is a comment for the server. */
const MARKERS: readonly (readonly [tool: string, marker: RegExp])[] = [
  ['goose', /^--\s*\+goose\s+down\b/i],
  ['sql-migrate', /^--\s*\+migrate\s+down\b/i],
  ['dbmate', /^--\s*migrate:\s*down\b/i],
  ['rambler', /^--\s*rambler\s+down\b/i],
  ['tern', /^-{2,}\s*create above\s*\/\s*drop below/i],
  ['node-pg-migrate', /^--\s*down\s+migration\b/i],
  ['MyBatis', /^--\s*(\/\/)?\s*@undo\b/i],
  ['Play', /^(#|--)\s*-*\s*!downs\b/i],
  ['shmig', /^--\s*=+\s*down\s*=+/i],
  ['another tool', /^--+\s*[-=#@:[(]*\s*(down|undo|rollback|revert)\s*[-=#:\])]*\s*$/i],
];
const INCLUDES = /^--!\s*include\b/i;

/** @returns why the file cannot be a change, with the line */
export function downMarkerProblem(sql: string): string | undefined {
  for (const [index, line] of sql.split('\n').entries()) {
    const text = line.trim();
    const tool = MARKERS.find(([, marker]) => marker.test(text))?.[0];
    if (tool !== undefined) {
      return `line ${index + 1}: "${text}" is where ${tool} begins to take the change back, and this file is executed as a whole; remove it from this line on, the way back is failback`;
    }
    if (INCLUDES.test(text)) {
      return `line ${index + 1}: "${text}" includes another file for graphile-migrate, and no file is included here; put its text in its place`;
    }
  }
  return undefined;
}
