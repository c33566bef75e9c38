import { downMarkerProblem } from '../../../lib/plans/down-markers';

describe('a file of another tool', () => {
  it.each([
    ['goose', '-- +goose Down'],
    ['sql-migrate', '-- +migrate Down'],
    ['dbmate', '-- migrate:down transaction:false'],
    ['rambler', '-- rambler down'],
    ['tern', '---- create above / drop below ----'],
    ['node-pg-migrate', '-- Down Migration'],
    ['MyBatis', '--//@UNDO'],
    ['MyBatis', '-- @UNDO'],
    ['Play', '# --- !Downs'],
    ['Play', '-- !Downs'],
    ['shmig', '-- ==== DOWN ===='],
    ['another tool', '-- Down'],
    ['another tool', '--- rollback:'],
    ['another tool', '-- >>> DOWN <<<'],
    ['another tool', '-- *** Rollback script ***'],
    ['another tool', '-- migration:down'],
    ['another tool', '-- migrate down'],
    ['another tool', '-- name: down'],
    ['another tool', '-- <undo>'],
    ['another tool', '-- Reverse migration'],
    ['another tool', '-- +drift down'],
    ['another tool', '/* down */'],
    ['goose', '/* +goose Down */'],
  ])('refuses that of %s, whose part that takes the change back would be executed, too: %s', (tool, marker) => {
    expect(downMarkerProblem(`create table tags (id int);\r\n\r\n${marker}\r\ndrop table tags;`)).toBe(
      `line 3: "${marker}" is where ${tool} begins to take the change back, and this file is executed as a whole; remove it from this line on, the way back is failback`,
    );
  });

  it('refuses it also where lines end as on an old Macintosh', () => {
    expect(downMarkerProblem('select 1;\r-- migrate:down\rselect 2;')).toMatch(
      /^line 2: "-- migrate:down" is where dbmate/,
    );
  });

  it('refuses one that includes another for graphile-migrate', () => {
    expect(downMarkerProblem('--!include functions/f.sql')).toContain(
      'line 1: "--!include functions/f.sql" includes another file',
    );
  });

  it.each([
    '-- +goose Up\ncreate table tags (id int);',
    '-- the number goes down here\nselect 1',
    '-- rollback is done by failback\nselect 1',
    '-- revert migration 0005: the column is needed after all\nselect 1',
    '-- undo what 0004 did\nselect 1',
    '--rollback alter table tags drop column name;\nselect 1',
    '-- up / down\nselect 1',
    'select 1 /* down */ + 1',
    "insert into moves (name) values ('down');",
  ])('is a change where nothing takes it back: %j', (sql) => {
    expect(downMarkerProblem(sql)).toBeUndefined();
  });
});
