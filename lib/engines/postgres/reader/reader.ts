/** Reads a database for a comparison, through one session. */
import type { AnswerBounds } from '../../../core/answers';
import type { ColumnName } from '../../../core/data-drift';
import type { Reader } from '../../../ports/reader';
import { readRoles, readSchema } from '../catalog/catalog';
import type { Session } from '../session/session';
import { answer, time } from './check-query';
import { readExtremes, readStatistics } from './statistics';

export class PostgresReader implements Reader {
  constructor(private readonly session: Session) {}

  schema = () => readSchema(this.session);
  roles = () => readRoles(this.session);
  answer = (sql: string, bounds: AnswerBounds) => answer(this.session, sql, bounds);
  time = (sql: string, limitMs: number) => time(this.session, sql, limitMs);
  statistics = () => readStatistics(this.session);
  extremes = (column: ColumnName) => readExtremes(this.session, column);
}
