/** Wait: sleeps on the engine's clock for a number of seconds or until an instant. */
import { flowFor } from '../flow/flow-for';
import type { Outcome } from '../outcome';
import { secondsField } from '../seconds-field';
import type { Visit } from '../visit';

/** An extended offset date-time: the offset is not optional. */
const INSTANT = /^\d{4}-(\d\d)-(\d\d)T(\d\d):(\d\d)(:(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

export async function runWait(visit: Visit): Promise<Outcome> {
  await visit.engine.clock.sleep(await delayOf(visit), visit.branch.signal);
  return { ...(await flowFor(visit).yielded(visit, {})), next: visit.state.Next };
}

async function delayOf(visit: Visit): Promise<number> {
  const timestamp = await flowFor(visit).field(visit, 'Timestamp', 'string');
  if (timestamp !== undefined) return Math.max(0, instantOf(visit, timestamp) - visit.engine.clock.now());
  return 1000 * ((await secondsField(visit, 'Seconds')) ?? 0);
}

function instantOf(visit: Visit, timestamp: unknown): number {
  visit.begin();
  const text = String(timestamp);
  const [, month, day, hour, minute] = INSTANT.exec(text) ?? [];
  const instant = Date.parse(text);
  if (
    month !== undefined &&
    !Number.isNaN(instant) &&
    isCalendarDay(text) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    day
  )
    return instant;
  if (visit.state.TimestampPath !== undefined) {
    throw visit.runtimeFailure(
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${visit.state.TimestampPath} == ${text}`,
    );
  }
  throw visit.evaluationFailure(
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
    'Timestamp',
  );
}

/** Date.parse rolls 31 February over into March. */
function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
