/** A write attempt that changes nothing: it tells whether the database accepts writes from whoever makes it. */
import { escapeIdentifier } from 'pg';
import { DatabaseRefused } from '../../../core/errors';
import type { WriteAttempt } from '../../../ports/database';
import { APPLICATION_RELATION } from '../run-record/own-schema';
import type { Session } from '../session/session';
import { readOnlyByDefault } from './freeze';

/** One column of one table this user may write to, preferring a table it may delete from. */
const WRITABLE = `
  select n.nspname as schema, c.relname as name, a.attname as "column", has_table_privilege(c.oid, 'DELETE') as deletes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
   where c.relkind in ('r', 'p') and c.relpersistence = 'p'
     and ${APPLICATION_RELATION}
     and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
     and (has_table_privilege(c.oid, 'DELETE') or has_table_privilege(c.oid, 'INSERT'))
   order by deletes desc, c.oid, a.attnum limit 1`;

interface WritableRow {
  schema: string;
  name: string;
  column: string;
  deletes: boolean;
}

/** One attempt in a session of its own, made ready before it is needed: in a switchover writers wait for it. */
export class PreparedAttempt {
  private constructor(
    private readonly session: Session,
    /** Finds no row to write, yet meets the read-only setting and every statement trigger as a real one would; none where nothing can be written to. */
    private readonly statement: string | undefined,
  ) {}

  /** @param session a client's, without the run's exemptions; closed with the attempt */
  static async in(session: Session): Promise<PreparedAttempt> {
    try {
      await session.query('reset default_transaction_read_only');
      return new PreparedAttempt(session, await findStatement(session));
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  processId(): Promise<number | undefined> {
    return this.session.processId();
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** @param insist asks for a read-write transaction, as a session may that does not care for the database's default */
  async make(insist: boolean): Promise<WriteAttempt> {
    const { session, statement } = this;
    if (statement === undefined) {
      // not what this session says: it may have been made before the database became read-only
      const accepted = !(await readOnlyByDefault(session));
      return {
        accepted,
        message: `there is no table to write to; the database is ${accepted ? 'not ' : ''}read-only by default`,
      };
    }
    try {
      // one message; what is refused ends with the session
      await session.query(`begin ${insist ? 'read write' : ''}; ${statement}; commit`);
      return { accepted: true, message: `"${statement}" was accepted` };
    } catch (error) {
      if (error instanceof DatabaseRefused) {
        return { accepted: false, message: error.serverMessage };
      }
      throw error;
    }
  }
}

async function findStatement(session: Session): Promise<string | undefined> {
  const [table] = await session.query<WritableRow>(WRITABLE);
  if (!table) {
    return undefined;
  }
  const name = `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
  const column = escapeIdentifier(table.column);
  return table.deletes
    ? `delete from ${name} where false`
    : `insert into ${name} (${column}) select ${column} from ${name} where false`;
}
