/** Reads a database for a comparison, through one session. */
import type { TableFacts } from '../../core/schema';
import type { Reader } from '../../ports/database';
import { readRoles, readSchema } from './catalog';
import { digestTable } from './digest';
import type { Session } from './session';

export class PostgresReader implements Reader {
  constructor(private readonly session: Session) {}

  schema = () => readSchema(this.session);
  roles = () => readRoles(this.session);
  digest = (table: TableFacts) => digestTable(this.session, table);

  /** The check's own text runs as a cursor in a read-only transaction: it cannot change anything, and returns no values to us. */
  check = (sql: string): Promise<number> =>
    this.session.transaction(async () => {
      await this.session.query(`declare bluegreen_check no scroll cursor for ${sql.trim().replace(/;\s*$/, '')}`);
      const rows = await this.session.query('fetch forward 1001 from bluegreen_check');
      return rows.length;
    }, 'read only');
}
