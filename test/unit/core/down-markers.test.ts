import { downMarkerProblem } from '../../../lib/core/down-markers';

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
  ])('refuses that of %s, whose part that takes the change back would be executed, too: %s', (tool, marker) => {
    expect(downMarkerProblem(`create table tags (id int);\r\n\r\n${marker}\r\ndrop table tags;`)).toBe(
      `line 3: "${marker}" is where ${tool} begins to take the change back, and this file is executed as a whole; remove it from this line on, the way back is failback`,
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
    "insert into moves (name) values ('down');",
  ])('is a change where nothing takes it back: %j', (sql) => {
    expect(downMarkerProblem(sql)).toBeUndefined();
  });
});
