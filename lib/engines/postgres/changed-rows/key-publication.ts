/** What a side publishes so that it can be read which of its rows changed: the columns that name them, and a slot that keeps them. */
import { escapeIdentifier } from 'pg';
import { PUBLISHED_TABLES } from '../guardrails/guardrail';
import { advanceSlot, closeChannel, createSlot, hasPublication, slotState } from '../replication/publisher';
import type { Session } from '../session/session';

export interface KeptColumns {
  /** Whether nothing but names is published. The server lets nobody drop a column that is listed, so not where changes are still to come. */
  readonly namesOnly: boolean;
}

interface Table {
  relation: string;
  /** Null where all columns together name a row. */
  names: string[] | null;
}

/** Tables whose rows have a name; updates of others would fail once they are published. */
const TABLES = `
  select format('%I.%I', t.nspname, t.relname) as relation,
         case t.relreplident when 'f' then null else array(select quote_ident(a.attname) from pg_attribute a
           where a.attrelid = t.oid and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) order by a.attnum) end as names
    from (select c.oid, n.nspname, c.relname, c.relreplident from ${PUBLISHED_TABLES}) t
    left join pg_index i on i.indrelid = t.oid and i.indisvalid and i.indisunique and i.indimmediate
                        and case t.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end
   where t.relreplident = 'f' or i.indexrelid is not null`;

/** @returns false when transactions that began before are still running */
export async function keepChanges(session: Session, channel: string, columns: KeptColumns): Promise<boolean> {
  const slot = await slotState(session, channel);
  if (slot && !slot.lost) {
    await advanceSlot(session, channel);
    return true;
  }
  if (slot) {
    await closeChannel(session, channel); // both sides are about to be compared as a whole
  }
  if (!(await hasPublication(session, channel))) {
    const tables = await tableList(session, columns);
    await session.query(
      `create publication ${escapeIdentifier(channel)}${tables === '' ? '' : ` for table ${tables}`}`,
    );
  }
  return createSlot(session, channel);
}

/** From now on nothing but names is published: what is written has not to be sent along with them. */
export async function publishNamesOnly(session: Session, channel: string): Promise<void> {
  const tables = await tableList(session, { namesOnly: true });
  if (tables !== '' && (await hasPublication(session, channel))) {
    await session.query(`alter publication ${escapeIdentifier(channel)} set table ${tables}`);
  }
}

async function tableList(session: Session, { namesOnly }: KeptColumns): Promise<string> {
  const tables = await session.query<Table>(TABLES);
  return tables
    .map(({ relation, names }) => `only ${relation}${namesOnly && names ? ` (${names.join(', ')})` : ''}`)
    .join(', ');
}
