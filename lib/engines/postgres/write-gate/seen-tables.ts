/** Tables looked at again and again: all of them, and afterwards only whether any is another one than before. */
import type { Found } from '../../../ports/counters';
import { drift } from '../replication/published-tables';
import type { Session } from '../session/session';
import { FENCES, fenceGaps } from './fence';

/** Which transactions may have committed since. */
const MOMENT = 'select pg_snapshot_xmin(pg_current_snapshot())::text as moment';

/**
 * Whether no row of the catalog is newer than `$1`. A row's age is looked at first: with thousands of tables anything else that
 * is read of it takes as long again, and writers wait for it. A table that is gone leaves no row, but has taken its fence along, see {@link FENCES}.
 */
const NOTHING_NEWER = `
  select not exists (select from (select relkind, relpersistence from pg_class where age(xmin) <= age($1::xid8::xid) offset 0) c
                      where c.relkind in ('r', 'p') and c.relpersistence <> 't')
     and not exists (select from (select attrelid, attnum from pg_attribute where age(xmin) <= age($1::xid8::xid) offset 0) a
                       join pg_class c on c.oid = a.attrelid
                      where a.attnum > 0 and c.relkind in ('r', 'p') and c.relpersistence <> 't')
     and not exists (select from pg_namespace where age(xmin) <= age($1::xid8::xid))
     and not exists (select from pg_largeobject_metadata) as same`;

interface Moment {
  readonly moment: string;
}

interface Fences {
  readonly fences: string;
}

/** What was written to a table while its fence was away is on no other side, also where the fence is back. */
const FENCE_PUT_BACK = 'the fence of a table was taken away and put back, and what was written meanwhile is not known';

export class SeenTables {
  /** When nothing was found the last time. */
  private moment: string | undefined;
  /** Of the first look. */
  private fences: string | undefined;

  constructor(private readonly session: Session) {}

  async look(): Promise<Found> {
    const { session, moment } = this;
    if (moment !== undefined) {
      const [[now], [fenced]] = await Promise.all([
        session.planned<{ same: boolean }>(NOTHING_NEWER, [moment]),
        session.planned<Fences>(FENCES),
      ]);
      if (now?.same && fenced?.fences === this.fences) {
        return { drifted: [], fenceGaps: [] };
      }
    }
    // in this order: what commits meanwhile is newer, and its fence another one than is kept
    const [[at], [fenced], drifted, missing] = await Promise.all([
      session.planned<Moment>(MOMENT),
      session.planned<Fences>(FENCES),
      drift(session),
      fenceGaps(session),
    ]);
    this.fences ??= fenced?.fences;
    const isPutBack = drifted.length + missing.length === 0 && fenced?.fences !== this.fences;
    const gaps = isPutBack ? [FENCE_PUT_BACK] : missing;
    this.moment = drifted.length + gaps.length === 0 ? at?.moment : undefined;
    return { drifted, fenceGaps: gaps };
  }
}
