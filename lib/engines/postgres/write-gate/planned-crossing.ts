/** Everything that is asked while writers wait, asked once before, of nothing: so the server has planned it by then, and read its catalogs. */

import { readSequences } from '../counters/sequences';
import { MARK_ONCE_FENCED } from '../replication/marker';
import type { Session } from '../session/session';
import { BEGINNING, MOMENT, OLDER } from './client-sessions';
import { FENCED, HANDED_OVER } from './freeze';
import { STANDSTILL } from './standstill';
import { WRITERS } from './writers';

export async function planCrossing(session: Session): Promise<void> {
  await Promise.all([
    session.command('set plan_cache_mode = force_generic_plan'), // a plan of its own for each of the first five would cost as much as to run it
    session.planned(STANDSTILL),
    session.planned(WRITERS),
    session.planned(FENCED, [null, []]),
    session.planned(MARK_ONCE_FENCED, ['', null]),
    session.planned(MOMENT, ['-infinity']),
    session.planned(BEGINNING),
    session.planned(OLDER),
    session.planned(HANDED_OVER, [null, null]),
    readSequences(session, { among: [] }),
  ]);
}
