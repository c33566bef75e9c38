import { phaseTimeline, type SeenEvent } from '../../../lib/report/phase-timeline';

const entered = (name: string, atMs: number): SeenEvent => ({
  atMs,
  event: { type: 'TaskStateEntered', stateEnteredEventDetails: { name } },
});
const scheduled = (atMs: number): SeenEvent => ({ atMs, event: { type: 'TaskScheduled' } });
const answered = (status: string, detail: string, atMs: number): SeenEvent => ({
  atMs,
  event: {
    type: 'TaskSucceeded',
    taskSucceededEventDetails: { output: JSON.stringify({ StatusCode: 200, Payload: { status, detail } }) },
  },
});
const failed = (error: string, cause: string, atMs: number): SeenEvent => ({
  atMs,
  event: { type: 'TaskFailed', taskFailedEventDetails: { error, cause } },
});

describe('the timeline of phases', () => {
  it('begins a phase when its state is first entered and ends it at its last answer', () => {
    const events = [
      entered('Check blue and take the lock', 1_000),
      scheduled(1_010),
      answered('waiting', 'blue is busy', 1_100),
      entered('Check blue and take the lock', 2_000),
      scheduled(2_010),
      answered('done', 'the lock is taken', 2_500),
      entered('Take a snapshot of blue', 2_600),
      scheduled(2_610),
    ];
    expect(phaseTimeline(events)).toEqual([
      { name: 'prepare', state: 'done', startedMs: 1_000, endedMs: 2_500, attempts: 2, detail: 'the lock is taken' },
      { name: 'snapshot', state: 'running', startedMs: 2_600, endedMs: undefined, attempts: 1, detail: '' },
    ]);
  });

  it('shows the first line of what failed, and the retry that follows as running', () => {
    const cause = JSON.stringify({
      errorType: 'ChangeFailed',
      errorMessage: 'changes/1.sql:1:1: no\n  alter',
      trace: [],
    });
    const events = [entered('Apply the changes to green', 0), scheduled(1), failed('ChangeFailed', cause, 5)];
    expect(phaseTimeline(events)[0]).toMatchObject({
      state: 'failed',
      endedMs: 5,
      detail: 'ChangeFailed: changes/1.sql:1:1: no',
    });
    expect(phaseTimeline([...events, scheduled(9)])[0]).toMatchObject({ state: 'running', attempts: 2 });
  });

  it('shows a failure that the workflow tries again as that, not as the end of the phase', () => {
    const cause = JSON.stringify({ errorMessage: 'blue is not available right now' });
    const events = [entered('Apply the changes to green', 0), scheduled(1), failed('TemporarilyUnavailable', cause, 5)];
    expect(phaseTimeline(events)[0]).toMatchObject({
      state: 'retrying',
      endedMs: 5,
      detail: 'TemporarilyUnavailable: blue is not available right now',
    });
  });

  it('knows nothing of states that are no phase', () => {
    expect(phaseTimeline([entered('Somewhere else', 0), scheduled(1)])).toEqual([]);
  });
});
