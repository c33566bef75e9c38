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
  ['another tool', /^--\s*\+\w+\s+(down|undo|rollback|revert)\b/i],
];

/** A line of nothing but such words, at least one of the first kind, is a headline, in whatever signs it is set; one with others is a remark. */
const TAKES_BACK = /^(downs?|undo|rollback|revert|reverse|backwards?)$/;
const BESIDE_IT =
  /^(migrat(e|ion|ions)|scripts?|sections?|parts?|sql|statements?|begins?|starts?|below|here|name|transaction|notransaction|true|false)$/;
const INCLUDES = /^--!\s*include\b/i;

/** @returns why the file cannot be a change, with the line */
export function downMarkerProblem(sql: string): string | undefined {
  for (const [index, line] of sql.split(/\r\n?|\n/).entries()) {
    const text = line.trim();
    const tool = toolOf(text.replace(/^\/\*+\s*(.*?)\s*\*+\/$/, '-- $1'));
    if (tool !== undefined) {
      return `line ${index + 1}: "${text}" is where ${tool} begins to take the change back, and this file is executed as a whole; remove it from this line on, the way back is failback`;
    }
    if (INCLUDES.test(text)) {
      return `line ${index + 1}: "${text}" includes another file for graphile-migrate, and no file is included here; put its text in its place`;
    }
  }
  return undefined;
}

function toolOf(comment: string): string | undefined {
  const named = MARKERS.find(([, marker]) => marker.test(comment))?.[0];
  return named ?? (isHeadline(comment) ? 'another tool' : undefined);
}

function isHeadline(comment: string): boolean {
  const words = comment.startsWith('--') ? comment.toLowerCase().match(/[^\W_]+/g) : null;
  return Boolean(
    words?.some((word) => TAKES_BACK.test(word)) &&
      words.every((word) => TAKES_BACK.test(word) || BESIDE_IT.test(word)),
  );
}
