import { foreignInstructionProblem } from '../../../lib/plans/foreign-instructions';

const LIQUIBASE = '--liquibase formatted sql\n\n';
const condition = (line: number, what: string) =>
  `line ${line}: "${what}" tells Liquibase whether to execute what follows, and this file is executed as a whole; remove it, or what follows where it is not for production`;
const filledIn = (line: number, what: string) =>
  `line ${line}: ${what} is a place that another tool fills in, and files are sent to the server as they are; write the value itself`;

describe('a file that another tool would not execute as it is', () => {
  it.each([
    ['--changeset bob:1 context:test', 'context:test'],
    ['-- changeset bob:1 splitStatements:false contextFilter:"test or dev"', 'contextFilter:"test or dev"'],
    ['--changeset bob:1 labels:later', 'labels:later'],
    ['--changeset bob:1 dbms:oracle,mysql', 'dbms:oracle,mysql'],
    ['--changeset bob:1 dbms:!postgresql', 'dbms:!postgresql'],
    ['--changeset bob:1 ignore:true', 'ignore:true'],
    ['--preconditions onFail:MARK_RAN', '--preconditions onFail:MARK_RAN'],
    [
      '--precondition-sql-check expectedResult:0 select count(*) from tags',
      '--precondition-sql-check expectedResult:0 select count(*) from tags',
    ],
  ])('refuses a condition of Liquibase: %s', (line, what) => {
    expect(foreignInstructionProblem('0001_a.sql', `${LIQUIBASE}${line}\nselect 1;`, 'postgresql')).toBe(
      condition(3, what),
    );
    expect(foreignInstructionProblem('0001_a.sql', `${line}\nselect 1;`, 'postgresql')).toBeUndefined();
  });

  it.each([
    ['V1__a.sql', `select 1;\nselect '\${currency}';`, 2],
    ['0001_a.sql', `${LIQUIBASE}select '\${currency}';`, 3],
    ['0001_a.sql', `-- +goose ENVSUB ON\nselect '\${currency}';`, 2],
  ])('refuses a place that is filled in, also within a text: %s, %j', (file, sql, line) => {
    expect(foreignInstructionProblem(file, sql, 'postgresql')).toBe(filledIn(line, `\${currency}`));
  });

  it.each([
    ['0001_a.sql', `insert into mails (text) values ('Dear \${name},');`],
    [
      '0001_a.sql',
      `${LIQUIBASE}--changeset bob:1 runOnChange:true dbms:postgresql,h2 ignore:false\nselect 1;\n--rollback select 2;`,
    ],
    ['V1__a.sql', 'select $1, $$a$$;'],
  ])('is a change where nothing of that kind stands: %s, %j', (file, sql) => {
    expect(foreignInstructionProblem(file, sql, 'postgresql')).toBeUndefined();
  });
});
