/** What can still be done on a side that refuses writes, looked for; and whether anything was, however much there would be to look at. */
import { MovedSequences } from '../counters/moved-sequences';
import type { LookedAtAll } from '../counters/postgres-counters';
import type { KnownSequences } from '../counters/sequence-value';
import { Session, type SessionOptions } from '../session/session';
import { SeenTables } from './seen-tables';

/**
 * Whoever writes has a number that the server gave to nobody before, and when it has written there is another snapshot. None
 * while somebody is in the middle of it, in whichever database: that one has its number already.
 */
export const STANDSTILL = `
  select pg_current_snapshot()::text as standstill
   where not exists (select from pg_locks where locktype = 'transactionid' and granted)`;

interface Standing {
  readonly standstill: string;
}

/** Looks over connections of its own, so that what is urgent does not wait behind it, and at both at the same time. */
export class Lookout {
  private readonly ofTables: Session;
  private readonly ofSequences: Session;
  private readonly sequences: MovedSequences;
  private readonly tables: SeenTables;

  constructor(options: SessionOptions) {
    this.ofTables = new Session(options);
    this.ofSequences = new Session(options);
    this.tables = new SeenTables(this.ofTables);
    this.sequences = new MovedSequences(this.ofSequences);
  }

  async lookAtAll(known: KnownSequences): Promise<LookedAtAll> {
    const { ofTables, ofSequences, sequences } = this;
    await sequences.prepare();
    for (const session of [ofTables, ofSequences]) {
      session.command('set plan_cache_mode = force_generic_plan').catch(() => undefined); // what else is in its message fails with it
    }
    // in each message the first question: what is written from there on is found out about by it
    const [[atTables], [atSequences], tables, moved] = await Promise.all([
      ofTables.planned<Standing>(STANDSTILL),
      ofSequences.planned<Standing>(STANDSTILL),
      this.tables.look(),
      sequences.since(known),
    ]);
    const isStill = sequences.areTraced && atTables?.standstill === atSequences?.standstill;
    return { ...tables, moved, standstill: isStill ? atTables?.standstill : undefined };
  }

  async close(): Promise<void> {
    await Promise.all([this.ofTables.close(), this.ofSequences.close()]);
  }
}

export async function isUnwrittenSince(session: Session, standstill: string): Promise<boolean> {
  const [now] = await session.planned<Standing>(STANDSTILL);
  return now?.standstill === standstill;
}
