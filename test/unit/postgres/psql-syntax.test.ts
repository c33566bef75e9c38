/** What only psql understands is refused by what it is, with its line, in changes and checks. */
import { checkProblem, loadStatementParser, parseChange } from '../../../lib/engines/postgres/changes/statement-parser';

beforeAll(loadStatementParser);

const problemOf = (sql: string) => (parseChange(sql) as { problem?: string }).problem;
const command = (line: number, name: string) =>
  `line ${line}: ${name} is a command of psql, and files are sent to the server as they are; remove it`;
const variable = (line: number, name: string) =>
  `line ${line}: ${name} is a variable of psql, and files are sent to the server as they are; write the value itself`;

describe('a file for psql', () => {
  it.each([
    ['-- a dump\n\n\\restrict abcDEF123\n\nselect 1;', command(3, '\\restrict')],
    ['select 1;\n\\connect shop\nselect 2;', command(2, '\\connect')],
    ['\\set ON_ERROR_STOP on\nselect 1;', command(1, '\\set')],
    ['select 1;\n  \\i other.sql', command(2, '\\i')],
    ["\\copy tags from 'tags.csv'", command(1, '\\copy')],
    ['select 1 \\gexec', command(1, '\\gexec')],
    ["alter table orders add column currency text default :'currency';", variable(1, ":'currency'")],
    ['select 1;\nalter table :"name" add column a int;', variable(2, ':"name"')],
    ['drop table :name;', variable(1, ':name')],
  ])('is refused: %j', (sql, problem) => {
    expect(problemOf(sql)).toBe(problem);
    expect(checkProblem(sql, 'same')).toBe(problem);
  });

  it('is refused where rows follow a COPY, and where none do', () => {
    const rows =
      'create table rates (code text, rate numeric);\ncopy rates (code, rate) from stdin;\nEUR\t1.0\n\\.\nselect 1;';
    expect(problemOf(rows)).toBe(
      'line 2: COPY … FROM STDIN with its rows in the file is for psql and pg_dump; write them as INSERT … VALUES',
    );
    expect(
      problemOf("create table r (a text, b text);\ncopy r\n  (a, b)\n  from stdin with (delimiter ';');\na;b\n\\.\n"),
    ).toMatch(/^line 2: COPY … FROM STDIN with its rows/);
    const refused =
      'COPY from STDIN or to STDOUT exchanges rows with a client, and a file is applied by the server itself; write the rows as INSERT ... VALUES';
    expect(problemOf('create table rates (code text);\ncopy rates (code) from stdin;')).toBe(`line 2: ${refused}`);
    expect(problemOf('copy orders to stdout')).toBe(`line 1: ${refused}`);
    expect(problemOf("copy rates from program 'cat rates'")).toBeUndefined();
  });

  it.each([
    [`alter table \${schema}.orders add column a int;`, 1, `\${schema}`],
    ['select 1;\nselect {{ ref("orders") }};', 2, '{{ ref("orders") }}'],
    ['{% if test %}\nselect 1;\n{% endif %}', 1, '{% if test %}'],
  ])('is refused where another tool fills in a place: %s', (sql, line, place) => {
    expect(problemOf(sql)).toBe(
      `line ${line}: ${place} is a place that another tool fills in, and files are sent to the server as they are; write the value itself`,
    );
  });

  it('is refused for a byte order mark that nobody sees', () => {
    expect(problemOf('select 1;\n\uFEFFselect 2;')).toBe(
      'line 2: a byte order mark stands before a statement, as where files were put together; remove the invisible character',
    );
  });

  it('is none because of a colon or backslash that the server understands', () => {
    expect(problemOf("select (array[1, 2])[1:2], '\\x00'::bytea, E'\\n', $$ \\set :name $$;")).toBeUndefined();
    expect(problemOf('select 1 1')).toMatch(/^line 1, column 10: syntax error/);
  });
});
