/** Ends a task's wait when it takes too long, misses its heartbeat, or the branch is told to stop. */
import { StateFailure } from '../state-failure';
import type { TaskLimits } from '../task-events';
import type { IssuedToken } from '../task-tokens';
import type { Visit } from '../visit';

export interface Deadline {
  readonly visit: Visit;
  readonly limits: TaskLimits;
  /** Only tasks that wait for a callback have a heartbeat to miss. */
  readonly token: IssuedToken | undefined;
}

/** Runs `work`; its signal is aborted as soon as nobody waits for it any more. */
export async function withinLimits<T>(deadline: Deadline, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { visit, limits, token } = deadline;
  const controller = new AbortController();
  const contenders: Promise<T>[] = [work(controller.signal), stopped(visit.branch.signal, controller)];
  if (limits.timeoutSeconds !== undefined) contenders.push(timeout(visit, limits.timeoutSeconds, controller.signal));
  if (limits.heartbeatSeconds !== undefined && token) contenders.push(heartbeat(deadline, controller.signal));
  try {
    return await Promise.race(contenders);
  } finally {
    controller.abort();
    // The losers of the race end in rejections that nobody needs to hear of.
    for (const contender of contenders) contender.catch(() => {});
  }
}

/** Rejects when the branch is aborted, telling the work at once; forgets about it when the race is over. */
function stopped(branch: AbortSignal, race: AbortController): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => {
      reject(branch.reason);
      race.abort(branch.reason);
    };
    if (branch.aborted) return onAbort();
    branch.addEventListener('abort', onAbort, { once: true });
    race.signal.addEventListener('abort', () => branch.removeEventListener('abort', onAbort), { once: true });
  });
}

async function timeout(visit: Visit, seconds: number, over: AbortSignal): Promise<never> {
  await visit.engine.clock.sleep(seconds * 1000, over);
  throw new StateFailure({ error: 'States.Timeout', fromTask: true });
}

async function heartbeat({ visit, limits, token }: Deadline, over: AbortSignal): Promise<never> {
  const { clock } = visit.engine;
  const allowedMs = (limits.heartbeatSeconds ?? 0) * 1000;
  let lastBeat = clock.now();
  if (token) {
    token.onHeartbeat = () => {
      lastBeat = clock.now();
    };
  }
  for (let left = allowedMs; left > 0; left = lastBeat + allowedMs - clock.now()) await clock.sleep(left, over);
  throw new StateFailure({ error: 'States.Timeout', missedHeartbeat: true, fromTask: true });
}
