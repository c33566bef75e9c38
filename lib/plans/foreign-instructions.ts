/** What Liquibase, Flyway and goose read in a file and the server does not: conditions on which a part is executed, and places that they fill in. */

const LIQUIBASE = /^\s*--+\s*liquibase\s+formatted\s+sql\b/im;
const CHANGESET = /^--+\s*changeset\s/i;
const PRECONDITION = /^--+\s*precondition(s\b|-)/i;
/** Whatever else an attribute says does not decide whether its changeset is executed. */
const CONDITION = /\b(?:context(?:s|Filter)?|labels?|dbms|ignore|runWith|failOnError)\s*:\s*(?:"[^"]*"|\S+)/gi;
const ALWAYS = /^(dbms\s*:.*(?<![!\w])all\b|ignore\s*:\s*"?false|failOnError\s*:\s*"?true)/i;

const FILLS_IN = /^--+\s*\+goose\s+envsub\s+on\b/im;
const PLACEHOLDER = /\$\{[^}\n]+\}/;

/** @param dbms what Liquibase calls the server @returns why the file cannot be a change, with the line */
export function foreignInstructionProblem(file: string, sql: string, dbms: string): string | undefined {
  const liquibase = LIQUIBASE.test(sql);
  const filledIn = liquibase || /^V\d/.test(file) || FILLS_IN.test(sql);
  for (const [index, line] of sql.split('\n').entries()) {
    const text = line.trim();
    const condition = liquibase ? conditionIn(text, dbms) : undefined;
    if (condition !== undefined) {
      return `line ${index + 1}: "${condition}" tells Liquibase whether to execute what follows, and this file is executed as a whole; remove it, or what follows where it is not for production`;
    }
    const [placeholder] = (filledIn ? PLACEHOLDER.exec(text) : null) ?? [];
    if (placeholder !== undefined) {
      return `line ${index + 1}: ${placeholder} is a place that another tool fills in, and files are sent to the server as they are; write the value itself`;
    }
  }
  return undefined;
}

function conditionIn(line: string, dbms: string): string | undefined {
  if (PRECONDITION.test(line)) {
    return line;
  }
  const forThisServer = new RegExp(`^dbms\\s*:.*(?<![!\\w])${dbms}\\b`, 'i');
  return CHANGESET.test(line)
    ? line.match(CONDITION)?.find((attribute) => !ALWAYS.test(attribute) && !forThisServer.test(attribute))
    : undefined;
}
