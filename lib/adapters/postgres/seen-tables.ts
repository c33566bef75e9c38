/** Tables looked at again and again: all of them, and afterwards only whether any is another one than before. */
import type { LookedAtAll } from '../../ports/standstill';
import { FENCES, fenceGaps } from './fence';
import { drift } from './published-tables';
import type { Session } from './session';

/** Which transactions may have committed since. */
const MOMENT = 'select pg_snapshot_xmin(pg_current_snapshot())::text as moment';

/**
 * Whether no row of the catalog is newer than `$1`. A row's age is looked at first: with thousands of tables anything else that
 * is read of it takes as long again, and writers wait for it. A table that is gone leaves no row, but has taken its fence along.
 */
const NOTHING_NEWER = `
  select not exists (select from (select relkind, relpersistence from pg_class where age(xmin) <= age($1::xid8::xid) offset 0) c
                      where c.relkind in ('r', 'p') and c.relpersistence <> 't')
     and not exists (select from (select attrelid, attnum from pg_attribute where age(xmin) <= age($1::xid8::xid) offset 0) a
                       join pg_class c on c.oid = a.attrelid
                      where a.attnum > 0 and c.relkind in ('r', 'p') and c.relpersistence <> 't')
     and not exists (select from pg_namespace where age(xmin) <= age($1::xid8::xid))
     and not exists (select from pg_largeobject_metadata) as same`;

interface Seen {
  readonly moment: string;
  /** How many tables had a fence when none had none. */
  readonly fences: number;
}

export class SeenTables {
  private seen: Seen | undefined;

  constructor(private readonly session: Session) {}

  async look(): Promise<Pick<LookedAtAll, 'drifted' | 'fenceGaps'>> {
    const { session, seen } = this;
    if (seen) {
      const [[now], [fenced]] = await Promise.all([
        session.planned<{ same: boolean }>(NOTHING_NEWER, [seen.moment]),
        session.planned<Pick<Seen, 'fences'>>(FENCES),
      ]);
      if (now?.same && fenced?.fences === seen.fences) {
        return { drifted: [], fenceGaps: [] };
      }
    }
    // in this order: what commits meanwhile is newer, and what is dropped meanwhile is one less than were counted
    const [[at], [fenced], drifted, gaps] = await Promise.all([
      session.planned<Pick<Seen, 'moment'>>(MOMENT),
      session.planned<Pick<Seen, 'fences'>>(FENCES),
      drift(session),
      fenceGaps(session),
    ]);
    this.seen = at && fenced && drifted.length + gaps.length === 0 ? { ...at, ...fenced } : undefined;
    return { drifted, fenceGaps: gaps };
  }
}
